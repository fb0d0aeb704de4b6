"""The columnar copy says what the database says: whole, behind, damaged, while others write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics import queries, sources
from xiaoguan.apps.metrics.columns import engine, files, keeping, reading
from xiaoguan.apps.metrics.models import Ahead, Copied
from xiaoguan.apps.metrics.queries import Figures, figures
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.metrics.tests import making, test_dictionary
from xiaoguan.apps.metrics.tests.test_dictionary import sell
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.models import Membership
from xiaoguan.apps.territories.models import Territory
from xiaoguan.config.copy_look import columns
from xiaoguan.kit import derived, job, memo, worker
from xiaoguan.kit.action import create, remove, update
from xiaoguan.kit.models.job import Job

from tests.cast import Cast

pytestmark = pytest.mark.django_db
ALL = Slice(date(2020, 1, 1), date(2030, 12, 31))
BY = [(), ("person", "month"), ("unit", "tier"), ("territory", "kind"), ("turn", "industry"), ("region", "source")]


@pytest.fixture(autouse=True)
def worth(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[None]:
    """Any company is large enough here, and every question goes to the copy."""
    settings.XIAOGUAN_HOME = tmp_path
    monkeypatch.setattr(keeping, "WORTH", 0)
    monkeypatch.setattr(keeping, "REST", 0)
    monkeypatch.setattr(reading, "FEW", -1)
    monkeypatch.setattr(sources, "stretches", lambda *_asked: ())
    reading.kept.drop()
    yield
    reading.kept.drop()


def run() -> dict[str, Any]:
    """Let the job make the next copy."""
    made = job.enqueue(keeping.KIND)
    worker.drain()
    row = Job.objects.get(pk=made.pk)
    assert row.state == Job.State.DONE, row.trace
    memo.forget()
    found: dict[str, Any] = row.result
    return found


def by_database(asked: list[Metric], where: Slice, by: tuple[str, ...]) -> Figures:
    """What the database alone says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "fitting", lambda *_asked: False)
        return figures(asked, where, by)


def by_copy(asked: list[Metric], where: Slice, by: tuple[str, ...]) -> Figures:
    """What is said with the copy, which really answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "_asked", lambda *_asked: pytest.fail("the database was asked"))
        return figures(asked, where, by)


def test_every_metric_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every shipped metric by every dimension, of all kinds of slices, and who is counted: the same whole numbers."""
    asked = making.make()
    assert run()["credits"] > 2000
    year = SimpleNamespace(fiscal_year_start=1)
    monkeypatch.setattr(queries, "company", lambda: year)
    for place, where in enumerate(making.slices()):
        year.fiscal_year_start = (1, 3, 11)[place % 3]
        for by in making.CUTS if place < 3 else making.CUTS[::4]:
            alone, found = by_database(asked, where, by), by_copy(asked, where, by)
            assert found.rows == alone.rows or not alone.rows, (where, by)
            assert {key: values for key, values in found.rows.items() if any(values)}.keys() <= alone.rows.keys()
    for code in ("customers_won", "repurchase_rate"):
        whole, by = next(making.slices()), ("month",)
        assert by_copy(asked, whole, by).total(metrics[code]) == by_database(asked, whole, by).total(metrics[code])


def test_what_is_committed_is_in_the_next_answer(cast: Cast) -> None:
    """Written, moved in time and place, handed over, shared out, deleted: at once and after the next copy."""
    sell(cast)
    run()
    asked = list(metrics.values())
    seen: list[Any] = []

    def same(copied: bool = True) -> None:
        for by in BY:
            assert by_copy(asked, ALL, by).rows == by_database(asked, ALL, by).rows, by
        seen.append(by_copy(asked, ALL, ("territory", "tier", "unit", "month")).rows)
        if copied:
            assert len(seen) < 2 or seen[-1] != seen[-2]
            assert Ahead.objects.exists()

    same(copied=False)
    boss = cast.director
    customer = Customer.objects.order_by("pk").first()
    deal = Deal.objects.filter(customer=customer, won_on__isnull=False).order_by("-won_on").first()
    values = {"customer": customer, "owner": cast.seller, "opened_on": date(2025, 1, 2), "name": "early",
              "stage": Stage.objects.get(code="after_sales"), "won_on": date(2025, 2, 28), "amount": 700}  # fmt: skip
    early = create(Deal, values, actor=boss)  # every other one of this customer is another time now
    same()
    update(Deal.objects.get(pk=deal.pk), {"opened_on": date(2024, 1, 2), "won_on": date(2024, 2, 29)}, actor=boss)
    same()
    update(Customer.objects.get(pk=customer.pk), {"tier": "D", "industry": "glass", "province": "上海市"}, actor=boss)
    same()
    run()
    assert not Ahead.objects.exists()
    same(copied=False)
    create(Territory, {"name": "East", "regions": "上海市"}, actor=boss)  # its customers lie in it from now on
    same()
    remove(Deal.objects.get(pk=early.pk), actor=boss)
    same()
    member = Membership.objects.filter(person=cast.seller).first()
    update(member, {"team": cast.wolves if member.team == cast.tigers else cast.tigers}, actor=cast.administrator)
    same()
    run()
    same(copied=False)


