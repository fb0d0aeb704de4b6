"""The clock: business time that only a few may set, and the company's day."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from xiaoguan.kit import clock

MIDNIGHT_SOON = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)


def test_now_is_aware_and_runs() -> None:
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_day_turns_where_the_company_is() -> None:
    with clock.at(MIDNIGHT_SOON):
        assert clock.today() == date(2026, 11, 23)
    with clock.at(MIDNIGHT_SOON + timedelta(seconds=1)):
        assert clock.today() == date(2026, 11, 24)


def test_a_company_says_its_own_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_zone_source", [lambda: ZoneInfo("America/New_York")])
    with clock.at(datetime(2026, 11, 23, 2, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 11, 22)
    monkeypatch.setattr(clock, "_zone_source", [lambda: None])
    assert clock.zone() == ZoneInfo("Asia/Shanghai")


def test_setting_nests_and_ends_with_an_error() -> None:
    outer, inner = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    with clock.at(outer):
        with suppress(RuntimeError), clock.at(inner):
            assert clock.now() == inner
            raise RuntimeError
        assert clock.now() == outer
        assert clock.machine_now() > datetime(2025, 1, 1, tzinfo=UTC)
    assert clock.now() > datetime(2025, 1, 1, tzinfo=UTC)


def test_a_moment_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        clock.at(datetime(2026, 1, 1))  # noqa: DTZ001  naive on purpose


def test_product_code_may_not_set_it() -> None:
    caller = {"__name__": "xiaoguan.apps.customers.actions", "clock": clock, "moment": MIDNIGHT_SOON}
    with pytest.raises(PermissionError, match="actions"):
        exec("clock.at(moment)", caller)


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("xiaoguan.demo", True),
        ("xiaoguan.demo.deals", True),
        ("xiaoguan.demonstration", False),
        ("xiaoguan.transfer.run", True),
        ("xiaoguan.kit.action", False),
        ("xiaoguan.apps.goals.tests.test_pace", True),
        ("tests.test_main_job", True),
        ("test_pace", True),
        ("xiaoguan.apps.goals.contests", False),
        ("__main__", False),
        ("", False),
    ],
)
def test_who_may_set_it(module: str, allowed: bool) -> None:
    assert clock.may_set(module) is allowed
