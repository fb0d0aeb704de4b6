"""However many processes hand it out, no more is given in a minute than is allowed, and nearly all of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings, strategies as st

from xiaoguan.kit import allowance
from xiaoguan.kit.models.allowance import Taken

pytestmark = pytest.mark.django_db
NOON = 1_800_000_000.0 - 1_800_000_000.0 % 60


class Processes:
    """Several processes in one: each with a memory of its own."""

    def __init__(self, count: int) -> None:
        self.memories: list[dict[str, Any]] = [{} for _each in range(count)]

    def take(self, number: int, most: int) -> bool:
        """Whether this process gives one out."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(allowance, "_shares", self.memories[number])
            patch.setattr(allowance.time, "time", lambda: NOON + 20.5)
            return allowance.take("t", most) == 0


@given(most=st.integers(1, 90), asked=st.lists(st.integers(0, 3), min_size=1, max_size=240))
@settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_no_more_than_allowed_by_all_together(most: int, asked: list[int]) -> None:
    allowance.reset()
    processes = Processes(4)
    given_out = sum(processes.take(number, most) for number in asked)
    assert given_out <= most
    held_back = 3 * max(1, most // allowance.PORTIONS)  # by processes that are asked no more
    assert given_out >= min(most - held_back, len(asked))


def test_one_process_gives_all_of_it_and_says_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance.time, "time", lambda: NOON + 20.5)
    assert [allowance.take("t", 100) for _each in range(101)] == [0] * 100 + [40]
    assert allowance.take("other", 100) == 0
    monkeypatch.setattr(allowance.time, "time", lambda: NOON + 60)
    assert allowance.take("t", 100) == 0
    assert list(Taken.objects.filter(name="t").values_list("minute", flat=True)) == [int(NOON // 60) + 1]


def test_most_requests_write_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance.time, "time", lambda: NOON)
    allowance.take("t", 600)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _each in range(29):
            assert allowance.take("t", 600) == 0
    assert not queries.captured_queries
