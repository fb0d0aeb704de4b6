"""Verbs of territories: naming customers, planning a new cut, and applying it as one change that can be undone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.territories import placing, queries
from xiaoguan.apps.territories.models import Assignment, Naming, Placement, Recut, Territory
from xiaoguan.apps.territories.models.recut import State
from xiaoguan.apps.territories.models.territory import parts
from xiaoguan.calc.territory import Map, Shift, shifts
from xiaoguan.kit import access, clock, event
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Done, Work, action
from xiaoguan.kit.errors import Denied, Invalid, Refusal, WayOut
from xiaoguan.kit.validation import check_rows

RECUT = event.declare("territory.recut", _("Territories were cut anew"))
DAY = dt.timedelta(days=1)
FIELDS = ("regions", "industries", "kinds")
Draft = Mapping[int, Mapping[str, Any]]
"""By territory: the new words of its rule, and `person`, the id of whoever is to look after it (None: as before)."""


# Names --------------------------------------------------------------------------------------------------------------


@action(Territory, _("Name a customer"), name="name_customer", icon="building", position=30)
def name_customer(
    work: Work,
    row: Territory,
    *,
    customer: Annotated[Customer, _("Customer")],
    inside: Annotated[bool, _("Belongs to it, whatever the rules say")] = True,
    reason: Annotated[str, _("Reason")] = "",
) -> Naming:
    """Put one customer into the territory, or keep it out, whatever the rules say."""
    if inside:  # a customer is given to one territory
        others = Naming.objects.filter(customer=customer, inside=True, deleted_at__isnull=True).exclude(territory=row)
        if gone := list(others):
            work.remove(*gone)
    held = Naming.objects.filter(territory=row, customer=customer, deleted_at__isnull=True).first()
    if held is None:
        values = {"territory": row, "customer": customer, "inside": inside, "reason": reason}
        return work.create(Naming, values)  # type: ignore[no-any-return]
    held.inside, held.reason = inside, reason
    work.save(held)
    return held


@action(
    Territory, _("Leave a customer to the rules"), name="unname_customer", icon="building", position=40,
    shown=lambda row: row.namings.filter(deleted_at__isnull=True).exists(),
)  # fmt: skip
def unname_customer(work: Work, row: Territory, *, customer: Annotated[Customer, _("Customer")]) -> Territory:
    """Take back what was said by name."""
    held = Naming.objects.filter(territory=row, customer=customer, deleted_at__isnull=True).first()
    if held is None:
        raise Invalid({"customer": [gettext("Nothing was said of this customer by name.")]})
    work.remove(held)
    return row


# A new cut ----------------------------------------------------------------------------------------------------------


@dataclass
class Effect:
    """What a new cut would mean: moves by pair of territories, and what each person has before and after.

    Values are (potential, then the sums of `queries.worths`) in fen; `sample` holds a few customers of each move.
    """

    moves: dict[tuple[int | None, int | None], Shift]
    before: dict[int | None, Shift]
    after: dict[int | None, Shift]
    sample: dict[tuple[int | None, int | None], list[str]] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        """How many customers change their territory."""
        return sum(each.customers for each in self.moves.values())


SAMPLE = 5


def may_cut(actor: Any) -> bool:
    """Whether somebody may cut the territories anew."""
    hidden = access.masked(actor, Territory) & set(FIELDS)
    return not hidden and access.grants(actor).scope(Territory._meta.label_lower, "change") == "all"


def drafted(draft: Draft) -> list[Territory]:
    """The territories as they would be; nothing is stored. Raises Invalid for what can't be."""
    rows = queries.territories()
    for row in rows:
        for name, value in draft.get(row.pk, {}).items():
            if name in FIELDS:
                setattr(row, name, value)
        row.prepare()
    check_rows(rows, unique=False)
    return rows


def preview(draft: Draft) -> Effect:
    """Who gains and who loses what under a draft, over all customers; a fixed number of queries per portion."""
    now, then = queries.cut(), queries.cut(drafted(draft))
    people = {pk: person.pk for pk, person in queries.responsible().items()}
    heirs = people | {pk: each["person"] for pk, each in draft.items() if each.get("person")}
    moves: list[tuple[int | None, int | None, tuple[int, ...]]] = []
    before: dict[int | None, list[tuple[int, ...]]] = defaultdict(list)
    after: dict[int | None, list[tuple[int, ...]]] = defaultdict(list)
    sample: dict[tuple[int | None, int | None], list[str]] = defaultdict(list)
    for part in placing.portions():
        for name, here, there, values in _portion(part, now, then):
            moves.append((here, there, values))
            before[people.get(here) if here else None].append(values)
            after[heirs.get(there) if there else None].append(values)
            if here != there and len(sample[here, there]) < SAMPLE:
                sample[here, there].append(name)
    return Effect(shifts(moves), _summed(before), _summed(after), dict(sample))


def _summed(found: Mapping[int | None, list[tuple[int, ...]]]) -> dict[int | None, Shift]:
    return {person: Shift(len(rows), tuple(map(sum, zip(*rows, strict=True)))) for person, rows in found.items()}


