"""Kinds of approval: each app declares, at import, what of its records may need one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.db import models
from django.utils.safestring import SafeString

from xiaoguan.apps.approvals import watching
from xiaoguan.kit import render

if TYPE_CHECKING:
    from xiaoguan.apps.approvals.models import Request
    from xiaoguan.kit.action import Work

Unit = Literal["money", "rate", "count"]
Facts = Sequence[tuple[Any, SafeString | str]]


@dataclass(frozen=True)
class Measure:
    """A figure that decides which route applies: fen, 1/100,000 or a count.

    `low` measures call for approval at the limit and below (a margin), others at the limit and above.
    `field` names the field of the subject that must not be hidden from who reads the figure.
    """

    code: str
    label: Any
    unit: Unit = "money"
    low: bool = False
    field: str = ""

    def reached(self, value: int | None, limit: int | None) -> bool:
        """Whether a value calls for approval; one that is not known never does."""
        if value is None or limit is None:
            return False
        return value <= limit if self.low else value >= limit

    def shown(self, value: int | None) -> SafeString:
        """The figure for people."""
        if self.unit == "money":
            return render.money_exact(value)
        return render.percent(value) if self.unit == "rate" else render.number(value)


@dataclass(frozen=True)
class Seed:
    """A route delivered with the program: `code` names it within its kind."""

    code: str
    label: Any = ""
    measure: str = ""
    limit: int | None = None
    steps: Sequence[Mapping[str, Any]] = ({"who": "manager", "mode": "any", "days": 2},)


@dataclass(frozen=True)
class Kind:
    """One kind of approval; see the docstring of the app for what each part is for."""

    code: str
    label: Any
    subject: type[models.Model]
    icon: str
    measures: tuple[Measure, ...]
    measure: Callable[[Any], Mapping[str, int | None]]
    snapshot: Callable[[Any], Mapping[str, Any]]
    show: Callable[[Mapping[str, Any], frozenset[str]], Facts]
    settle: Callable[[Work, Request, Any], None]
    routes: tuple[Seed, ...] = ()
    by_code: Mapping[str, Measure] = field(default_factory=dict)
    title: Callable[[Any], str] = str


kinds: dict[str, Kind] = {}
"""Every declared kind by its code, in the order of declaration."""


def declare(
    code: str,
    label: Any,
    subject: type[models.Model],
    *,
    measure: Callable[[Any], Mapping[str, int | None]],
    snapshot: Callable[[Any], Mapping[str, Any]],
    show: Callable[[Mapping[str, Any], frozenset[str]], Facts],
    settle: Callable[[Work, Request, Any], None],
    icon: str = "rubber-stamp",
    measures: Sequence[Measure] = (),
    routes: Sequence[Seed] = (),
    watch: Mapping[type[models.Model], str] | None = None,
    title: Callable[[Any], str] = str,
) -> Kind:
    """Declare a kind; ValueError for a code taken twice.

    `watch` maps models whose rows are part of the subject to the name of their link to it: a change of a line
    makes a pending request outdated as a change of the subject does.
    """
    if code in kinds:
        raise ValueError(f"the approval {code} is declared twice")
    by_code = {each.code: each for each in measures}
    made = Kind(
        code, label, subject, icon, tuple(measures), measure, snapshot, show, settle, tuple(routes), by_code, title
    )  # fmt: skip
    kinds[code] = made
    watching.watch(subject, "pk", made)
    for model, link in (watch or {}).items():
        watching.watch(model, f"{link}_id", made)
    return made
