"""Looking for a company before it is entered a second time, and the rule that asks.

Whoever looks sees name and owner of the customers he may see. Of others he learns that there is one, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.customers import keys, names
from xiaoguan.apps.customers.models import Customer, CustomerKey
from xiaoguan.apps.notices import telling
from xiaoguan.apps.org.queries import company, managers_of_people
from xiaoguan.kit import access, guard
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.lexicon import companies, identity, likeness, places

CODE = "CUSTOMER-TWIN"
MOST = 5
CROWD = 30
"""A number or domain of more customers than this says nothing."""
FIELDS = ("name", "phone", "website", "credit_code", "city", "province", "address")
"""What is looked at while somebody types a new customer."""
READ = ("pk", "name", "short_name", "city", "province", "address", "owner", "owner__name")

REASONS = {
    "code": gettext_lazy("same credit code"),
    "phone": gettext_lazy("same phone number"),
    "domain": gettext_lazy("same web domain"),
    "name": gettext_lazy("similar name"),
}


@dataclass(frozen=True)
class Twin:
    """A customer that may be the one being entered; `row` is None where the reader may not see it.

    Of one he may not see `told` holds name and owner where the company lets him know, `ask` names who can help, and
    `way` leads to where he may get it.
    """

    likeness: float
    why: tuple[str, ...]
    row: dict[str, Any] | None
    told: str = ""
    ask: str = ""
    way: WayOut | None = None

    @property
    def sure(self) -> bool:
        """Whether it is so likely that saving asks once more."""
        return self.likeness >= likeness.SURE

    @property
    def reasons(self) -> str:
        """What agrees, in words."""
        return ", ".join(str(REASONS[each]) for each in self.why)


Ways = Callable[[Sequence[int], Any], Mapping[int, WayOut]]
_ways: list[Ways] = []


def ways_to(func: Ways) -> Ways:
    """Register who knows a way to customers out of sight (a public pool): gets their ids and the actor."""
    _ways.append(func)
    return func


def find(said: Mapping[str, Any], actor: Any, *, most: int = MOST) -> list[Twin]:
    """The customers that may be the one described, the likeliest first, as this actor may see them."""
    found = near(said, most=most)
    seen = _seen([row["pk"] for _value, row, _reasons in found], actor)
    hidden = [row for _value, row, _reasons in found if row["pk"] not in seen]
    told, ask = whose(hidden) if hidden else ({}, {})
    ways: dict[int, WayOut] = {}
    for func in _ways if hidden else ():
        ways |= func([row["pk"] for row in hidden], actor)
    return [
        Twin(value, why, row, way=None)
        if row["pk"] in seen
        else Twin(value, why, None, told.get(row["pk"], ""), ask.get(row["pk"], ""), ways.get(row["pk"]))
        for value, row, why in found
    ]


def whose(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[int, str], dict[int, str]]:
    """Of customers out of sight: name and owner, as far as the company tells them, and the manager of the owner."""
    managers = managers_of_people({row["owner"] for row in rows if row["owner"]})
    ask = {row["pk"]: managers[row["owner"]].name for row in rows if row["owner"] in managers}
    if not company().tells_owners:
        return {}, ask
    names_ = {row["pk"]: " · ".join(part for part in (row["name"], row["owner__name"]) if part) for row in rows}
    return names_, ask


def near(said: Mapping[str, Any], *, most: int = MOST) -> list[tuple[float, dict[str, Any], tuple[str, ...]]]:
    """The same for nobody in particular: how likely (0 … 1), the customer's values, and what agrees."""
    said = {name: str(said.get(name) or "") for name in FIELDS}
    name = " ".join(said["name"].split())
    mine = keys.keys_of(said)
    shared = _with_keys(mine)
    ids = set(shared)
    if len(companies.match_key(name)) >= 2:
        ids |= names.candidates(name) | _with_core(name)
    if not ids:
        return []
    rows = list(access.everything(Customer, because=names.WHY).filter(pk__in=ids).values(*READ))
    likely = _likeness(name, said, rows) if name else np.zeros(len(rows))
    found = []
    for row, of_names in zip(rows, likely.tolist(), strict=True):
        value = together(of_names, said, row, shared.get(row["pk"], set()))
        if value >= likeness.MAYBE:
            found.append((value, row, why(of_names, shared.get(row["pk"], set()))))
    return sorted(found, key=lambda each: (-each[0], each[1]["pk"]))[:most]


def _seen(ids: list[int], actor: Any) -> set[int]:
    if not access.may(actor, "view", Customer):
        return set()
    return set(access.visible(Customer, actor).filter(pk__in=ids).order_by().values_list("pk", flat=True))


def _with_keys(mine: set[keys.Key]) -> dict[int, set[str]]:
    """Customers that share a number, domain or code with what was typed, and which."""
    found: dict[int, set[str]] = {}
    for kind, value in mine:
        ids = list(
            CustomerKey.objects.filter(value=value, kind=kind).values_list("customer_id", flat=True)[: CROWD + 1]
        )
        if len(ids) <= CROWD or kind == CustomerKey.Kind.CODE:
            for pk in ids:
                found.setdefault(pk, set()).add(str(kind))
    return found


