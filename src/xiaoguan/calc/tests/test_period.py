"""Laws of periods and working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import FiscalCalendar, Kind, Period, WorkCalendar

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
calendars = st.builds(FiscalCalendar, st.integers(1, 12), st.sampled_from(["start", "end"]))
kinds = st.sampled_from(list(Kind))
NOVEMBER = FiscalCalendar().month(date(2026, 11, 18))


@settings(max_examples=40)
@given(calendars, kinds, days)
def test_periods_tile(calendar: FiscalCalendar, kind: Kind, day: date) -> None:
    period = calendar.of(kind, day)
    assert period.start <= day <= period.end
    assert day in period
    assert period.contains(period.end)
    assert period.next().start == period.end + timedelta(days=1)
    assert period.next().previous() == period
    assert period.end + timedelta(days=1) not in period
    assert calendar.of(kind, period.end) == period == calendar.of(kind, period.start)
    assert period.days == (period.end - period.start).days + 1 == len(list(period.each_day()))


@settings(max_examples=40)
@given(calendars, kinds, days, st.integers(-30, 30), st.integers(-30, 30))
def test_shifts_add_up_and_codes_sort(calendar: FiscalCalendar, kind: Kind, day: date, one: int, two: int) -> None:
    period = calendar.of(kind, day)
    assert period.shift(one).shift(two) == period.shift(one + two)
    assert (period.shift(one).code < period.shift(two).code) == (one < two)
    assert (period.shift(one) < period.shift(two)) == (one < two)


@settings(max_examples=40)
@given(calendars, kinds, days)
def test_codes_read_back(calendar: FiscalCalendar, kind: Kind, day: date) -> None:
    period = calendar.of(kind, day)
    assert calendar.parse(period.code) == period


@settings(max_examples=40)
@given(calendars, days)
def test_years_nest(calendar: FiscalCalendar, day: date) -> None:
    year = calendar.year(day)
    assert len(year.split("quarter")) == 4
    assert len(year.split("month")) == 12
    assert len(year.split("day")) == year.days
    assert [quarter.index for quarter in year.split("quarter")] == [1, 2, 3, 4]
    assert [month.index for month in year.split(Kind.MONTH)] == list(range(1, 13))
    assert calendar.month(day).within("quarter") == calendar.quarter(day)
    assert calendar.quarter(day).within("year") == year
    assert [month for quarter in year.split("quarter") for month in quarter.split("month")] == year.split("month")


@pytest.mark.parametrize(
    ("calendar", "code", "first", "last"),
    [(FiscalCalendar(), "2026", date(2026, 1, 1), date(2026, 12, 31)),
     (FiscalCalendar(4), "2026", date(2026, 4, 1), date(2027, 3, 31)),
     (FiscalCalendar(4, "end"), "2026", date(2025, 4, 1), date(2026, 3, 31)),
     (FiscalCalendar(4), "2026-Q4", date(2027, 1, 1), date(2027, 3, 31)),
     (FiscalCalendar(), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
     (FiscalCalendar(7), "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
     (FiscalCalendar(), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
     (FiscalCalendar(), "2026-11-18", date(2026, 11, 18), date(2026, 11, 18))],
)  # fmt: skip
def test_codes_by_hand(calendar: FiscalCalendar, code: str, first: date, last: date) -> None:
    period = calendar.parse(code)
    assert (period.start, period.end, period.code) == (first, last, code)


@pytest.mark.parametrize("code", ["", "26", "2026-13", "2026-Q5", "2026-W54", "2026-02-30", "2026-1", "9999", "x2026"])
def test_bad_codes(code: str) -> None:
    with pytest.raises(PeriodError, match="bad_period_code"):
        FiscalCalendar().parse(code)


def test_refusals() -> None:
    with pytest.raises(PeriodError, match="not_a_period_start"):
        Period(date(2026, 11, 2), Kind.MONTH)
    with pytest.raises(PeriodError, match="bad_start_month"):
        FiscalCalendar(13)
    with pytest.raises(PeriodError, match="ends_before_start"):
        FiscalCalendar().tile("day", date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(PeriodError, match="does_not_tile"):
        FiscalCalendar().parse("2027-02").split("week")  # even the February of four whole weeks
    with pytest.raises(PeriodError, match="does_not_tile"):
        FiscalCalendar().parse("2026-W47").within("month")
    with pytest.raises(PeriodError, match="does_not_tile"):
        NOVEMBER.split("quarter")


def test_the_year_before() -> None:
    assert NOVEMBER.year_before().code == "2025-11"
    assert FiscalCalendar().parse("2026-Q1").year_before().code == "2025-Q1"
    assert FiscalCalendar().parse("2026").year_before().code == "2025"
    week = FiscalCalendar().parse("2026-W47")
    assert week.start - week.year_before().start == timedelta(days=364)


@st.composite
def work_calendars(draw: st.DrawFn) -> WorkCalendar:
    exceptions = draw(st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 3, 31)), st.booleans(), max_size=20))
    return WorkCalendar(exceptions, draw(st.frozensets(st.integers(0, 6), min_size=1)))


@settings(max_examples=40)
@given(work_calendars(), st.dates(date(2025, 12, 20), date(2026, 4, 10)), st.integers(-3, 110))
def test_counting_equals_asking_each_day(calendar: WorkCalendar, first: date, length: int) -> None:
    last = first + timedelta(days=length - 1)
    asked = [calendar.works(first + timedelta(days=n)) for n in range(max(length, 0))]
    assert calendar.count(first, last) == sum(asked)
    assert calendar.weights(first, last).tolist() == [int(works) for works in asked]


@settings(max_examples=40)
@given(work_calendars(), st.dates(date(2026, 2, 1), date(2026, 2, 28)), st.integers(1, 20))
def test_adding_working_days(calendar: WorkCalendar, day: date, count: int) -> None:
    after = calendar.add(day, count)
    assert calendar.works(after)
    assert calendar.count(day + timedelta(days=1), after) == count
    before = calendar.add(day, -count)
    assert calendar.count(before, day - timedelta(days=1)) == count
    assert calendar.add(day, 0) == day


@settings(max_examples=40)
@given(work_calendars(), st.dates(date(2026, 1, 20), date(2026, 3, 10)))
def test_progress_laws(calendar: WorkCalendar, today: date) -> None:
    period = FiscalCalendar().parse("2026-02")
    progress = calendar.progress(period, today)
    assert 0 <= progress.elapsed <= progress.total
    assert progress.elapsed + progress.left == progress.total
    assert progress.on_pace(0) == 0
    if today <= period.start:
        assert (progress.elapsed, progress.rate) == (0, 0)
    if today > period.end:
        assert (progress.left, progress.rate) == (0, 100_000)


def test_the_month_of_the_pictures() -> None:
    progress = WorkCalendar().progress(NOVEMBER, date(2026, 11, 18))
    assert (progress.elapsed, progress.total, progress.number, progress.left) == (12, 21, 13, 9)
    assert progress.rate == 57_143
    assert progress.on_pace(120_000_000) == 68_571_429  # 120 of ten thousands, in fen: 68.57 by now


def test_a_day_off_is_no_current_day() -> None:
    saturday = WorkCalendar().progress(NOVEMBER, date(2026, 11, 21))
    assert (saturday.elapsed, saturday.number, saturday.today_counts, saturday.left) == (15, 15, False, 6)


def test_a_period_without_working_days_counts_calendar_days() -> None:
    week = FiscalCalendar().parse("2026-W08")
    holiday = WorkCalendar(dict.fromkeys(week.each_day(), False))
    progress = holiday.progress(week, week.start + timedelta(days=2))
    assert (progress.total, progress.elapsed, progress.counting) == (7, 2, "calendar")


def test_a_calendar_that_never_works() -> None:
    with pytest.raises(PeriodError, match="no_working_days"):
        WorkCalendar(workweek=frozenset()).add(date(2026, 1, 1), 1)
