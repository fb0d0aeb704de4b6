"""What comes next once a year has its number: over the months, down to teams and people, then everybody's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.calc.period import Period


@dataclass(frozen=True)
class Hint:
    """One sentence, and the split that its button shows a preview of; `direction` is empty where days are ready."""

    text: str
    direction: str = ""
    node: Node | None = None
    method: str = ""
    deep: bool = False
    """Down to the people and not only to the next line."""


def hint(actor: Any, metric: Metric, year: Period, lines: Sequence[Node], *, split: bool) -> Hint | None:
    """The next step on the way from one number to everybody's day; None where nothing follows from what is there.

    `lines` come from top to bottom, so a company is split before its teams; `split` says that one was just made.
    """
    if not metric.additive or not lines:
        return None
    own = [node for node in lines if node.may_set and node.subject.level in (Level.COMPANY, Level.TEAM, Level.PERSON)]
    if not any(node.year is not None for node in own):
        top = next((node for node in own if node.depth == 0), None)
        words = {"name": top.name} if top else {}
        return Hint(_("Type the year's target of %(name)s into its first cell and save.") % words) if top else None
    for node in own:
        if node.year is not None and all(value is None for value in node.months):
            text = _("%(name)s has a number for the year and none for the months yet.")
            return Hint(
                text % {"name": node.name}, "time", node, "last_year" if _has_past(actor, metric, year) else "workdays"
            )
        parts = [child for child in node.children if child.may_set]
        if node.year is not None and parts and all(child.year is None for child in node.children):
            text = _("%(name)s has a target, and nobody below it has one yet.")
            deep = any(child.children for child in parts)
            return Hint(
                text % {"name": node.name},
                "down",
                node,
                "last_year" if _has_past(actor, metric, year) else "even",
                deep,
            )
    if split and any(node.subject.level == Level.PERSON and node.months and None not in node.months for node in own):
        return Hint(_("People have months, so every working day of each has its target."))
    return None


def _has_past(actor: Any, metric: Metric, year: Period) -> bool:
    """Whether the year before says anything about months and people."""
    if is_hidden(actor, metric):
        return False
    before = year.year_before()
    return figures([metric], Slice(before.start, before.end)).exact((), metric.measure) > 0
