"""A lead that is there already: among the leads by number and company, among the customers by all they are known by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.customers import twins as customers
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.leads.models import Lead, Status
from xiaoguan.apps.leads.models.lead import OPEN
from xiaoguan.kit import access, guard
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.lexicon import companies, identity

CODE = "LEAD-TWIN"
BECAUSE = "a lead is entered once, whoever has it"
MOST = 5


@dataclass(frozen=True)
class Known:
    """One lead that may be the same; without a name where the reader may not see it."""

    pk: int
    called: str
    owner: str
    seen: bool


def leads_like(said: Mapping[str, Any], actor: Any, *, but: int | None = None) -> list[Known]:
    """Open or converted leads with the same number, or of the same company and person."""
    numbers = {each for name in ("mobile", "phone") for each in identity.phones(str(said.get(name) or ""))}
    company, name = (" ".join(str(said.get(part) or "").split()) for part in ("company", "name"))
    condition = Q(phone_key__in=numbers) if numbers else Q(pk__in=[])
    if company and (core := companies.core(company)[:120]):
        condition |= Q(name_key=core, name=name)
    rows = access.everything(Lead, because=BECAUSE).filter(condition, status__in=[*OPEN, Status.CONVERTED])
    found = list(rows.exclude(pk=but).order_by("-pk").values_list("pk", "called", "owner__name")[:MOST])
    shown = access.visible(Lead, actor).filter(pk__in=[pk for pk, _called, _owner in found])
    seen = set(shown.order_by().values_list("pk", flat=True))
    return [Known(pk, called, owner or "", pk in seen) for pk, called, owner in found]


def customers_like(said: Mapping[str, Any], actor: Any) -> list[customers.Twin]:
    """Customers that may be the company of this lead, the likeliest first."""
    about = {
        "name": said.get("company") or "",
        "phone": " ".join(str(said.get(name) or "") for name in ("mobile", "phone")).strip(),
        "website": "",
        "city": said.get("city") or "",
        "province": said.get("province") or "",
    }
    return customers.find(about, actor)


@guard.register("leads.lead.create", code=CODE, label=gettext_lazy("Asks before somebody is entered as a lead twice"))
def ask_first(attempt: guard.Attempt) -> None:
    """Refuse who is surely there already, unless it was said why he is entered all the same.

    Asked are people with a form and programs that use the API; imports and web forms take what comes.
    """
    reason = guard.said(CODE)
    if reason is None and attempt.work.source != "api":
        return
    if reason:
        attempt.work.change.note = reason
        return
    several = [attempt.values] if isinstance(attempt.values, Mapping) else attempt.values
    for values in several:
        known = leads_like(values, attempt.actor)
        sure = [twin for twin in customers_like(values, attempt.actor) if twin.sure]
        if known or sure:
            raise refusal(known, sure)


def refusal(known: Sequence[Known], sure: Sequence[customers.Twin]) -> Refusal:
    """What the rule says, and the ways out."""
    leads, companies_ = Entity.of(Lead), Entity.of(Customer)
    ways = [
        WayOut(
            _("Open %(name)s") % {"name": each.called},
            leads.url("detail", each.pk),
            _("owner %(name)s") % {"name": each.owner} if each.owner else _("nobody has it yet"),
            icon="user-plus",
        )
        for each in known
        if each.seen
    ]
    ways += [
        WayOut(
            _("Open the customer %(name)s") % {"name": twin.row["name"]},
            companies_.url("detail", twin.row["pk"]),
            _("owner %(name)s") % {"name": twin.row["owner__name"]} if twin.row["owner__name"] else "",
            icon="building",
        )
        for twin in sure
        if twin.row is not None
    ]
    if any(not each.seen for each in known) or any(twin.row is None for twin in sure):
        ways.append(WayOut(_("Ask your manager"), hint=_("A colleague works on it."), icon="users"))
    ways.append(WayOut(_("Create it anyway"), hint=_("Say why; the reason stays in the history."), icon="pencil"))
    cause = (
        _("A lead with the same number, or the same company and person, is there.")
        if known
        else _("The company is a customer already.")
    )
    return Refusal(
        _("This lead is there already"), cause, code=CODE, rule=_("Somebody is entered as a lead once."), ways_out=ways
    )
