"""Sign-ins that earlier versions kept twice come into one book without losing one, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from xiaoguan.kit import clock

from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = ("audit", "0001_readings_and_reviews"), ("audit", "0003_readings_alone")


def to(*name: str) -> Any:
    """Migrate there; the models as they were then."""
    executor = MigrationExecutor(connection)
    executor.migrate([name])  # type: ignore[list-item]
    return MigrationExecutor(connection).loader.project_state([name]).apps  # type: ignore[arg-type]


@pytest.fixture
def old(cast: Cast) -> Iterator[Callable[..., Any]]:
    """Back to the old tables; whatever happens, forward again."""
    yield lambda: to(*BEFORE).get_model
    to(*AFTER)


def test_no_event_is_lost_and_none_told_twice(cast: Cast, old: Callable[..., Any]) -> None:
    model = old()
    entry, book = model("audit", "AccessEntry").objects, MigrationExecutor(connection).loader
    sign_in = book.project_state([("org", "0005_one_book")]).apps.get_model("org", "SignIn").objects
    assert not entry.exists() and not sign_in.exists()
    me, peer, at, tick = cast.seller.pk, cast.peer.pk, clock.machine_now(), dt.timedelta(milliseconds=20)

    def logged(how: str, actor: int | None, when: dt.datetime, name: str = "", where: str = "10.0.0.7") -> None:
        entry.create(how=how, actor_id=actor, at=when, name=name, where=where)

    def stands(kind: str, outcome: str, person: int | None, when: dt.datetime) -> None:
        sign_in.create(kind=kind, outcome=outcome, person_id=person, at=when, address="10.0.0.7", agent="Firefox")

    hour = dt.timedelta(hours=1)
    logged("open", me, at)  # a reading stays
    for number in range(3):  # three tries in a moment, each written in both: none merged into another's
        stands("password", "failed", None, at + number * tick)
        logged("failed", None, at + number * tick + tick / 2, name=f"typed {number}")
    logged("failed", None, at + 3 * tick, name="a fourth")  # in the log alone
    stands("passkey", "done", me, at + hour)
    logged("sign_in", me, at + hour + tick)
    stands("confirm", "done", peer, at + hour)
    logged("sign_in", peer, at + hour)  # the confirmation is something else
    stands("password", "refused", peer, at + 2 * hour)
    logged("failed", peer, at + 2 * hour + tick, name="peer")
    stands("password", "failed", me, at + 3 * hour)
    logged("failed", None, at + 3 * hour, name="lin@example.com")  # an address typed: the log knew nobody
    logged("sign_out", me, at + 4 * hour, where="x" * 64)
    logged("sign_in", me, at - 300 * 24 * hour)  # long before there was a book
    stands("sign_out", "done", me, at + 4 * hour + dt.timedelta(seconds=10))  # another one

    rows = to(*AFTER)
    now = [(each.how, each.actor_id) for each in rows.get_model("audit", "AccessEntry").objects.all()]
    assert now == [("open", me)]
    told = sign_in.order_by("at", "kind").values_list("kind", "outcome", "person_id", "name")
    assert list(told) == [
        ("unnoted", "done", me, ""),
        ("password", "failed", None, "typed 0"),
        ("password", "failed", None, "typed 1"),
        ("password", "failed", None, "typed 2"),
        ("password", "failed", None, "a fourth"),
        ("confirm", "done", peer, ""),
        ("passkey", "done", me, ""),
        ("unnoted", "done", peer, ""),
        ("password", "refused", peer, ""),
        ("password", "failed", me, "lin@example.com"),
        ("sign_out", "done", me, ""),
        ("sign_out", "done", me, ""),
    ]
    before = list(sign_in.order_by("pk").values())

    entry = to(*BEFORE).get_model("audit", "AccessEntry").objects
    ways = [each.how for each in entry.order_by("at", "pk")]
    assert sorted(ways) == sorted(["open", *["sign_in"] * 3, *["failed"] * 6, *["sign_out"] * 2])
    assert set(entry.filter(how="failed").values_list("name", flat=True)) >= {"typed 0", "a fourth", "lin@example.com"}
    to(*AFTER)
    assert list(sign_in.order_by("pk").values()) == before
