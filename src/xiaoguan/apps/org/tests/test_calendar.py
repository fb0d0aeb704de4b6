"""Working days: the week, published holidays, the company's own days; and the day itself in the company's zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from xiaoguan.apps.org import zone
from xiaoguan.apps.org.models import CalendarDay, Company
from xiaoguan.apps.org.queries import company, holidays_published, working_calendar
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import clock
from xiaoguan.kit.action import create, update
from xiaoguan.kit.errors import Invalid

from tests.cast import Cast

NATIONAL_DAY, MADE_UP, SATURDAY = dt.date(2026, 10, 1), dt.date(2026, 10, 10), dt.date(2026, 11, 14)


def test_published_holidays(cast: Cast) -> None:
    """A holiday on a Thursday is off, the Saturday made up for it is worked, others follow the week."""
    days = working_calendar()
    assert [days.works(day) for day in (NATIONAL_DAY, MADE_UP, SATURDAY)] == [False, True, False]
    november = FiscalCalendar().month(dt.date(2026, 11, 18))
    progress = days.progress(november, dt.date(2026, 11, 18))
    assert (progress.total, progress.number) == (21, 13)


def test_years_not_published_yet(cast: Cast) -> None:
    """Monday to Friday, and pages can say so."""
    assert holidays_published(2026)
    assert not holidays_published(2099)
    assert working_calendar().works(dt.date(2099, 10, 1)) == (dt.date(2099, 10, 1).weekday() < 5)


def test_the_companys_own_days_come_first(cast: Cast) -> None:
    """Each change counts at once."""
    assert not working_calendar().works(SATURDAY)
    own = create(CalendarDay, {"day": SATURDAY, "working": True, "note": "Fair"}, actor=cast.hr)
    assert working_calendar().works(SATURDAY)
    update(own, {"working": False}, actor=cast.hr)
    assert not working_calendar().works(SATURDAY)
    create(CalendarDay, {"day": NATIONAL_DAY, "working": True}, actor=cast.hr)
    assert working_calendar().works(NATIONAL_DAY)


def test_a_six_day_week(cast: Cast) -> None:
    """The company's week moves the weekends, not the holidays."""
    update(cast.company, {"workdays": "123456"}, actor=cast.administrator)
    days = working_calendar()
    assert days.works(SATURDAY)
    assert not days.works(NATIONAL_DAY)


@pytest.mark.parametrize(
    ("name", "value"), [("workdays", "21"), ("workdays", ""), ("time_zone", "Mars/Base"), ("fiscal_year_start", 13)]
)
def test_senseless_settings(cast: Cast, name: str, value: object) -> None:
    """Are refused with the field's name."""
    with pytest.raises(Invalid) as refused:
        update(cast.company, {name: value}, actor=cast.administrator)
    assert name in refused.value.errors


def test_there_is_one_company(cast: Cast) -> None:
    """A second one is refused; before there is one, defaults stand in."""
    with pytest.raises(Invalid):
        create(Company, {"name": "Second"}, actor=cast.administrator)
    Company.objects.all().delete()
    assert (company().pk, company().fiscal_year_start, company().created_at) == (1, 1, None)


def test_the_day_is_counted_where_the_company_is(cast: Cast) -> None:
    """A changed zone counts at once in this process."""
    clock.use_zone(zone.zone)
    assert clock.zone() == ZoneInfo("Asia/Shanghai")
    update(cast.company, {"time_zone": "America/New_York"}, actor=cast.administrator)
    assert clock.zone() == ZoneInfo("America/New_York")
    with clock.at(dt.datetime(2026, 11, 18, 3, tzinfo=dt.UTC)):
        assert clock.today() == dt.date(2026, 11, 17)
