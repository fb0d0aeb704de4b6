"""One sum spent for selling: what on, for whom, by whom, and whether it has been approved."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.expenses.models.kind import ExpenseKind
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import clock
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import MoneyField

ALIVE = Q(deleted_at__isnull=True)


class Status(models.TextChoices):
    """How far a claim is."""

    DRAFT = "draft", pgettext_lazy("expense", "Draft")
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", pgettext_lazy("expense", "Approved")
    REJECTED = "rejected", pgettext_lazy("expense", "Rejected")
    PAID = "paid", _("Paid back")


COUNTED = (Status.APPROVED, Status.PAID)


class Expense(CreditedRecord):
    """An expense counts as cost on the day it was spent, once it is approved; until then it is a claim."""

    kind = models.ForeignKey(ExpenseKind, models.PROTECT, related_name="+", verbose_name=_("kind"))
    amount = MoneyField(_("amount"), validators=[MinValueValidator(1)])
    spent_on = models.DateField(_("spent on"), null=True, blank=True, help_text=_("Empty: today."))
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="expenses", verbose_name=_("customer")
    )
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="expenses", verbose_name=_("deal")
    )
    visit = models.ForeignKey(
        FollowUp, models.PROTECT, null=True, blank=True, related_name="expenses", verbose_name=_("follow-up")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.DRAFT, editable=False)

    entity = Entity(
        slug="expenses",
        icon="receipt",
        nav="activities",
        list="kind spent_on amount customer deal status owner",
        form="kind amount spent_on customer deal | visit owner note",
        filter="status spent_on kind owner customer deal amount credited",
        find="note",
        sort="-spent_on",
        sums="amount",
        title="kind spent_on",
        subtitle="status customer deal",
        facts=[
            Fact("expense", _("Sales expense"), on="spent_on", of="customer_id",
                 amount="amount", credited="credited", watch="status",
                 when=lambda row: row.status in COUNTED),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("expense")
        verbose_name_plural = _("expenses")
        indexes = [
            models.Index(fields=["owner", "spent_on"], condition=ALIVE, name="expenses_expense_owner"),
            models.Index(fields=["status", "spent_on"], condition=ALIVE, name="expenses_expense_status"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.spent_on:%Y-%m-%d}"

    def prepare(self) -> None:
        """Take the day, and what it was for from the visit and the deal."""
        self.spent_on = self.spent_on or clock.today()
        if self.visit_id and self.visit is not None:
            self.deal_id = self.deal_id or self.visit.deal_id
            self.customer_id = self.customer_id or self.visit.customer_id
        if self.customer_id is None and self.deal:
            self.customer_id = self.deal.customer_id
        self.note = self.note.strip()
        super().prepare()
