"""Which stretch of time a page speaks of: from its address, in words, and the stretches to compare it with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404
from django.utils.translation import gettext as _, gettext_lazy, pgettext, pgettext_lazy

from xiaoguan.apps.goals.here import named
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period
from xiaoguan.kit import clock, render

KINDS = {
    "day": pgettext_lazy("period", "Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
    "quarter": gettext_lazy("Quarter"),
    "year": gettext_lazy("Year"),
}
YEAR_BACK = "last_12_months"
WORDS = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "this_week": gettext_lazy("This week"),
    "last_week": gettext_lazy("Last week"),
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "this_quarter": gettext_lazy("This quarter"),
    "last_quarter": gettext_lazy("Last quarter"),
    "this_year": gettext_lazy("This year"),
    "last_year": gettext_lazy("Last year"),
    YEAR_BACK: gettext_lazy("Last 12 months"),
}
SHIFTS = {"this": 0, "last": -1}
DAY = timedelta(days=1)
LONGEST = 3 * 366
"""Days of a stretch of one's own choosing: longer ones would have more points than a chart can show."""


def running(kind: str) -> Period:
    """The period of a kind that today lies in."""
    return calendar().of(kind, clock.today())


def parse(code: str, otherwise: str = "month") -> Period:
    """The period of an address: a code like 2026-11 or a kind, whose running one is meant; not found on nonsense."""
    if not code or code in KINDS:
        return running(code or otherwise)
    try:
        return calendar().parse(code)
    except PeriodError:
        raise Http404 from None


@dataclass(frozen=True)
class Stretch:
    """Days from first to last; `period` where they are one of the fiscal calendar; `code` as addresses say it."""

    code: str
    first: date
    last: date
    period: Period | None = None

    @property
    def label(self) -> str:
        """The stretch in words."""
        if self.code == YEAR_BACK:
            return str(WORDS[self.code])
        if self.period is not None:
            return named(self.period)
        return f"{render.day_edit(self.first)} – {render.day_edit(self.last)}"

    @property
    def grain(self) -> str:
        """The step of its points: days of a month, weeks of a quarter, months of a year."""
        days = (self.last - self.first).days + 1
        return "day" if days <= 31 else "week" if days <= 120 else "month"

    @property
    def points(self) -> list[Period]:
        """Its points, the first and the last perhaps cut."""
        return calendar().tile(self.grain, self.first, self.last)

    def before(self) -> Stretch:
        """The same number of days of the period before; of a running one only as many as are over with today."""
        if self.period is not None:
            return self._as_far(self.period.previous())
        days = (self.last - self.first).days + 1
        return Stretch("", self.first - days * DAY, self.first - DAY)

    def year_before(self) -> Stretch:
        """The same time last year, as far as this one has come."""
        if self.period is not None:
            return self._as_far(self.period.year_before())
        return Stretch("", self.first - 364 * DAY, self.last - 364 * DAY)

    def _as_far(self, other: Period) -> Stretch:
        today = clock.today()
        if self.first <= today < self.last:
            return Stretch(other.code, other.start, min(other.start + (today - self.first), other.end), other)
        return Stretch(other.code, other.start, other.end, other)


def stretch(code: str) -> Stretch:
    """The stretch of an address: a word, a code such as 2026-Q4, or `first..last`; not found on nonsense."""
    if code == YEAR_BACK:
        month = running("month")
        return Stretch(code, month.shift(-11).start, month.end)
    if code in WORDS:
        lead, _mark, kind = code.partition("_")
        found = running(kind or "day").shift(SHIFTS[lead] if kind else -1 if code == "yesterday" else 0)
        return Stretch(code, found.start, found.end, found)
    first, mark, last = code.partition("..")
    if not mark:
        found = parse(code)
        return Stretch(code, found.start, found.end, found)
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise Http404 from None
    if not timedelta(0) <= days[1] - days[0] < timedelta(days=LONGEST) or days[0].year < 1900 or days[1].year > 9000:
        raise Http404
    return Stretch(code, *days)


def short(point: Period) -> str:
    """A point as the axis of a chart names it."""
    if str(point.kind) == "month":
        return str(_("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec").split("|")[point.start.month - 1])
    words = {"day": point.start.day, "month": point.start.month}
    return pgettext("short date", "%(month)s/%(day)s") % words
