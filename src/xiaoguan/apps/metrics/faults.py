"""Values of customers and their contacts that can be checked: which are wrong, and where each is corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.text import capfirst

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.metrics.models import Fault
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity
from xiaoguan.lexicon import identity

BECAUSE = "what is counted of all records doesn't depend on who looks"
OF_CUSTOMER = ("credit_code", "phone", "province", "city", "region")
OF_CONTACT = ("mobile", "phone", "email")
MOST = 5_000
"""Customers whose values are looked at again when a list asks; of more it says what was found last night."""


def of_customer(code: str, phone: str, province: str, city: str, region: str) -> Iterator[tuple[str, bool]]:
    """(field, whether it is right) of each value of a customer that can be checked; a place by what it was read as."""
    if code:
        yield "credit_code", identity.is_credit_code(code)
    if phone:
        yield "phone", bool(identity.phones(phone))
    if province or city:
        yield "city" if city else "province", bool(region)


def of_contact(mobile: str, phone: str, email: str) -> Iterator[tuple[str, bool]]:
    """(field, whether it is right) of each value of a contact that can be checked."""
    for name, number in (("mobile", mobile), ("phone", phone)):
        if number:
            yield name, bool(identity.phones(number))
    if email:
        yield "email", is_mail(email)


def is_mail(text: str) -> bool:
    """Whether a text has the shape of a mail address: one name, one host with a dot."""
    name, sign, host = text.strip().rpartition("@")
    return bool(name and sign) and "@" not in name and "." in host.strip(".") and " " not in text.strip()


def keep(customers: Iterable[int]) -> None:
    """Remember who has a wrong value, in place of what was known."""
    with transaction.atomic():
        Fault.objects.all().delete()
        Fault.objects.bulk_create([Fault(customer=pk) for pk in sorted(customers)], batch_size=5_000)


@dataclass(frozen=True)
class Wrong:
    """One wrong value: what it is called, what stands there, and the field of the form where it is corrected."""

    label: str
    value: str
    url: str


def wrong(actor: Any, customers: Collection[int]) -> Mapping[int, list[Wrong]]:
    """The wrong values of some customers as they are now, without what is hidden from the actor; two queries."""
    found: dict[int, list[Wrong]] = defaultdict(list)
    if not customers:
        return found
    hidden = access.masked(actor, Customer)
    rows = access.everything(Customer, because=BECAUSE).filter(pk__in=customers).order_by("pk")
    for pk, *values in rows.values_list("pk", *OF_CUSTOMER):
        told = dict(zip(OF_CUSTOMER, values, strict=True))
        for name, right in of_customer(*values):
            if not right and name not in hidden:
                found[pk].append(_named(Customer, "", pk, name, told[name]))
    if not access.may(actor, "view", Contact):
        return found
    hidden = access.masked(actor, Contact)
    people = access.everything(Contact, because=BECAUSE).filter(customer__in=customers, left=False).order_by("pk")
    for pk, customer, called, *values in people.values_list("pk", "customer", "name", *OF_CONTACT):
        told = dict(zip(OF_CONTACT, values, strict=True))
        for name, right in of_contact(*values):
            if not right and name not in hidden:
                found[customer].append(_named(Contact, "" if "name" in hidden else called, pk, name, told[name]))
    return found


def _named(model: type[models.Model], whose: str, pk: int, name: str, value: str) -> Wrong:
    label = capfirst(str(model._meta.get_field(name).verbose_name))
    words = f"{whose} · {label}" if whose else label
    return Wrong(words, value, f"{Entity.of(model).url('edit', pk)}#id_{name}")


def still(actor: Any) -> list[int]:
    """Customers with a wrong value: of those found last night the ones that have not been corrected since."""
    ids = list(Fault.objects.order_by("customer").values_list("customer", flat=True)[: MOST + 1])
    if len(ids) <= MOST:
        return sorted(wrong(actor, ids))
    told = not (access.masked(actor, Customer) & set(OF_CUSTOMER) or access.masked(actor, Contact) & set(OF_CONTACT))
    return ids if told and access.may(actor, "view", Contact) else []
