"""Money given back to customers."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.commerce.models.contract import Contract
from xiaoguan.apps.commerce.models.receipt import Receipt
from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import MoneyField


class Refund(CreditedRecord):
    """One payment that went back; it counts against receipts on its own day, never in history."""

    owner_defaults = False

    number = models.CharField(_("refund number"), max_length=60, null=True, blank=True)
    receipt = models.ForeignKey(
        Receipt, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("receipt")
    )
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("contract")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("customer")
    )
    amount = MoneyField(_("amount refunded"), validators=[MinValueValidator(0)])
    refunded_on = models.DateField(_("refunded on"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    entity = Entity(
        slug="refunds",
        icon="receipt-refund",
        nav="deals",
        list="refunded_on customer contract amount reason owner",
        form="customer contract receipt amount refunded_on | reason number owner",
        filter="refunded_on owner customer contract amount credited",
        find="number reason",
        key="number",
        sort="-refunded_on",
        sums="amount",
        title="refunded_on amount",
        subtitle="customer contract",
        facts=[
            Fact(
                "refund",
                _("Refund"),
                on="refunded_on",
                of="customer_id",
                amount="taken_back",
                credited="credited",
                watch="amount",
            ),
        ],
    )

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(deleted_at__isnull=True), name="commerce_refund_number"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.refunded_on:%Y-%m-%d}"

    @property
    def taken_back(self) -> int:
        """What the refund takes off the receipts, in fen."""
        return -self.amount

    def prepare(self) -> None:
        """Fill contract, customer and the seller from the receipt that is paid back."""
        self.number = (self.number or "").strip() or None
        if self.receipt_id and (self.contract_id is None or self.customer_id is None):
            self.contract_id = self.contract_id or self.receipt.contract_id
            self.customer_id = self.customer_id or self.receipt.customer_id
        if self.customer_id is None and self.contract:
            self.customer_id = self.contract.customer_id
        if not hasattr(self, "_loaded") and self.owner_id is None:
            above = self.receipt or self.contract or self.customer
            self.owner_id = above.owner_id if above else self.created_by_id
            self.credited_id = self.credited_id or getattr(above, "credited_id", None)
        super().prepare()
