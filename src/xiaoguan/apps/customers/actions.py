"""Verbs of customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import event
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Invalid

event.declare("customer.transferred", _("A customer was handed over"))

Along = Callable[[Work, Mapping[int, int | None], Person], None]
"""Gets the running work, the previous owner by customer id, and the new owner."""

moves_along: list[Along] = []
"""What higher apps hand over together with a customer, in the order of registration."""


def along(func: Along) -> Along:
    """Register what changes hands together with customers."""
    moves_along.append(func)
    return func


def refuse_leaver(person: Person) -> None:
    """Raise Invalid when somebody can't take anything over any more."""
    if not person.is_active or person.deleted_at is not None:
        raise Invalid({"to": [gettext("%(name)s has left; choose somebody who is here.") % {"name": person.name}]})


@action(Customer, _("Transfer"), verb="transfer", icon="user-share", bulk=True, position=70)
def transfer(
    work: Work,
    customers: Sequence[Customer],
    *,
    to: Annotated[Person, _("New owner")],
    together: Annotated[bool, _("With open deals, contracts, follow-ups and tasks")] = True,
    comment: Annotated[str, _("Comment")] = "",
) -> Sequence[Customer]:
    """Hand customers over; what the previous owner had with them goes along, credit for what is done stays."""
    refuse_leaver(to)
    work.change.note = comment
    previous = {customer.pk: customer.owner_id for customer in customers if customer.owner_id != to.pk}
    for customer in customers:
        customer.keep_credit()
        customer.owner = to
    moved = work.save(*customers)
    if together and previous:
        for func in moves_along:
            func(work, previous, to)
    if moved:
        work.emit("customer.transferred", *moved, to=to.pk)
    return customers
