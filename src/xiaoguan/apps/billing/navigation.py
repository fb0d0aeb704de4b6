"""The tabs above instalments and allocations, and where their settings stand."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.billing import ageing, reminders_page
from xiaoguan.apps.billing.models import (
    Allocation,
    Instalment,
    Invoice,
    Order,
    OrderLine,
    PlanPart,
    PlanTemplate,
    State,
)
from xiaoguan.kit import access, clock, filters, nav, views
from xiaoguan.kit.pages import emptiness


def _leads(actor: Any) -> bool:
    return access.grants(actor).scope("billing.instalment", "view") == "team"


def _sees_all(actor: Any) -> bool:
    return access.grants(actor).scope("billing.instalment", "view") == "all"


@filters.condition(Instalment, "overdue", _("overdue"), reads="due_on status")
def overdue(actor: Any) -> Q:
    """Owed, and its day is over."""
    return Q(status=State.OPEN, due_on__lt=clock.today())


@filters.condition(Instalment, "partly", _("partly paid"), reads="paid amount status")
def partly(actor: Any) -> Q:
    """Something has come, not all."""
    return Q(status=State.OPEN, paid__gt=0, paid__lt=F("amount"))


LATE = "is=overdue&sort=due_on"
views.view(Instalment, "late", _("All overdue"), LATE, position=5, shown=_sees_all)
views.view(Instalment, "late_team", _("My team's overdue"), f"owner=team&{LATE}", position=7, shown=_leads)
views.view(Instalment, "late_mine", _("My overdue"), f"owner=me&{LATE}", position=10)
views.view(Instalment, "month", _("Due this month"), "status=open&due_on=this_month&sort=due_on", position=20)
views.view(Instalment, "waiting", _("Waiting for a milestone"), "status=open&due_on=none&sort=contract", position=30)
views.view(Instalment, "pushed", _("Postponed"), "status=open&pushed=1..&sort=-pushed", position=40)
views.view(Instalment, "open", _("All outstanding"), "status=open&sort=due_on", position=50)

views.view(Order, "late", _("Delivery overdue"), "status=open&delivery_on=overdue&sort=delivery_on", position=5)
views.view(Order, "open", _("To deliver"), "status=open&sort=delivery_on", position=10)
views.view(Order, "done", _("Delivered this month"), "delivered_on=this_month&sort=-delivered_on", position=20)
views.view(Invoice, "asked", _("To be issued"), "status=draft&sort=-id", position=5)
views.view(
    Invoice, "month", _("Issued this month"), "status=issued,red&issued_on=this_month&sort=-issued_on", position=20
)
views.view(Invoice, "taken_back", _("Taken back"), "status=red&sort=-issued_on", position=30)

nav.page("deals", _("Receivables"), "billing:ageing", icon="report-money", position=60, shown=ageing.may_read)
nav.page(
    "settings", _("Payment reminders"), "billing:reminders", icon="bell", position=64, shown=reminders_page.may_set
)
nav.chapter(
    "settings", _("Sales process"), "billing.plantemplate", "billing.planpart", "billing:reminders", position=23
)

emptiness.teach(
    Instalment, _("When which part of a contract is to be paid. A contract's page makes its plan from a template.")
)
emptiness.teach(
    Allocation, _("Which receipt has paid which instalment. Receipts pay the oldest one first by themselves.")
)
emptiness.teach(
    Invoice, _("Invoices of contracts: sellers ask for one, finance issues it, and a red one takes it back.")
)
emptiness.teach(Order, _("What is to be delivered by when. A contract makes its order from the products of its deal."))
emptiness.teach(OrderLine, _("The products of orders. They are edited together with their order."))
emptiness.teach(PlanTemplate, _("Payment plans as you usually agree them: shares, and what each waits for."))
emptiness.teach(PlanPart, _("The instalments of the plan templates. They are edited together with their template."))
