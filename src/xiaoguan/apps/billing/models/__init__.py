"""What is owed by when, what was paid on it, and how plans usually look."""

from xiaoguan.apps.billing.models.allocation import Allocation, Reason
from xiaoguan.apps.billing.models.instalment import Instalment, Kind, Milestone, State
from xiaoguan.apps.billing.models.invoice import Invoice, InvoiceKind, InvoicePart, InvoiceStatus
from xiaoguan.apps.billing.models.order import Order, OrderLine, OrderStatus
from xiaoguan.apps.billing.models.reminder import Reminders, Step, Told
from xiaoguan.apps.billing.models.template import PlanPart, PlanTemplate

__all__ = [
    "Allocation", "Instalment", "Invoice", "InvoiceKind", "InvoicePart", "InvoiceStatus", "Kind", "Milestone", "Order",
    "OrderLine", "OrderStatus", "PlanPart", "PlanTemplate", "Reason", "Reminders", "State", "Step", "Told",
]  # fmt: skip