def _with_core(name: str) -> set[int]:
    """Customers whose names have the same stored core, however many other names there are."""
    core = companies.core(name)[:120]
    rows = access.everything(Customer, because=names.WHY).filter(name_key=core)
    return set(rows.order_by("-updated_at").values_list("pk", flat=True)[: names.CANDIDATES])


def _likeness(name: str, said: Mapping[str, str], rows: list[dict[str, Any]]) -> np.ndarray[Any, Any]:
    """How likely each row's name, or its short name, means the company that was typed."""
    mine = likeness.prepare([name], [placed(said)])
    best = np.zeros(len(rows))
    for field in ("name", "short_name"):
        at = [place for place, row in enumerate(rows) if row[field]]
        if at:
            theirs = likeness.prepare([rows[place][field] for place in at], [placed(rows[place]) for place in at])
            order = np.arange(len(at))
            found = likeness.likeness(names.weights(), mine, np.zeros_like(order), theirs, order)
            best[at] = np.maximum(best[at], found)
    return best


def placed(said: Mapping[str, Any]) -> tuple[str, ...]:
    """The places that a description names beside the name, short."""
    return tuple(places.places_in(f"{said['province']}{said['city']}"))


def together(of_names: float, said: Mapping[str, str], row: Mapping[str, Any], shared: set[str]) -> float:
    """The likeness of names with what else agrees."""
    if CustomerKey.Kind.CODE in shared:
        return 1.0
    domain = "same" if CustomerKey.Kind.DOMAIN in shared else ""
    return identity.together(
        of_names,
        domains=(domain, domain),
        numbers=("same",) if CustomerKey.Kind.PHONE in shared else (),
        places=(identity.address(said["address"]), identity.address(row["address"])),
    )


def why(of_names: float, shared: set[str]) -> tuple[str, ...]:
    """Codes of what agrees."""
    agree = [kind for kind in ("code", "phone", "domain") if kind in shared]
    return tuple([*agree, "name"] if of_names >= likeness.MAYBE else agree)


# --- The rule -----------------------------------------------------------------------------------------------------


@guard.register("customers.customer.create", code=CODE, label=gettext_lazy("Asks before a company is entered twice"))
def ask_first(attempt: guard.Attempt) -> None:
    """Refuse what is surely there already unless somebody said why it is entered all the same.

    Asked are people who fill in a form and programs that use the API; an import matches its rows by itself.
    """
    reason = guard.said(CODE)
    if reason is None and attempt.work.source != "api":
        return
    several = [attempt.values] if isinstance(attempt.values, Mapping) else attempt.values
    if reason:
        attempt.work.change.note = reason
        for values in several:
            tell_owners(values, attempt.actor, reason)
        return
    for values in several:
        if sure := [twin for twin in find(values, attempt.actor) if twin.sure]:
            problem = refusal(str(values.get("name") or ""), sure)
            problem.afterwards = partial(tell_owners, values, attempt.actor)
            raise problem


def tell_owners(values: Mapping[str, Any], actor: Any, reason: str = "") -> None:
    """Let the owners of customers that surely are this one know who wanted to enter it, and why he did all the same."""
    name = str(values.get("name") or "")
    text = _("%(name)s — %(reason)s") % {"name": name, "reason": reason} if reason else name
    for value, row, _reasons in near(values):
        if value >= likeness.SURE and row["owner"] and row["owner"] != actor.pk:
            customer = access.everything(Customer, because=names.WHY).get(pk=row["pk"])
            kind = "customer_overruled" if reason else "customer_conflict"
            telling.tell(kind, [row["owner"]], actor=actor, row=customer, text=text, group=f"{actor.pk}:{row['pk']}")


def refusal(name: str, sure: list[Twin]) -> Refusal:
    """What the rule says, and the ways out."""
    entity = Entity.of(Customer)
    ways = [
        WayOut(
            _("Open %(name)s") % {"name": twin.row["name"]},
            entity.url("detail", twin.row["pk"]),
            _("owner %(name)s") % {"name": twin.row["owner__name"]} if twin.row["owner__name"] else "",
            icon="building",
        )
        for twin in sure
        if twin.row is not None
    ]
    for twin in sure:
        if twin.row is None and twin.way is not None:
            ways.append(twin.way)
        elif twin.row is None:
            label = _("Ask %(name)s") % {"name": twin.ask} if twin.ask else _("Ask your manager")
            ways.append(WayOut(label, hint=twin.told or _("The customer belongs to another colleague."), icon="users"))
    ways.append(WayOut(_("Create it anyway"), hint=_("Say why; the reason stays in the history."), icon="pencil"))
    return Refusal(
        _("This company is there already"),
        _("“%(name)s” is surely the same company: %(why)s.") % {"name": name, "why": sure[0].reasons},
        code=CODE,
        rule=_("A company is entered once."),
        ways_out=ways,
    )
