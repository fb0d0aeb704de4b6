"""The metric language: facts, a measure over them, or a ratio of two measures; data, not code."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

DIMENSIONS = ("person", "unit", "territory", "day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Measure:
    """What is added up: `sum` the amounts (fen) or `count` the splits of some facts.

    A shared fact counts once in total, since its splits sum to 100,000.
    """

    facts: tuple[str, ...]
    how: str = "sum"

    def __post_init__(self) -> None:
        if self.how not in ("sum", "count") or not self.facts:
            raise ValueError(f"a measure sums or counts at least one fact, not {self.how} of {self.facts}")


@dataclass(frozen=True)
class Metric:
    """One figure of the dictionary.

    `over` makes it a ratio, always computed from the two summed parts; `unit` is money (fen),
    count, rate (1/100,000) or minutes (of working time); `seen_by` says whose figures a person may read:
    self, team or all.
    """

    code: str
    label: Any
    description: Any
    measure: Measure
    over: Measure | None = None
    unit: str = "money"
    higher_is_better: bool = True
    seen_by: str = "team"

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The parts a query must bring: one, or numerator and denominator."""
        return (self.measure, self.over) if self.over else (self.measure,)

    @property
    def additive(self) -> bool:
        """Whether the parts of a whole sum to the whole (a ratio's don't), so that it can be a target split."""
        return self.over is None


@dataclass(frozen=True)
class Slice:
    """Which credits: a closed range of business dates, whose, and where; None means nobody is left out.

    A credit is where its customer lay on its day; territory 0 is what lay in none.
    """

    first: date
    last: date
    people: Collection[int] | None = None
    units: Collection[int] | None = None
    territories: Collection[int] | None = None
