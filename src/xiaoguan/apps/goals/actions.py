"""Setting and splitting targets: one change entry however many cells, parts that sum to the whole to the fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Level, Target, TargetKind
from xiaoguan.apps.goals.models.target import value_field
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.calc.aim import assigned
from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.period import Period
from xiaoguan.calc.share import largest_remainder, split_locked
from xiaoguan.kit import access
from xiaoguan.kit.action import Done, Work, working
from xiaoguan.kit.errors import Denied, Invalid

Cell = tuple[Subject, Period]
CARRIED = ("over", "stretch", "challenge", "purpose", "reason")
"""What the targets of one subject and year have in common: a new one takes it from those there are."""


def may_set(actor: Any, *subjects: Subject) -> bool:
    """Whether the actor may set the targets of all these subjects.

    The company's, a territory's, a team's and a product's own targets come from above: they need the right on
    everybody. A manager sets those of the people he leads and of their customers, not his own.
    """
    scope = access.grants(actor).scope(Target.entity.name, "change")
    if scope not in ("team", "all"):
        return False
    owners = _owners(actor, {each.pk for each in subjects if each.level == Level.CUSTOMER})
    products = {each.pk for each in subjects if each.level == Level.PRODUCT}
    if owners is None or access.visible(Product, actor).filter(pk__in=products).count() < len(products):
        return False
    if scope == "all":
        return True
    if any(each.level not in (Level.PERSON, Level.CUSTOMER) for each in subjects):
        return False
    people = owners | {each.pk for each in subjects if each.level == Level.PERSON}
    reaches = access.policy().reaches
    return all(pk is not None and pk != actor.pk and reaches(actor, pk, None, leading=True) for pk in people)


def _owners(actor: Any, customers: set[int | None]) -> set[int | None] | None:
    """Whose some customers are; None where the actor doesn't see all of them."""
    if not customers:
        return set()
    rows = access.visible(Customer, actor).filter(pk__in=customers).order_by()
    found = dict(rows.values_list("pk", "owner"))
    return set(found.values()) if len(found) == len(customers) else None


def set_targets(
    metric: Metric, cells: Mapping[Cell, int | None], *, actor: Any, source: str = "page", name: str = "set"
) -> Done:
    """Set, change or (with None) clear the targets of some cells in one change.

    Finer rows win: setting a month drops the quarter and year rows it belongs to, setting a longer
    period drops nothing, its parts are then shown not to add up. Raises Denied, Invalid, or Refusal.
    """
    if not may_set(actor, *{subject for subject, _period in cells}):
        raise Denied("change", Target)
    with working(Target, name, actor=actor, source=source) as work:
        rows = write_cells(work, metric, cells)
    return Done(work.change if work.change.pk else None, rows)


def write_cells(
    work: Work,
    metric: Metric,
    cells: Mapping[Cell, int | None],
    *,
    lock: bool = False,
    terms: Mapping[str, Any] | None = None,
) -> list[Target]:
    """Write cells inside a running work, whoever may do so; with `lock` they are held afterwards, locked or not before;
    `terms` are told of all of them.

    Raises Invalid for a locked cell that is to get another number.
    """
    field = value_field(metric)
    stored = _stored(metric, {subject.key for subject, _period in cells}, [period for _subject, period in cells])
    carried = _carried(stored)
    customers = Customer._default_manager.in_bulk(
        {subject.pk for subject, _period in cells if subject.level == Level.CUSTOMER}
    )
    fresh, changed, gone = [], [], []
    for (subject, period), value in cells.items():
        row = stored.get((subject.key, str(period.kind), period.start))
        if value is None:
            gone += [row] if row else []
        elif row is None:
            base = {"metric": metric.code, "kind": str(period.kind), "start": period.start, field: value}
            year = period.calendar.year(period.start).start
            fresh.append(
                {
                    **carried.get((subject.key, year), {}),
                    **base,
                    **_named(subject, customers),
                    "locked": lock,
                    **(terms or {}),
                }
            )
        elif getattr(row, field) != value or (lock and not row.locked) or terms:
            if row.locked and not lock and getattr(row, field) != value:
                raise Invalid({field: [_("%(target)s is locked; unlock it to change it.") % {"target": row}]})
            setattr(row, field, value)
            row.locked = row.locked or lock
            for name, said in (terms or {}).items():
                setattr(row, name, said)
            changed.append(row)
    gone += _made_of_parts(cells, stored)
    made = work.create(Target, fresh) if fresh else []
    work.save(*changed)
    work.remove(*gone)
    return [*made, *changed]


def _named(subject: Subject, customers: Mapping[int, Customer]) -> dict[str, Any]:
    """The fields that name a subject; a customer as a record, since his owner is asked for."""
    found = subject.values()
    if subject.level == Level.CUSTOMER:
        found["customer"] = customers[found.pop("customer_id")]
    return found


def _carried(stored: Mapping[tuple[str, str, date], Target]) -> dict[tuple[str, date], dict[str, Any]]:
    """What new targets take over, by subject and first day of the fiscal year."""
    known = calendar()
    return {
        (row.subject, known.year(row.start).start): {name: getattr(row, name) for name in CARRIED}
        for row in stored.values()
    }


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
    return set_targets(metric, parts_along(metric, subject, year, total, weights), actor=actor, name="split_year")


