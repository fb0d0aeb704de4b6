"""The metric language: facts, a measure over them, or a ratio of two measures; data, not code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _, pgettext_lazy

TIMES = ("day", "week", "month", "quarter", "year")
"""The dimensions of time: the key of a group is the ISO text of its first day."""

GOODS = ("product", "category")
"""The dimensions of what was sold: the money of a credit is divided among them, a count has each whole."""

ABOUT = ("customer", "kind", "tier", "industry", "region", "source", "turn", *GOODS)
"""The dimensions of what a fact is about: the customer, what is known of it today, whether it was the first of it,
products."""

CONDITIONS = tuple(code for code in ABOUT if code != "customer")
"""Those a metric may be narrowed by when it is defined: nobody chooses among a hundred thousand customers."""

DIMENSIONS = ("person", "unit", "territory", *ABOUT, *TIMES)

DISTINCT = {"customers": "party", "records": "object_id"}
"""How many different ones there are; not additive, as one customer may be in several groups."""

HOWS = ("sum", "count", *DISTINCT)

UNITS = {
    "money": _("money"),
    "count": _("number"),
    "rate": _("per cent"),
    "minutes": _("working time"),
    "days": _("days"),
}
"""What the figure of a metric is: fen, a number, hundred-thousandths, working minutes, whole days."""

CATEGORIES = {
    "result": pgettext_lazy("chapter", "Results"),
    "deals": _("Winning deals"),
    "customers": _("Customers"),
    "activity": _("Activities"),
    "offers": _("Quotes and prices"),
    "money": _("Getting paid"),
    "cost": _("Cost"),
    "quality": _("Data quality"),
    "own": _("Our own"),
}
"""What of the company's aims a metric serves, in the order of the dictionary."""

Condition = tuple[str, tuple[Any, ...]]
"""A dimension of CONDITIONS and the values of it that count."""


@dataclass(frozen=True)
class Measure:
    """What is added up: `sum` the amounts (fen, minutes, days) or `count` the splits of some facts.

    A shared fact counts once in total, since its splits sum to 100,000. `customers` and `records` count
    each of them once however often it comes up. `where` narrows it to facts about certain customers.
    """

    facts: tuple[str, ...]
    how: str = "sum"
    where: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        if self.how not in HOWS or not self.facts:
            raise ValueError(f"a measure sums or counts at least one fact, not {self.how} of {self.facts}")
        if wrong := [code for code, values in self.where if code not in CONDITIONS or not values]:
            raise ValueError(f"a measure is narrowed by values of {CONDITIONS}, not by {wrong}")

    @property
    def distinct(self) -> bool:
        """Whether the figures of parts don't add up to that of the whole."""
        return self.how in DISTINCT


@dataclass(frozen=True)
class Formula:
    """How a metric was computed for periods that began before a day."""

    until: date
    measure: Measure
    over: Measure | None = None


@dataclass(frozen=True)
class Metric:
    """One figure of the dictionary.

    `over` makes it a ratio, always computed from the two parts; `unit` is money (fen), count, rate
    (1/100,000), minutes (of working time) or days; `seen_by` says whose figures a person may read: self,
    team or all. `past` holds the formulas it had, the oldest first.
    """

    code: str
    label: Any
    description: Any
    measure: Measure
    over: Measure | None = None
    unit: str = "money"
    higher_is_better: bool = True
    seen_by: str = "team"
    category: str = "result"
    past: tuple[Formula, ...] = ()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The parts a query must bring: one, or numerator and denominator."""
        return (self.measure, self.over) if self.over else (self.measure,)

    @property
    def additive(self) -> bool:
        """Whether the parts of a whole sum to the whole (a ratio's don't), so that it can be a target split."""
        return self.over is None and not self.measure.distinct

    def on(self, day: date) -> Metric:
        """Itself with the formula that held on a day: a period is counted by that of its first day."""
        for formula in self.past:
            if day < formula.until:
                return replace(self, measure=formula.measure, over=formula.over, past=())
        return self

    def formulas(self, first: date, last: date) -> list[Metric]:
        """Itself with each of the formulas that held between two days."""
        days = [first, *(formula.until for formula in self.past if first < formula.until <= last)]
        return list(dict.fromkeys(self.on(day) for day in days))


@dataclass(frozen=True)
class Slice:
    """Which credits: a closed range of business dates, whose, where and about whom; None means nobody is left out.

    A credit is where its customer lay on its day; territory 0 is what lay in none. `only` narrows further:
    a dimension of ABOUT and its values (0 or an empty text is what has none).
    """

    first: date
    last: date
    people: Collection[int] | None = None
    units: Collection[int] | None = None
    territories: Collection[int] | None = None
    only: Mapping[str, Collection[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if wrong := [code for code in self.only if code not in ABOUT]:
            raise ValueError(f"figures are narrowed by {ABOUT}, not by {wrong}")
