"""From a lead to a customer, a contact and a deal, in one step that is undone as one."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers import twins as customer_twins
from xiaoguan.apps.customers.models import Contact, Customer, Source
from xiaoguan.apps.leads import twins
from xiaoguan.apps.leads.models import Lead, Origin, Status
from xiaoguan.apps.opportunities.models import Deal, Outcome, Stage
from xiaoguan.kit import clock, event, kinds
from xiaoguan.kit.access import everything, may
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Denied, Invalid, Refusal, WayOut

event.declare("lead.converted", _("A lead became a customer"))

SOURCES = {Origin.FORM: Source.WEBSITE, Origin.CAMPAIGN: Source.CAMPAIGN, Origin.CARD: Source.EXHIBITION}
"""Where a customer came from, by how its lead came; what says nothing is left empty."""


@action(
    Lead, _("Convert"), verb="convert", icon="user-check", position=12,
    shown=lambda lead: lead.is_open,
)  # fmt: skip
def convert(
    work: Work,
    lead: Lead,
    *,
    customer: Annotated[Customer | None, _("Customer who is there already")] = None,
    contact: Annotated[Contact | None, _("Contact who is there already")] = None,
    deal: Annotated[bool, _("With a deal")] = True,
    deal_name: Annotated[str, _("Name of the deal")] = "",
    amount: Annotated[int | None, _("Amount"), kinds.MONEY] = None,
    reason: Annotated[str, _("Why a new customer, though one like it is there")] = "",
) -> Lead:
    """Make a customer, a contact and if wanted a deal out of a lead, or join it to those that are there."""
    if not lead.is_open:
        raise _not_open(lead)
    _check_chosen(work.actor, customer, contact)
    owner = lead.owner or work.actor
    company = customer or _customer(work, lead, owner, reason)
    person = contact or _contact(work, lead, company)
    lead.customer, lead.contact = company, person
    if deal:
        lead.deal = _deal(work, lead, company, owner, deal_name, amount)
    if lead.owner_id is None:
        lead.owner = owner
    lead.status, lead.converted_on, lead.converted_by = Status.CONVERTED, clock.today(), owner
    if amount is not None:
        lead.amount = amount
    work.save(lead)
    work.emit("lead.converted", lead, customer=company.pk)
    return lead


def _not_open(lead: Lead) -> Refusal:
    way = WayOut(gettext("Take it up again first"), lead.entity.url("detail", lead), icon="reload")
    if lead.customer is not None:
        way = WayOut(gettext("Open the customer"), lead.customer.entity.url("detail", lead.customer), icon="building")
    return Refusal(
        gettext("This lead is closed"),
        gettext("%(lead)s is converted or discarded.") % {"lead": lead.called},
        code="LEAD-CLOSED",
        rule=gettext("Only an open lead is converted."),
        ways_out=[way],
    )


def _check_chosen(actor: Any, customer: Customer | None, contact: Contact | None) -> None:
    """What is chosen must be the actor's to add to, and the contact one of the customer's."""
    if customer is not None and not may(actor, "change", customer):
        raise Denied("change", customer)
    if contact is None:
        return
    if customer is None or contact.customer_id != customer.pk:
        raise Invalid({"contact": [gettext("Choose a contact of the customer.")]})


def _customer(work: Work, lead: Lead, owner: Any, reason: str) -> Customer:
    """A new customer; where one like it is surely there, somebody has said why."""
    if not may(work.actor, "create", Customer):
        raise Denied("create", Customer)
    if not (lead.company or lead.name):
        raise Invalid({"customer": [gettext("Type the company or the name of the lead first.")]})
    sure = [twin for twin in twins.customers_like(vars(lead), work.actor) if twin.sure]
    if sure and not reason.strip():
        raise customer_twins.refusal(lead.company or lead.name, sure)
    work.change.note = reason
    values = {
        "name": lead.company or lead.name,
        "kind": lead.kind,
        "province": lead.province,
        "city": lead.city,
        "phone": lead.phone,
        "source": SOURCES.get(Origin(lead.origin), ""),
        "note": lead.wants,
        "owner": owner,
    }
    made: Customer = work.create(Customer, values)
    return made


def _contact(work: Work, lead: Lead, customer: Customer) -> Contact | None:
    """The person, where the lead names one or how to reach him."""
    if not (lead.name or lead.mobile or lead.email or lead.wechat):
        return None
    if not may(work.actor, "create", Contact):
        raise Denied("create", Contact)
    values = {name: getattr(lead, name) for name in ("title", "mobile", "phone", "email", "wechat")}
    made: Contact = work.create(Contact, {"customer": customer, "name": lead.name or lead.called[:60], **values})
    return made


def _deal(work: Work, lead: Lead, customer: Customer, owner: Any, name: str, amount: int | None) -> Deal:
    """A deal at the start of the process, for what the lead wants."""
    if not may(work.actor, "create", Deal):
        raise Denied("create", Deal)
    rows = everything(Stage, because="the sales process is the same for whoever converts")
    start = rows.filter(outcome=Outcome.OPEN, pipeline__deleted_at__isnull=True)
    stage = start.order_by("pipeline__position", "position", "pk").first()
    if stage is None:
        raise Invalid({"deal": [gettext("There is no stage to start a deal in.")]})
    wanted = lead.wants.strip().splitlines()
    values = {
        "name": name.strip() or (wanted[0][:120] if wanted else customer.called),
        "customer": customer,
        "stage": stage,
        "amount": lead.amount if amount is None else amount,
        "source": customer.source,
        "note": lead.wants,
        "owner": owner,
    }
    made: Deal = work.create(Deal, values)
    return made
