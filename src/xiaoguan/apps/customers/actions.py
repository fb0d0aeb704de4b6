"""Verbs of customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Contact, Customer, CustomerFact, FactState
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import clock, event
from xiaoguan.kit.access import may
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Denied, Invalid

event.declare("customer.transferred", _("A customer was handed over"))

TRUSTED_FOR = dt.timedelta(days=180)
"""So long a fact is taken for true after somebody verified it."""

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


def holds(fact: CustomerFact) -> bool:
    """Whether a fact is taken for true."""
    return fact.state == FactState.HOLDS


@action(CustomerFact, _("Still true"), icon="check", shown=holds, position=10)
def still_true(work: Work, fact: CustomerFact) -> CustomerFact:
    """Somebody asked again: it holds, and is asked again after as long a time."""
    fact.verified_on = clock.today()
    fact.verify_by = fact.verified_on + TRUSTED_FOR
    work.save(fact)
    return fact


@action(CustomerFact, _("No longer true"), icon="x", shown=holds, position=20)
def no_longer(work: Work, fact: CustomerFact) -> CustomerFact:
    """It does not hold any more; it stays to be read."""
    fact.state, fact.verified_on = FactState.OVER, clock.today()
    work.save(fact)
    return fact


def here(contact: Contact) -> bool:
    """Whether somebody works where he is recorded."""
    return not contact.left


@action(Contact, _("Has moved"), name="has_moved", icon="arrow-right", shown=here, position=40)
def has_moved(
    work: Work,
    contact: Contact,
    *,
    to: Annotated[Customer, _("New company")],
    title: Annotated[str, _("Job title")] = "",
) -> Contact:
    """Somebody works for another customer now: he is entered there with his numbers, what was stays here."""
    if to.pk == contact.customer_id:
        raise Invalid({"to": [gettext("That is where this person works already.")]})
    if not (may(work.actor, "create", Contact) and may(work.actor, "change", to)):
        raise Denied("create", Contact)
    kept = ("name", "mobile", "wechat", "birthday", "lunar_birthday", "attitude")
    fresh: Contact = work.create(
        Contact, {"customer": to, "title": title, **{name: getattr(contact, name) for name in kept}}
    )
    contact.left, contact.moved_to = True, fresh
    work.save(contact)
    return fresh
