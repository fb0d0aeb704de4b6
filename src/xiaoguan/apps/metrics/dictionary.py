"""The dictionary of metrics as everybody reads it: code → metric, the shipped ones and those of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import OperationalError, ProgrammingError
from django.db.models import F, FilteredRelation, Q

from xiaoguan.apps.metrics import formula
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.models.definition import FORMULA
from xiaoguan.apps.metrics.spec import CATEGORIES, Formula, Metric
from xiaoguan.kit import feed, memo
from xiaoguan.kit.fact import facts

NAME = Definition._meta.label_lower
KEY = ("metrics.dictionary",)


@dataclass(frozen=True)
class Known:
    """What the database says: every metric by its code, and the codes of those in use in their order."""

    every: Mapping[str, Metric]
    used: tuple[str, ...]
    rows: Mapping[str, int] = field(default_factory=dict)


class Dictionary(Mapping[str, Metric]):
    """Metrics by code. Those in use are counted and gone through; what was taken out of use is still found.

    The rows are read again when one of them was written: a page asks for no more than their token.
    """

    def __init__(self) -> None:
        self._shipped: dict[str, Metric] = {}
        Definition.names = self._shipped

    def ship(self, metric: Metric) -> None:
        """Enter a metric that comes with the program."""
        if metric.code in self._shipped:
            raise ValueError(f"metric {metric.code} is already declared")
        self._shipped[metric.code] = metric

    @property
    def shipped(self) -> Mapping[str, Metric]:
        """The metrics that come with the program, as it declares them."""
        return self._shipped

    def __getitem__(self, code: str) -> Metric:
        return self._known().every[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known().used)

    def __len__(self) -> int:
        return len(self._known().used)

    def values(self) -> ValuesView[Metric]:
        """The metrics in use, out of one look at the dictionary: the choices of a target ask for all of them."""
        known = self._known()
        return {code: known.every[code] for code in known.used}.values()

    def row_of(self, code: str) -> int | None:
        """The id of the row that defines a metric."""
        return self._known().rows.get(code)

    def _known(self) -> Known:
        try:
            found: Known = memo.remember(KEY, feed.recent(NAME), self._read)
        except (OperationalError, ProgrammingError):
            return Known(self._shipped, tuple(self._shipped))  # the database is still being made
        return found

    def _read(self) -> Known:
        rows, versions = _stored()
        # Of several rows of one code the living one counts; one in the bin is found as long as there is no other.
        chosen = {row.code: row for row in rows if row.deleted_at is not None}
        chosen |= {row.code: row for row in rows if row.deleted_at is None}
        every = dict(self._shipped)
        for code, row in chosen.items():
            if (made := metric_of(row, versions[row.pk], self._shipped.get(code))) is not None:
                every[code] = made
        order = list(CATEGORIES)
        used = [code for code in every if code not in chosen or _is_used(chosen[code])]
        used.sort(key=lambda code: order.index(every[code].category))
        return Known(every, tuple(used), {code: row.pk for code, row in chosen.items()})


def _is_used(row: Definition) -> bool:
    return row.active and (row.shipped or row.deleted_at is None)


Version = Mapping[str, Any]
"""A formula as its row has it, and the day it `counts_from`."""


def _stored() -> tuple[list[Definition], Mapping[int, list[Version]]]:
    """Every definition, and the formulas each has had, the oldest first; one query."""
    living = FilteredRelation("versions", condition=Q(versions__deleted_at__isnull=True))
    names = ("counts_from", *FORMULA)
    told = {f"in_{name}": F(f"kept__{name}") for name in names}
    rows: dict[int, Definition] = {}
    versions: dict[int, list[Version]] = defaultdict(list)
    for row in Definition._base_manager.annotate(kept=living).annotate(**told).order_by("deleted_at", "pk"):
        rows.setdefault(row.pk, row)
        if row.in_counts is not None:
            versions[row.pk].append({name: getattr(row, f"in_{name}") for name in names})
    for each in versions.values():
        each.sort(key=lambda one: one["counts_from"] or date.min)
    return list(rows.values()), versions


def metric_of(row: Definition, versions: Sequence[Version], shipped: Metric | None = None) -> Metric | None:
    """The metric that a row defines; None where it counts what this version of the program doesn't know."""
    versions = versions or ([] if shipped else [row.formula])
    try:
        made = [_formula(version) for version in versions]
    except ValueError:
        return None
    if any(code not in facts for top, over in made for one in (top, over) if one for code in one.facts):
        return None
    top, over = made[-1] if made else (shipped.measure, shipped.over) if shipped else (None, None)
    past = tuple(
        Formula(after["counts_from"], *before)
        for before, after in zip(made, versions[1:], strict=False)
        if after["counts_from"]
    )
    words = {
        "label": row.name or (shipped.label if shipped else row.code),
        "description": row.description or (shipped.description if shipped else ""),
        "higher_is_better": row.higher_is_better,
        "seen_by": row.seen_by,
        "category": row.category,
        "measure": top,
        "over": over,
        "past": past,
    }
    if shipped is not None:
        return replace(shipped, **words)
    return Metric(code=row.code, unit=row.unit_code, **words)


def _formula(version: Mapping[str, Any]) -> tuple[Any, Any]:
    """Measure and divisor of a stored version; raises ValueError for nonsense."""
    top = formula.measure(version["counts"], version["how"], version["narrowed"])
    if not version["over_counts"]:
        return top, None
    return top, formula.measure(version["over_counts"], version["over_how"], version["over_narrowed"])