def _portion(part: list[int], now: Map, then: Map) -> Any:
    """Each customer of a portion with its territory now and then, and its values."""
    sums = [
        dict(
            each.rows(everything(each.model, because=queries.WHY))
            .filter(**{f"{each.customer}__in": part})
            .order_by()
            .values_list(each.customer)
            .annotate(total=Sum(each.amount))
        )
        for each in queries.worths.values()
    ]
    rows = everything(Customer, because=queries.WHY).filter(pk__in=part)
    fields = ("pk", "name", "region", "industry", "kind", "annual_purchase")
    for pk, name, region, industry, kind, potential in rows.values_list(*fields):
        where = queries.place(region, industry, kind)
        values = (potential or 0, *(each.get(pk) or 0 for each in sums))
        yield name, now.of(pk, where), then.of(pk, where), values


def plan(draft: Draft, on: dt.date, *, moves_owners: bool, actor: Any, source: str = "page") -> Done:
    """Keep a new cut for its day, or apply it at once where the day has come. Raises Denied, Invalid, Refusal."""
    if not may_cut(actor):
        raise Denied("change", Territory)
    rules = {str(pk): dict(values) for pk, values in draft.items()}
    drafted(draft)
    if not _changes(draft):
        raise Refusal(
            gettext("Nothing would change"),
            gettext("The draft says what is in force already."),
            code="recut.empty",
            rule=gettext("A new cut changes a rule or a person."),
            ways_out=[WayOut(gettext("Change a rule first"), "/territories/recut/", icon="pencil")],
        )
    with transaction.atomic():
        work = Work(actor, "plan_recut", Territory._meta.label_lower, source)
        row: Recut = work.create(Recut, {"on": on, "rules": rules, "moves_owners": moves_owners, "owner": actor})
        done = Done(work.finish(), row)
        return apply(row, actor=actor, source=source) if on <= clock.today() else done


def _changes(draft: Draft) -> bool:
    people = {pk: person.pk for pk, person in queries.responsible().items()}
    rows = {row.pk: row for row in queries.territories()}
    for pk, values in draft.items():
        row = rows.get(pk)
        if row is None:
            continue
        if any(parts(str(values[name])) != parts(getattr(row, name)) for name in FIELDS if name in values):
            return True
        if values.get("person") and values["person"] != people.get(pk):
            return True
    return False


def apply(row: Recut, *, actor: Any, source: str = "page") -> Done:
    """Bring a new cut into force: rules, people and, if wished, owners, as one change that can be undone."""
    draft = {int(pk): values for pk, values in row.rules.items()}
    with transaction.atomic():
        work = Work(actor, "recut", Territory._meta.label_lower, source)
        before = dict(Placement.objects.filter(until__isnull=True).values_list("customer", "territory"))
        work.save(*drafted(draft))
        _assign(work, draft, row.on)
        if not placing.is_small():
            placing.place_all()  # whose owner changes is known only when everybody is placed
        if row.moves_owners:
            _move_owners(work, before)
        row.state, row.applied_at = State.APPLIED, clock.now()
        work.save(row)
        work.emit("territory.recut", *queries.territories())
        return Done(work.finish(), row)


def _assign(work: Work, draft: Draft, on: dt.date) -> None:
    """Let the named people begin on the day, and those before them end the day before."""
    now = queries.looking_after(on)
    for pk, values in draft.items():
        person = values.get("person")
        if not person:
            continue
        leading = [row for row in now.get(pk, []) if not row.helper]
        if any(row.person_id == person for row in leading):
            continue
        for row in leading:
            row.end = on - DAY
            if row.start and row.start > row.end:
                work.remove(row)
            else:
                work.save(row)
        work.create(Assignment, {"territory_id": pk, "person_id": person, "start": on})


def _move_owners(work: Work, before: Mapping[int, int]) -> None:
    """Hand the customers that changed their territory to whoever looks after the new one; credit stays."""
    heirs = queries.responsible()
    after = dict(Placement.objects.filter(until__isnull=True).values_list("customer", "territory"))
    moved: dict[int, list[int]] = defaultdict(list)
    for customer, territory in after.items():
        heir = heirs.get(territory)
        if heir is not None and heir.is_active and before.get(customer) != territory:
            moved[heir.pk].append(customer)
    for heir, ids in moved.items():
        for at in range(0, len(ids), placing.CHUNK):
            rows = everything(Customer, because=queries.WHY).filter(pk__in=ids[at : at + placing.CHUNK])
            found = list(rows.exclude(owner=heir))
            for customer in found:
                customer.keep_credit()
                customer.owner_id = heir
            work.save(*found)


def drop(row: Recut, *, actor: Any) -> Done:
    """Take back a planned cut before its day."""
    if not may_cut(actor):
        raise Denied("change", Territory)
    with transaction.atomic():
        work = Work(actor, "drop_recut", Territory._meta.label_lower)
        row.state = State.DROPPED
        work.save(row)
        return Done(work.finish(), row)


def waiting() -> list[Recut]:
    """The cuts that wait for their day."""
    rows = Recut.objects.filter(state=State.PLANNED, deleted_at__isnull=True)
    return list(rows.select_related("owner").order_by("on", "pk"))


def names(ids: Any) -> dict[int, str]:
    """The names of people by id."""
    return dict(Person.objects.filter(pk__in=[pk for pk in ids if pk]).values_list("pk", "name"))
