"""What the rows of a file are most like among all customers, a whole portion asked at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xiaoguan.apps.customers import keys, names, twins
from xiaoguan.apps.customers.models import Customer, CustomerKey
from xiaoguan.kit import access
from xiaoguan.lexicon import companies, likeness
from xiaoguan.transfer.alike import Alike, look

PORTION = 5000
TOP = 5
"""So many of the index's candidates per name are compared: a file has many names, and the likest is wanted."""


@look(Customer._meta.label_lower)
def likest(described: Sequence[Mapping[str, Any]], actor: Any, before: dt.datetime | None) -> list[Alike | None]:
    """Tell of each row which customer it may be; of one that the actor may not see only that there is one."""
    said = [{name: str(each.get(name) or "") for name in twins.FIELDS} for each in described]
    spoken = [" ".join(each["name"].split()) for each in said]
    mine = likeness.prepare(spoken, [twins.placed(each) for each in said])
    shared = _with_keys([keys.keys_of(each) for each in said])
    wanted = [set(found) for found in shared]
    _add_cores(wanted, spoken)
    for at, ids in enumerate(names.candidates_of(mine, TOP)):
        if len(companies.match_key(spoken[at])) >= 2:
            wanted[at] |= ids
    rows = _rows({pk for ids in wanted for pk in ids}, before)
    best = _best(said, mine, wanted, shared, rows)
    seen = _seen([found[1] for found in best if found is not None], actor)
    hidden = [rows[found[1]] for found in best if found is not None and found[1] not in seen]
    told = twins.whose(hidden)[0] if hidden else {}
    return [None if found is None else _told(found, rows, seen, told) for found in best]


Found = tuple[float, int, tuple[str, ...]]
"""How likely (0 … 1), the customer's id, and what agrees."""


def _told(
    found: Found, rows: Mapping[int, dict[str, Any]], seen: Mapping[int, Customer], told: Mapping[int, str]
) -> Alike:
    value, pk, why = found
    words = ", ".join(str(twins.REASONS[each]) for each in why)
    note = told.get(pk, "")
    if pk in seen:
        note = " · ".join(part for part in (rows[pk]["city"], rows[pk]["owner__name"]) if part)
    return Alike(value, value >= likeness.SURE, words, seen.get(pk), note)


def _seen(ids: Sequence[int], actor: Any) -> Mapping[int, Customer]:
    if not access.may(actor, "view", Customer):
        return {}
    return access.visible(Customer, actor).in_bulk(list(set(ids)))


def _with_keys(of_rows: Sequence[set[keys.Key]]) -> list[dict[int, set[str]]]:
    """By row: the customers that share a number, domain or code, and which."""
    values = {value for each in of_rows for _kind, value in each}
    holders: dict[keys.Key, list[int]] = defaultdict(list)
    rows = CustomerKey.objects.filter(value__in=values) if values else CustomerKey.objects.none()
    for kind, value, pk in rows.values_list("kind", "value", "customer_id"):
        holders[kind, value].append(pk)
    found: list[dict[int, set[str]]] = []
    for each in of_rows:
        shared: dict[int, set[str]] = {}
        for kind, value in each:
            ids = holders.get((str(kind), value), [])
            if len(ids) <= twins.CROWD or kind == CustomerKey.Kind.CODE:
                for pk in ids:
                    shared.setdefault(pk, set()).add(str(kind))
        found.append(shared)
    return found


def _add_cores(wanted: Sequence[set[int]], spoken: Sequence[str]) -> None:
    """Add customers whose names have the same stored core, the newest few of each."""
    cores = [companies.core(name)[:120] for name in spoken]
    having: dict[str, list[int]] = defaultdict(list)
    rows = access.everything(Customer, because=names.WHY).filter(name_key__in={core for core in cores if core})
    for core, pk in rows.order_by("-updated_at").values_list("name_key", "pk"):
        if len(having[core]) < names.CANDIDATES:
            having[core].append(pk)
    for ids, core in zip(wanted, cores, strict=True):
        ids.update(having.get(core, ()))


def _rows(ids: set[int], before: dt.datetime | None) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    order = sorted(ids)
    for at in range(0, len(order), PORTION):
        rows = access.everything(Customer, because=names.WHY).filter(pk__in=order[at : at + PORTION])
        rows = rows.filter(created_at__lt=before) if before is not None else rows
        found |= {row["pk"]: row for row in rows.values(*twins.READ)}
    return found


def _best(
    said: Sequence[Mapping[str, str]],
    mine: likeness.Names,
    wanted: Sequence[set[int]],
    shared: Sequence[Mapping[int, set[str]]],
    rows: Mapping[int, dict[str, Any]],
) -> list[Found | None]:
    """By row: the likest customer, if it is perhaps the same."""
    pairs = [(at, pk) for at, ids in enumerate(wanted) for pk in sorted(ids) if pk in rows]
    of_names = np.zeros(len(pairs))
    order = list(rows)
    place = {pk: index for index, pk in enumerate(order)}
    for field in ("name", "short_name"):
        theirs = likeness.prepare([rows[pk][field] for pk in order], [twins.placed(rows[pk]) for pk in order])
        chosen = np.array([at for at, (_row, pk) in enumerate(pairs) if rows[pk][field]], np.int64)
        if len(chosen):
            left = np.array([pairs[at][0] for at in chosen], np.int64)
            right = np.array([place[pairs[at][1]] for at in chosen], np.int64)
            found = likeness.likeness(names.weights(), mine, left, theirs, right)
            of_names[chosen] = np.maximum(of_names[chosen], found)
    best: list[Found | None] = [None] * len(said)
    for (at, pk), alike in zip(pairs, of_names.tolist(), strict=True):
        agree = set(shared[at].get(pk, ()))
        value = twins.together(alike, said[at], rows[pk], agree)
        now = best[at]
        if value >= likeness.MAYBE and (now is None or (-value, pk) < (-now[0], now[1])):
            best[at] = (value, pk, twins.why(alike, agree))
    return best
