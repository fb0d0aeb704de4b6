"""Compares all customers with one another by a job, and each that was saved since with all others."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.customers import names, twins
from xiaoguan.apps.customers.models import Customer, CustomerKey, Pair, PairCheck
from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.access import everything
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.lexicon import duplicates, identity, likeness, places

WHY = "duplicates are looked for among all customers; a reader is shown those he may change"
KIND = "customers.pairs"
PORTION = 20_000
MOST = 100_000
"""So many pairs are kept, the likeliest."""
MANY = 2_000
"""More customers than this saved since the last look are compared all together."""
_FIELDS = ("pk", "name", "province", "city", "address", "credit_code")


@job.job(KIND, label=gettext_lazy("Look for duplicate customers"), lease=900, slow=True)
def compare_all(running: job.Run) -> dict[str, Any]:
    """Read all customers, compare them, and replace what the last look found."""
    begun = clock.machine_now()
    ids, companies = _read(running)
    with running.chunk(note=_("Comparing %(n)s customers") % {"n": f"{len(ids):,}"}):
        pass
    found = find(ids, companies)[:MOST]
    for at in range(0, len(found), PORTION):
        with running.chunk(note=_("Writing down what was found")):
            store(found[at : at + PORTION], begun)
    with running.chunk():
        Pair.objects.filter(found_at__lt=begun).delete()
        told = {"actor": running.actor, "customers": len(ids), "pairs": len(found), "seen_to": begun}
        PairCheck.objects.update_or_create(pk=1, defaults={"at": clock.machine_now(), **told})
    return {"customers": len(ids), "pairs": len(found)}


def _read(running: job.Run) -> tuple[list[int], list[duplicates.Company]]:
    """Every living customer as what identifies it."""
    ids: list[int] = []
    companies: list[duplicates.Company] = []
    while True:
        rows = everything(Customer, because=WHY).filter(pk__gt=ids[-1] if ids else 0).order_by("pk")
        part = list(rows.values(*_FIELDS)[:PORTION])
        if not part:
            return ids, companies
        with running.chunk(done=len(part)):
            keys = _keys(part[0]["pk"], part[-1]["pk"])
        companies += [_company(row, keys[row["pk"]]) for row in part]
        ids += [row["pk"] for row in part]


def _keys(first: int, last: int) -> dict[int, dict[str, list[str]]]:
    """Numbers and domains of the customers between two ids, their contacts' too."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = CustomerKey.objects.filter(customer__gte=first, customer__lte=last).order_by("pk")
    for pk, kind, value in rows.values_list("customer_id", "kind", "value").iterator():
        found[pk][kind].append(value)
    return found


def _company(row: dict[str, Any], keys: dict[str, list[str]]) -> duplicates.Company:
    code = row["credit_code"]
    return duplicates.Company(
        row["name"],
        tuple(places.places_in(f"{row['province']}{row['city']}")),
        next(iter(keys[CustomerKey.Kind.DOMAIN]), ""),
        tuple(keys[CustomerKey.Kind.PHONE]),
        identity.address(row["address"]),
        identity.credit_code(code) if identity.is_credit_code(code) else "",
    )


def find(ids: Sequence[int], companies: Sequence[duplicates.Company]) -> list[tuple[int, int, float, str]]:
    """The pairs that may be one, the likeliest first: both ids, how likely (0 … 1), and what agrees."""
    if len(ids) < 2:
        return []
    prepared = likeness.prepare([each.name for each in companies], [each.places for each in companies])
    grams = likeness.index(prepared)
    pairs = duplicates.joined(companies, prepared, grams, likeness.MAYBE)
    first, second = (np.array([getattr(pair, at) for pair in pairs], np.int64) for at in ("first", "second"))
    of_names = likeness.likeness(grams, prepared, first, prepared, second) if pairs else np.zeros(0)
    found = []
    for pair, alike in zip(pairs, of_names.tolist(), strict=True):
        why = _why(companies[pair.first], companies[pair.second], alike)
        found.append((ids[pair.first], ids[pair.second], pair.likeness, why))
    return found


def _why(one: duplicates.Company, other: duplicates.Company, of_names: float) -> str:
    agree = {
        "code": bool(one.code) and one.code == other.code,
        "phone": bool(set(one.phones) & set(other.phones)),
        "domain": bool(one.domain) and one.domain == other.domain,
        "name": of_names >= likeness.MAYBE,
    }
    return ",".join(code for code, true in agree.items() if true)


def store(found: Iterable[tuple[int, int, float, str]], moment: dt.datetime) -> None:
    """Write pairs down; one that is there already gets what was found now."""
    rows = [
        Pair(first_id=a, second_id=b, likeness=min(RATE_ONE, round(value * RATE_ONE)), reasons=why, found_at=moment)
        for a, b, value, why in found
    ]
    Pair.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["first", "second"],
        update_fields=["likeness", "reasons", "found_at"],
    )  # fmt: skip


@job.job("customers.pairs_since", label=gettext_lazy("Compare customers saved since"), lease=300)
def compare_saved(running: job.Run) -> dict[str, Any] | None:
    """Compare each customer that was saved or put away since the last look with all others."""
    begun = clock.machine_now()
    check = PairCheck.objects.filter(pk=1).first()
    if check is None or check.seen_to is None:  # nothing was ever compared: first all with all
        if everything(Customer, because=WHY).exists():
            job.enqueue(KIND, key=KIND)
        return None
    changed = Customer._default_manager.filter(updated_at__gte=check.seen_to - names.LAG)
    ids = list(changed.order_by("pk").values_list("pk", flat=True)[: MANY + 1])
    if len(ids) > MANY:
        job.enqueue(KIND, key=KIND)
        return None
    for pk in ids:
        with running.chunk(done=1):
            compare(pk, begun)
    with running.chunk():
        PairCheck.objects.filter(pk=1).update(seen_to=begun)
    return {"customers": len(ids)}


@transaction.atomic
def compare(pk: int, moment: dt.datetime) -> None:
    """Replace the pairs of one customer by what is found now."""
    Pair.objects.filter(Q(first=pk) | Q(second=pk)).delete()
    row = everything(Customer, because=WHY).filter(pk=pk).values(*twins.FIELDS).first()
    if row is None:
        return
    near = twins.near(row, most=twins.MOST * 4)
    pairs = [(*sorted((pk, each["pk"])), value, ",".join(why)) for value, each, why in near if each["pk"] != pk]
    store(pairs, moment)  # type: ignore[arg-type]


schedule.every("40 2 * * *", KIND, label=gettext_lazy("Look for duplicate customers"))
schedule.every("*/5 * * * *", "customers.pairs_since", label=gettext_lazy("Compare customers saved since"))
