"""Reading targets: of one subject and period, or of many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.models.target import subject_key, value_field
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.queries import company
from xiaoguan.calc.period import FiscalCalendar, Period
from xiaoguan.kit import access

SUMMED = {"year": ("quarter", "month"), "quarter": ("month",), "month": ()}


def calendar() -> FiscalCalendar:
    """The company's fiscal calendar."""
    return FiscalCalendar(company().fiscal_year_start)


def person_key(person_id: int) -> str:
    """The subject of a person's target."""
    return subject_key(Level.PERSON, person_id)


def team_key(team_id: int) -> str:
    """The subject of a team's target."""
    return subject_key(Level.TEAM, team_id)


COMPANY = subject_key(Level.COMPANY, None)


@dataclass(frozen=True)
class Targets:
    """The targets of one metric in a stretch of time: (subject, kind, first day) → fen, count or rate."""

    metric: Metric
    values: Mapping[tuple[str, str, date], int]

    def of(self, subject: str, period: Period) -> int | None:
        """A period's target: its own row, else the sum of the parts that have one, else None.

        A rate is never summed. A year without a row of its own adds its quarters, each of which
        may in turn be the sum of its months.
        """
        own = self.values.get((subject, str(period.kind), period.start))
        if own is not None or not self.metric.additive:
            return own
        for kind in SUMMED.get(str(period.kind), ()):
            parts = [self.of(subject, part) for part in period.calendar.tile(kind, period.start, period.end)]
            known = [part for part in parts if part is not None]
            if known:
                return sum(known)
        return None


def targets(metric: Metric, first: date, last: date, subjects: Collection[str] | None = None) -> Targets:
    """All targets of a metric for periods starting within a stretch, in one query."""
    because = "numbers follow the number rule, which the caller applies by choosing subjects"
    rows = access.everything(Target, because=because).filter(metric=metric.code, start__range=(first, last))
    if subjects is not None:
        rows = rows.filter(subject__in=list(subjects))
    found = rows.values_list("subject", "kind", "start", value_field(metric))
    return Targets(metric, {(subject, kind, start): value for subject, kind, start, value in found})


def targets_of(metric: Metric, period: Period, subjects: Iterable[str]) -> dict[str, int | None]:
    """The target of each subject for one period, in one query."""
    wanted = list(subjects)
    # A month asks for itself only; a longer period may be made of its parts.
    found = targets(metric, period.start, period.end, wanted)
    return {subject: found.of(subject, period) for subject in wanted}
