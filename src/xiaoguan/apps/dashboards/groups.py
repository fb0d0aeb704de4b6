"""The groups of a cut: disjoint, the largest first, what is left over together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.metrics.dimensions import Part
from xiaoguan.apps.metrics.queries import Figures
from xiaoguan.apps.metrics.spec import Metric


@dataclass(frozen=True)
class Group:
    """Some keys of a cut under one name; `query` asks for its records, None where no address can say it."""

    name: str
    keys: tuple[Any, ...]
    query: Mapping[str, Any] | None = field(default_factory=dict)
    rest: bool = False


def disjoint(parts: Sequence[Part], keys: Collection[Any]) -> list[Group]:
    """Each key once, under the deepest part that holds it: a team with teams below it stands for itself alone."""
    deepest: dict[Any, Part] = {}
    for part in parts:
        for key in part.keys:
            if key in keys and (key not in deepest or deepest[key].depth <= part.depth):
                deepest[key] = part
    own: dict[int, list[Any]] = defaultdict(list)
    for key, part in deepest.items():
        own[id(part)].append(key)
    return [
        Group(
            part.name, tuple(own[id(part)]), part.query if part.query and set(own[id(part)]) == set(part.keys) else None
        )
        for part in parts
        if id(part) in own
    ]


def largest(groups: Sequence[Group], found: Figures, metric: Metric, most: int) -> list[Group]:
    """The largest groups by a metric; the others become one at the end."""
    rows: dict[Any, list[Any]] = defaultdict(list)
    for key in found.rows:
        rows[key[0]].append(key)

    def weight(group: Group) -> int:
        value = found.total(metric, [row for key in group.keys for row in rows.get(key, ())])
        return -(value or 0)

    ranked = sorted(groups, key=weight)
    if len(ranked) <= most:
        return ranked
    rest = tuple(key for group in ranked[most:] for key in group.keys)
    name = _("%(n)s others") % {"n": len(ranked) - most}
    return [*ranked[:most], Group(name, rest, None, rest=True)]
