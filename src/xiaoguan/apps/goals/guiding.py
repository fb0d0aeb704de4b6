"""What comes next once a year has its number: over the months, down to teams and people, then everybody's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.weights import slice_of
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.spec import Metric
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
            return Hint(text % {"name": node.name}, "time", node, _method(actor, metric, year, node, "workdays"))
        parts = [child for child in node.children if child.may_set]
        if node.year is not None and parts and all(child.year is None for child in node.children):
            text = _("%(name)s has a target, and nobody below it has one yet.")
            deep = any(child.children for child in parts)
            return Hint(
                text % {"name": node.name},
                "down",
                node,
                _method(actor, metric, year, node, "even"),
                deep,
            )
    if split and any(node.subject.level == Level.PERSON and node.months and None not in node.months for node in own):
        return Hint(_("People have months, so every working day of each has its target."))
    return None


def _method(actor: Any, metric: Metric, year: Period, node: Node, plain: str) -> str:
    """Last year's shape where it says something of nearly all the parts; else the plain way, which leaves nobody out.

    Of months nine of twelve must have brought something, of teams and people below a line four of five.
    """
    if is_hidden(actor, metric):
        return plain
    before = year.year_before()
    where = slice_of(node.subject, before.start, before.end)
    if plain == "workdays":
        known = figures([metric], where, by=["month"])
        return "last_year" if len(known.rows) >= 9 else plain
    people = [each.subject.pk for each in node.walk() if each.subject.level == Level.PERSON]
    known = figures([metric], where, by=["person"])
    brought = sum(known.exact((pk,), metric.measure) > 0 for pk in people)
    return "last_year" if people and brought * 5 >= len(people) * 4 else plain
