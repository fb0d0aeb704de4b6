"""The figures of all tiles of a page: those of the same days, people and cut in one query, kept until data changes.

Tiles first say what they need, then everything is fetched at once, then they draw. An answer is remembered under what
was asked, not by whom: readers with the same rights share it, and nobody gets what was asked for by wider ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language

from xiaoguan.apps.dashboards.looking import Looking
from xiaoguan.apps.dashboards.periods import Stretch
from xiaoguan.apps.goals import queries as goals
from xiaoguan.apps.goals.queries import Targets
from xiaoguan.apps.metrics import dimensions, readings
from xiaoguan.apps.metrics.dimensions import Part
from xiaoguan.apps.metrics.queries import Figures, figures
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.calc.period import Period
from xiaoguan.kit import feed, memo
from xiaoguan.kit.fact import facts

PLACES = ("customers.customer", "customers.customerkind", "territories.territory", "territories.placement")
"""What the cut of a figure depends on beside the records it counts."""
DAYS = ("goals.target", "org.company", "org.calendarday", "org.person")
"""What the targets of days and weeks depend on."""
NAMES = ("org.person", "org.team", "org.membership", "org.role", "org.reach", "kit.collaborator", *PLACES)


@dataclass(frozen=True)
class Ask:
    """What one query answers: days, whose, cut by what."""

    first: date
    last: date
    by: tuple[str, ...]
    people: frozenset[int] | None
    units: frozenset[int] | None


class Answers:
    """The figures one look needs; `want` them all, `fetch`, then ask for each."""

    def __init__(self, looking: Looking) -> None:
        self.looking = looking
        self._wanted: dict[Ask, dict[str, Metric]] = defaultdict(dict)
        self._found: dict[Ask, Figures] = {}
        self._aims: dict[tuple[date, date], dict[str, Targets]] = {}

    def want(self, metric: Metric, time: Stretch, by: Sequence[str] = ()) -> None:
        """Say that a figure is needed."""
        if self.looking.tells(metric):
            self._wanted[self._ask(metric, time, by)][metric.code] = metric

    def _ask(self, metric: Metric, time: Stretch, by: Sequence[str]) -> Ask:
        people = self.looking.people(metric)
        held = None if people is None else frozenset(people)
        return Ask(time.first, time.last, tuple(by), held, self.looking.whose.units)

    def fetch(self) -> None:
        """Bring everything wanted, in one query per days, people and cut."""
        every = {metric.code: metric for group in self._wanted.values() for metric in group.values()}
        tokens = feed.versions(*sorted({*counted(every.values()), *NAMES, "goals.target"}))
        for ask, group in self._wanted.items():
            chosen = [group[code] for code in sorted(group)]
            names = [*counted(chosen), *(PLACES if ask.by else ())]
            key = ("dashboards.figures", ask, tuple(_formula(metric) for metric in chosen))
            token = tuple(tokens[name] for name in names)
            self._found[ask] = memo.remember(key, token, lambda ask=ask, chosen=chosen: _figures(ask, chosen))

    def of(self, metric: Metric, time: Stretch, by: Sequence[str] = ()) -> Figures:
        """The figures of one question that was wanted before."""
        return self._found[self._ask(metric, time, by)]

    def value(self, metric: Metric, time: Stretch) -> int | None:
        """One figure of the whole look."""
        return self.of(metric, time).value(metric)

    def parts(self, code: str, keys: Collection[Any]) -> Sequence[Part]:
        """The groups of a cut with their names, in their order."""
        actor = self.looking.actor
        key = ("dashboards.parts", code, frozenset(keys), actor.pk, get_language())
        token = tuple(feed.versions(*NAMES).values())
        found: Sequence[Part] = memo.remember(key, token, lambda: dimensions.parts(actor, code, keys))
        return found

    def aims(self, metric: Metric, first: date, last: date) -> Targets | None:
        """The targets of whom the look is about, as far as its reader may see them; one query for all metrics."""
        looking = self.looking
        if not looking.sees_aim or goals.is_hidden(looking.actor, metric):
            return None
        if (first, last) not in self._aims:
            key = ("dashboards.aims", looking.whose.subject, first, last)
            token = feed.version("goals.target")
            made = memo.remember(key, token, lambda: goals.all_targets_of(looking.whose.subject, first, last))
            self._aims[first, last] = made
        return self._aims[first, last].get(metric.code)

    def aim(self, metric: Metric, time: Stretch) -> int | None:
        """The target of a stretch that is a day, a week, a month, a quarter or a year."""
        if time.period is None:
            return None
        if str(time.period.kind) in ("day", "week"):
            return self._short_aim(metric, time.period)
        found = self.aims(metric, time.first, time.last)
        return None if found is None else found.of(self.looking.whose.subject, time.period)

    def _short_aim(self, metric: Metric, period: Period) -> int | None:
        """The target of a day or a week, which is made of the days of its months."""
        looking, subject = self.looking, self.looking.whose.subject
        if not looking.sees_aim or goals.is_hidden(looking.actor, metric):
            return None
        key = ("dashboards.short_aim", subject, metric.code, period)
        token = tuple(feed.versions(*DAYS).values())
        made = memo.remember(key, token, lambda: goals.targets_of(metric, period, [subject])[subject])
        return None if made is None else int(made)


def counted(wanted: Collection[Metric]) -> list[str]:
    """The records that metrics are counted from, by the names of the feed."""
    codes = {code for metric in wanted for measure in metric.measures for code in measure.facts}
    models = [facts[code].model for code in codes]
    return sorted({model._meta.label_lower if model is not None else readings.ENTITY for model in models})


def _formula(metric: Metric) -> tuple[Any, ...]:
    """How a metric is computed, past versions included: another formula is another question."""
    return metric.code, metric.measures, metric.past


def _figures(ask: Ask, chosen: Sequence[Metric]) -> Figures:
    people = None if ask.people is None else sorted(ask.people)
    units = None if ask.units is None else sorted(ask.units)
    return figures(chosen, Slice(ask.first, ask.last, people=people, units=units), by=ask.by)