def parts_along(
    metric: Metric, subject: Subject, year: Period, total: int, weights: Sequence[int]
) -> dict[Cell, int | None]:
    """What `split_year` would set."""
    months = year.split("month")
    stored = _stored(metric, {subject.key}, [year])
    locked = {}
    for place, month in enumerate(months):
        row = stored.get((subject.key, "month", month.start))
        if row is not None and row.locked:
            locked[place] = row.value or 0
    parts = _split(total, weights, locked)
    return {(subject, month): part for month, part in zip(months, parts, strict=True)}


def split_down(
    metric: Metric,
    totals: Mapping[Period, int],
    children: Sequence[Subject],
    weights: Mapping[Subject, int | Sequence[int]],
    *,
    actor: Any,
    over: int = 0,
) -> Done:
    """Split a node's months among its children by one weight each, or twelve; every month sums exactly.

    The children's parts make the node's month and `over` (1/100,000) on top. Locked cells stay. Raises Invalid as
    `split_year` does.
    """
    return set_targets(metric, parts_down(metric, totals, children, weights, over), actor=actor, name="split_down")


def parts_down(
    metric: Metric,
    totals: Mapping[Period, int],
    children: Sequence[Subject],
    weights: Mapping[Subject, int | Sequence[int]],
    over: int = 0,
) -> dict[Cell, int | None]:
    """What `split_down` would set."""
    months = sorted(totals)
    stored = _stored(metric, {child.key for child in children}, months)
    cells: dict[Cell, int | None] = {}
    for month in months:
        locked = {}
        for place, child in enumerate(children):
            row = stored.get((child.key, "month", month.start))
            if row is not None and row.locked:
                locked[place] = row.value or 0
        shares = [
            weight if isinstance(weight := weights[child], int) else weight[month.index - 1] for child in children
        ]
        parts = _split(assigned(totals[month], over), shares, locked)
        cells |= {(child, month): part for child, part in zip(children, parts, strict=True)}
    return cells


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
    if not may_set(actor, *{subject for subject, _period in cells}):
        raise Denied("change", Target)
    stored = _stored(metric, {subject.key for subject, _period in cells}, [period for _subject, period in cells])
    keys = [(subject.key, str(period.kind), period.start) for subject, period in cells]
    rows = [stored[key] for key in keys if key in stored]
    for row in rows:
        row.locked = locked
    with working(Target, "lock" if locked else "unlock", actor=actor) as work:
        work.save(*rows)
    return Done(work.change if work.change.pk else None, rows)


def set_goal(
    metric: Metric, subject: Subject, period: Period, value: int, *, purpose: str, reason: str, actor: Any
) -> Done:
    """Set one target with the sentence it stands for, and why it stands although something spoke against it."""
    if not may_set(actor, subject):
        raise Denied("change", Target)
    with working(Target, "set_goal", actor=actor) as work:
        terms = {"purpose": purpose.strip()[:200], "reason": reason.strip()[:300]}
        rows = write_cells(work, metric, {(subject, period): value}, terms=terms)
    return Done(work.change if work.change.pk else None, rows)


def set_terms(metric: Metric, subject: Subject, year: Period, terms: Mapping[str, Any], *, actor: Any) -> Done:
    """Set what all targets of a subject in a year have in common: over-assignment, tiers, sentence and reason.

    A tier is a rate (`stretch`, `challenge`) or, as `stretch_to` and `challenge_to`, the number for the whole year,
    which is shared as the targets are; either takes the place of the other. Other names are not read. Raises Denied,
    or Invalid where there is no target yet or tiers are reversed.
    """
    if not may_set(actor, subject):
        raise Denied("change", Target)
    rows = list(_stored(metric, {subject.key}, [year]).values())
    if not rows:
        raise Invalid({"": [_("There is no target yet to say this of.")]})
    for row in rows:
        for name in CARRIED:
            if name in terms:
                setattr(row, name, terms[name])
    for name in ("stretch", "challenge"):
        if name in terms or f"{name}_to" in terms:
            _tell_tier(metric, rows, name, terms.get(f"{name}_to"))
    with working(Target, "set_terms", actor=actor) as work:
        work.save(*rows)
    return Done(work.change if work.change.pk else None, rows)


def _tell_tier(metric: Metric, rows: Sequence[Target], name: str, whole: int | None) -> None:
    """Share the number of a tier among the months as the targets are, and the same among quarters and for the year."""
    for kind in TargetKind.values:
        same = [row for row in rows if row.kind == kind]
        if whole is None or not metric.additive:
            parts: Sequence[int | None] = [whole] * len(same)
        else:
            values = [row.value or 0 for row in same]
            parts = largest_remainder(whole, values if any(values) else [1] * len(same)) if same else []
        for row, part in zip(same, parts, strict=True):
            setattr(row, f"{name}_to", part)
            if whole is not None:
                setattr(row, name, None)
