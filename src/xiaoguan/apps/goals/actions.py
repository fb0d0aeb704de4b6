"""Setting and splitting targets: one change entry however many cells, parts that sum to the whole to the fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.goals.models import Level, Target, TargetKind
from xiaoguan.apps.goals.models.target import value_field
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.period import Period
from xiaoguan.calc.share import split_locked
from xiaoguan.kit import access
from xiaoguan.kit.action import Done, Work, working
from xiaoguan.kit.errors import Denied, Invalid

Cell = tuple[Subject, Period]


def may_set(actor: Any, subject: Subject) -> bool:
    """Whether the actor may set this subject's targets.

    The company's, a territory's and a team's own targets come from above: they need the right on everybody. A
    manager sets those of the people he leads, not his own.
    """
    scope = access.grants(actor).scope(Target.entity.name, "change")
    if scope == "all":
        return True
    if scope != "team" or subject.level != Level.PERSON or subject.pk == actor.pk:
        return False
    return access.policy().reaches(actor, subject.pk, None, leading=True)


def set_targets(
    metric: Metric, cells: Mapping[Cell, int | None], *, actor: Any, source: str = "page", name: str = "set"
) -> Done:
    """Set, change or (with None) clear the targets of some cells in one change.

    Finer rows win: setting a month drops the quarter and year rows it belongs to, setting a longer
    period drops nothing, its parts are then shown not to add up. Raises Denied, Invalid, or Refusal.
    """
    for subject in {subject for subject, _period in cells}:
        if not may_set(actor, subject):
            raise Denied("change", Target)
    with working(Target, name, actor=actor, source=source) as work:
        rows = _write(work, metric, cells)
    return Done(work.change if work.change.pk else None, rows)


def _write(work: Work, metric: Metric, cells: Mapping[Cell, int | None]) -> list[Target]:
    field = value_field(metric)
    stored = _stored(metric, {subject.key for subject, _period in cells}, [period for _subject, period in cells])
    fresh, changed, gone = [], [], []
    for (subject, period), value in cells.items():
        row = stored.get((subject.key, str(period.kind), period.start))
        if value is None:
            gone += [row] if row else []
        elif row is None:
            base = {"metric": metric.code, "kind": str(period.kind), "start": period.start, field: value}
            fresh.append({**base, **subject.values()})
        elif getattr(row, field) != value:
            if row.locked:
                raise Invalid({field: [_("%(target)s is locked; unlock it to change it.") % {"target": row}]})
            setattr(row, field, value)
            changed.append(row)
    gone += _made_of_parts(cells, stored)
    made = work.create(Target, fresh) if fresh else []
    work.save(*changed)
    work.remove(*gone)
    return [*made, *changed]


def _stored(metric: Metric, subjects: set[str], periods: Sequence[Period]) -> dict[tuple[str, str, date], Target]:
    """The living rows of some subjects in the years of some periods."""
    years = {period.calendar.year(period.start) for period in periods}
    if not years:
        return {}
    first, last = min(year.start for year in years), max(year.end for year in years)
    rows = access.everything(Target, because="one target per subject and period, visible or not").filter(
        metric=metric.code, subject__in=subjects, start__range=(first, last)
    )
    return {(row.subject, row.kind, row.start): row for row in rows}


def _made_of_parts(cells: Mapping[Cell, int | None], stored: Mapping[tuple[str, str, date], Target]) -> list[Target]:
    """Rows of quarters and years that the months being set replace."""
    wider = set()
    for (subject, period), value in cells.items():
        if value is None or str(period.kind) != TargetKind.MONTH:
            continue
        for kind in (TargetKind.QUARTER, TargetKind.YEAR):
            around = period.within(str(kind))
            if (subject, around) not in cells:
                wider.add((subject.key, str(kind), around.start))
    return [stored[key] for key in sorted(wider) if key in stored]


def split_year(
    metric: Metric, subject: Subject, year: Period, total: int, weights: Sequence[int], *, actor: Any
) -> Done:
    """Split a year's total into its months by weights; locked months stay, the rest sums exactly.

    Raises Invalid when the locked months alone pass the total, or no month is free to take the rest.
    """
    months = year.split("month")
    stored = _stored(metric, {subject.key}, [year])
    locked = {}
    for place, month in enumerate(months):
        row = stored.get((subject.key, "month", month.start))
        if row is not None and row.locked:
            locked[place] = row.value or 0
    parts = _split(total, weights, locked)
    cells = {(subject, month): part for month, part in zip(months, parts, strict=True)}
    return set_targets(metric, cells, actor=actor, name="split_year")


def split_down(
    metric: Metric,
    totals: Mapping[Period, int],
    children: Sequence[Subject],
    weights: Mapping[Subject, int],
    *,
    actor: Any,
) -> Done:
    """Split a node's months among its children by one weight each; every month sums exactly.

    The year is split first and each child's year then follows the node's months, so that years and
    months both add up. Locked cells stay. Raises Invalid as `split_year` does.
    """
    months = sorted(totals)
    stored = _stored(metric, {child.key for child in children}, months)
    cells: dict[Cell, int | None] = {}
    for month in months:
        locked = {}
        for place, child in enumerate(children):
            row = stored.get((child.key, "month", month.start))
            if row is not None and row.locked:
                locked[place] = row.value or 0
        parts = _split(totals[month], [weights[child] for child in children], locked)
        cells |= {(child, month): part for child, part in zip(children, parts, strict=True)}
    return set_targets(metric, cells, actor=actor, name="split_down")


def _split(total: int, weights: Sequence[int], locked: Mapping[int, int]) -> list[int]:
    """Largest remainder around locked parts; a basis of nothing at all is an even split."""
    basis = [max(0, weight) for weight in weights]
    if not any(weight for place, weight in enumerate(basis) if place not in locked):
        basis = [1] * len(basis)
    try:
        return split_locked(total, basis, locked)
    except ShareError as error:
        texts = {
            "locked_exceeds": _("The locked cells alone are more than the total."),
            "nothing_unlocked": _("Every cell is locked, and together they miss the total."),
        }
        raise Invalid({"": [texts.get(error.code, _("These numbers can't be split."))]}) from error


def lock(metric: Metric, cells: Sequence[Cell], *, actor: Any, locked: bool = True) -> Done:
    """Lock or unlock existing cells, so that a split leaves them alone."""
    for subject in {subject for subject, _period in cells}:
        if not may_set(actor, subject):
            raise Denied("change", Target)
    stored = _stored(metric, {subject.key for subject, _period in cells}, [period for _subject, period in cells])
    keys = [(subject.key, str(period.kind), period.start) for subject, period in cells]
    rows = [stored[key] for key in keys if key in stored]
    for row in rows:
        row.locked = locked
    with working(Target, "lock" if locked else "unlock", actor=actor) as work:
        work.save(*rows)
    return Done(work.change if work.change.pk else None, rows)
