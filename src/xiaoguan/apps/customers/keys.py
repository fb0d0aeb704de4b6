"""Keys of customers: stored with what they come from, in the same transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from xiaoguan.apps.customers.models import Contact, Customer, CustomerKey
from xiaoguan.kit.access import everything
from xiaoguan.kit.consequence import consequence
from xiaoguan.lexicon import identity

CHUNK = 500
OF_CUSTOMER = ("phone", "website", "credit_code", "deleted_at")
OF_CONTACT = ("mobile", "phone", "email", "other_ways", "customer_id", "deleted_at")
Kind = CustomerKey.Kind
Key = tuple[str, str]


def keys_of(said: dict[str, str]) -> set[Key]:
    """The keys in the fields of a customer or a contact, by the names of the fields: kind and value."""
    found: set[Key] = {
        (Kind.PHONE, number) for name in ("phone", "mobile") for number in identity.phones(said.get(name) or "")
    }
    for line in (said.get("other_ways") or "").splitlines():
        found |= {(Kind.PHONE, number) for number in identity.phones(line)}
        found |= {(Kind.DOMAIN, name[:120]) for word in line.split() if "@" in word and (name := identity.domain(word))}
    for name in ("website", "email"):
        if domain := identity.domain(said.get(name) or "")[:120]:
            found.add((Kind.DOMAIN, domain))
    if identity.is_credit_code(code := said.get("credit_code") or ""):
        found.add((Kind.CODE, identity.credit_code(code)))
    return found


def store(ids: Iterable[int]) -> None:
    """Write the keys of some customers anew."""
    wanted = sorted(set(ids))
    for begin in range(0, len(wanted), CHUNK):
        part = wanted[begin : begin + CHUNK]
        found: dict[int, set[Key]] = defaultdict(set)
        rows = everything(Customer, because="keys are kept for every customer").filter(pk__in=part)
        for row in rows.values("pk", "phone", "website", "credit_code"):
            found[row["pk"]] |= keys_of(row)
        people = everything(Contact, because="keys are kept for every customer").filter(customer__in=part)
        for row in people.values("customer_id", "mobile", "phone", "email", "other_ways"):
            if row["customer_id"] in found:
                found[row["customer_id"]] |= keys_of(row)
        CustomerKey.objects.filter(customer__in=part).delete()
        CustomerKey.objects.bulk_create(
            CustomerKey(customer_id=pk, kind=kind, value=value) for pk in found for kind, value in sorted(found[pk])
        )


def _touched(rows: Sequence[Any], fresh: bool, names: tuple[str, ...]) -> list[Any]:
    """The rows that bear on keys: new ones that say something, others in which one of these fields changed."""
    if fresh:
        return [
            row
            for row in rows
            if any(getattr(row, name) for name in names if name not in ("customer_id", "deleted_at"))
        ]
    return [row for row in rows if set(names) & set(row.changed_fields())]


@consequence(Customer)
def of_customers(_work: Any, rows: Sequence[Customer], fresh: bool) -> None:
    """A customer's own numbers, domain and code."""
    store(row.pk for row in _touched(rows, fresh, OF_CUSTOMER))


@consequence(Contact)
def of_contacts(_work: Any, rows: Sequence[Contact], fresh: bool) -> None:
    """What the people there are reached by; who changes the company leaves the old one without it."""
    touched = _touched(rows, fresh, OF_CONTACT)
    before = [row.changed_fields()["customer_id"][0] for row in touched if "customer_id" in row.changed_fields()]
    store([row.customer_id for row in touched] + before)
