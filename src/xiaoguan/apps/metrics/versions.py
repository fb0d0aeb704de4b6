"""The formulas of a metric as rows: kept with whatever changes its definition, and told with what each changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.metrics import formula, wording
from xiaoguan.apps.metrics.models import Definition, DefinitionVersion
from xiaoguan.apps.metrics.models.definition import FORMULA
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.kit import access, render
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence


@consequence(Definition)
def keep(work: Work, rows: Sequence[Definition], fresh: bool) -> None:
    """The last version is the row's formula: a new one from a later day on, the same one corrected otherwise.

    A shipped metric has none until its formula is changed: it is computed as the program says.
    """
    if fresh:
        own = [_version(work, row, row.counts_from) for row in rows if not row.shipped]
        if own:
            work.create(DefinitionVersion, own)
        return
    for row in rows:
        if any(row._loaded[name] != getattr(row, name) for name in (*FORMULA, "counts_from", "why")):
            _follow(work, row)


def _version(work: Work, row: Definition, day: Any) -> dict[str, Any]:
    found = {"definition": row, "counts_from": day, "why": row.why, "set_by": work.actor, "set_at": work.now}
    return found | row.formula


def _follow(work: Work, row: Definition) -> None:
    was, history = row._loaded, row.history()
    if not history:
        if all(was[name] == getattr(row, name) for name in FORMULA):
            return  # built in, and still computed as the program says
        first = {
            "definition": row,
            "counts_from": None,
            "why": was["why"],
            "set_at": None if row.shipped else row.created_at,
        }
        first |= {"set_by": row.created_by} | {name: was[name] for name in FORMULA}
        history = [work.create(DefinitionVersion, first)]
    last = history[-1]
    if row.begins_another(last.counts_from):
        work.create(DefinitionVersion, _version(work, row, row.counts_from))
        return
    day = row.counts_from if len(history) > 1 else last.counts_from
    for name, value in _version(work, row, day).items():
        if name != "definition":
            setattr(last, name, value)
    work.save(last)


@dataclass(frozen=True)
class Told:
    """One formula as a table shows it: from which day, in words, what it changed, who set it, when and why."""

    since: Any
    words: str
    changed: list[str]
    by: str
    at: Any
    why: str
    now: bool


def told(row: Definition, spec: Metric, reader: Any) -> list[Told]:
    """Every formula a metric has had, the newest first; empty as long as there was only one. One query."""
    if not spec.past:
        return []
    hidden = access.masked(reader, Definition)
    lines: list[Told] = []
    before: Metric | None = None
    for each in row.history():
        one = _spec(spec, each)
        lines.append(
            Told(
                render.day(each.counts_from) if before and each.counts_from else _("from the beginning"),
                wording.sentence(one),
                wording.difference(before, one) if before else [],
                str(each.set_by or ""),
                each.set_at,
                "" if "why" in hidden else each.why,
                False,
            )
        )
        before = one
    return [replace(line, now=place == 0) for place, line in enumerate(reversed(lines))]


def _spec(spec: Metric, version: DefinitionVersion) -> Metric:
    """The metric with one of its formulas."""
    top = formula.measure(version.counts, version.how, version.narrowed)
    over = (
        formula.measure(version.over_counts, version.over_how, version.over_narrowed) if version.over_counts else None
    )
    return replace(spec, measure=top, over=over, past=())