@pytest.mark.once
def test_shown_and_hidden_are_the_figure_of_the_copy(cast: Cast) -> None:
    """What a reader may see and what he may not add up to what the copy says."""
    sell(cast)
    run()
    for part in ("seller", "director"):
        test_dictionary.test_shown_and_hidden_are_the_figure(cast, part)


def test_only_what_was_read_is_taken_off(cast: Cast) -> None:
    """A change that commits while a copy is made stays marked; a copy overtaken by another never comes to hold."""
    sell(cast)
    first = keeping.make()
    assert first is not None
    update(Deal.objects.filter(won_on__isnull=False).first(), {"amount": 123_00}, actor=cast.director)
    assert keeping.publish(first)
    memo.forget()
    asked = [metrics["won_amount"]]
    assert Ahead.objects.exists()
    assert by_copy(asked, ALL, ("tier",)).rows == by_database(asked, ALL, ("tier",)).rows
    second, third = keeping.make(), keeping.make()
    assert second is not None and third is not None
    assert keeping.publish(second) and not keeping.publish(third)


def test_a_damaged_copy_is_not_read(cast: Cast) -> None:
    """A file that is gone or was written over: the database answers, the doctor says so, the job makes it anew."""
    sell(cast)
    run()
    (fine,) = columns()
    assert fine.state == "ok"
    asked, by = [metrics["won_amount"]], ("tier",)
    right = by_copy(asked, ALL, by).rows
    part = files.opened(Copied.objects.get().name).parts[0]
    content = files.path(part.file).read_bytes()
    for harm in (content[:12_288] + bytes(len(content) - 12_288), bytes(len(content)), b"", None):
        reading.kept.drop()
        if harm is None:
            files.path(part.file).unlink()
        else:
            files.path(part.file).write_bytes(harm)
        assert figures(asked, ALL, by).rows == right
        with pytest.raises(pytest.fail.Exception):
            by_copy(asked, ALL, by)
        (ill,) = columns()
        assert ill.state == "warn" and part.file in ill.text and "--rebuild" in ill.mend
    run()
    assert by_copy(asked, ALL, by).rows == right
    derived.everything[keeping.KIND].rebuild()
    memo.forget()
    assert by_copy(asked, ALL, by).rows == right
    listed = {each.file for each in files.opened(Copied.objects.get().name).parts}
    assert {each.name for each in files.folder().glob("*.duckdb")} >= listed


@pytest.mark.once
def test_without_it_everything_is_as_before(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small company keeps no copy and no marks; one that lacks the extra is told when it pays."""
    sell(cast)
    monkeypatch.setattr(keeping, "WORTH", 10_000)
    assert run() == {"credits": 0} and not Ahead.objects.exists() and list(columns()) == []
    monkeypatch.setattr(keeping, "WORTH", 1)
    (told,) = columns()
    assert told.state == "warn" and "worker" in told.mend
    monkeypatch.setattr(engine, "is_installed", lambda: False)
    (told,) = columns()
    assert told.state == "warn" and "xiaoguan[columns]" in told.mend
    assert run() == {"credits": 0}
    assert not reading.fitting(metrics["won_amount"].measures, ["tier"], ALL)
    settings.XIAOGUAN_COLUMNS = False
    monkeypatch.setattr(engine, "is_installed", lambda: True)
    (told,) = columns()
    assert told.state == "ok"


@pytest.mark.once
def test_what_the_database_finds_at_once_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One person, one week; and after changes to half the company."""
    monkeypatch.setattr(reading, "FEW", 20)
    one = metrics["customers_won"].measures
    assert reading.fitting(one, ["month"], ALL)
    assert not reading.fitting(one, ["month"], Slice(ALL.first, ALL.last, people=[1]))
    assert not reading.fitting(one, [], Slice(date(2026, 1, 5), date(2026, 1, 11)))
    monkeypatch.setattr(reading, "MOST", 1)
    Copied.objects.create(pk=1, name="one")
    assert reading._see() is not None
    Ahead.objects.bulk_create([Ahead(party=1), Ahead(party=2)])
    assert reading._see() is None
    Ahead.objects.all().delete()
    Ahead.objects.create()
    assert reading._see() is None
