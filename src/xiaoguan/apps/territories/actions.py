"""Verbs of territories: naming customers, and planning a new cut."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.territories.applying import apply
from xiaoguan.apps.territories.drafts import FIELDS, Draft, changes, drafted
from xiaoguan.apps.territories.models import Naming, Recut, Territory
from xiaoguan.apps.territories.models.recut import State
from xiaoguan.kit import access, clock
from xiaoguan.kit.action import Done, Work, action
from xiaoguan.kit.errors import Denied, Invalid, Refusal, WayOut

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


def may_cut(actor: Any) -> bool:
    """Whether somebody may cut the territories anew."""
    hidden = access.masked(actor, Territory) & set(FIELDS)
    return not hidden and access.grants(actor).scope(Territory._meta.label_lower, "change") == "all"


def plan(draft: Draft, on: dt.date, *, moves_owners: bool, actor: Any, source: str = "page") -> Done:
    """Keep a new cut for its day, or apply it at once where the day has come. Raises Denied, Invalid, Refusal."""
    if not may_cut(actor):
        raise Denied("change", Territory)
    rules = {str(pk): dict(values) for pk, values in draft.items()}
    drafted(draft)
    if not changes(draft):
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
