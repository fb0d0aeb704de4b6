"""Money received from customers."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.commerce.models.contract import Contract
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import InCurrency
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import MoneyField

ALIVE = Q(deleted_at__isnull=True)


class Method(models.TextChoices):
    """How money came."""

    TRANSFER = "transfer", _("Bank transfer")
    ACCEPTANCE = "acceptance", _("Bank acceptance bill")
    CHEQUE = "cheque", _("Cheque")
    WECHAT = "wechat", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")
    CASH = "cash", _("Cash")
    OTHER = "other", _("Other way")


class Receipt(InCurrency, CreditedRecord):
    """One payment that came in, credited to the seller of its contract, deal or customer."""

    owner_defaults = False

    number = models.CharField(_("receipt number"), max_length=60, null=True, blank=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="receipts", db_index=False,
        verbose_name=_("customer"),
    )  # fmt: skip
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="receipts", verbose_name=_("contract")
    )
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="receipts", verbose_name=_("deal")
    )
    amount = MoneyField(_("amount received"), blank=True, validators=[MinValueValidator(0)])
    received_on = models.DateField(_("received on"))
    method = models.CharField(_("way of payment"), max_length=12, choices=Method.choices, blank=True)
    note = models.TextField(_("note"), blank=True)

    entity = Entity(
        slug="receipts",
        icon="cash",
        nav="deals",
        list="received_on customer contract amount method owner number",
        form="customer contract deal amount received_on | method number owner | currency original exchange_rate | note",
        filter="received_on owner customer contract deal amount method credited currency",
        find="number",
        key="number",
        sort="-received_on",
        sums="amount",
        title="received_on amount",
        subtitle="customer contract",
        facts=[Fact("receipt", _("Receipt"), on="received_on", of="customer_id", amount="amount", credited="credited")],
    )

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=ALIVE, name="commerce_receipt_number"),
        ]
        indexes = [
            models.Index(fields=["customer", "received_on"], condition=ALIVE, name="commerce_receipt_customer"),
            models.Index(fields=["received_on", "amount"], condition=ALIVE, name="commerce_receipt_day"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.received_on:%Y-%m-%d}"

    def prepare(self) -> None:
        """Fill deal, customer and the seller from what the money was paid for."""
        self.number = (self.number or "").strip() or None
        self.in_yuan(self.received_on)
        if self.contract_id and (self.deal_id is None or self.customer_id is None):
            self.deal_id = self.deal_id or self.contract.deal_id
            self.customer_id = self.customer_id or self.contract.customer_id
        if self.customer_id is None and self.deal:
            self.customer_id = self.deal.customer_id
        if not hasattr(self, "_loaded") and self.owner_id is None:
            above = self.contract or self.deal or self.customer
            self.owner_id = above.owner_id if above else self.created_by_id
            self.credited_id = self.credited_id or getattr(above, "credited_id", None)
        super().prepare()

    def clean(self) -> None:
        """Refuse a receipt of nothing."""
        super().clean()
        if self.amount is None:
            raise ValidationError({"amount": _("Type the amount in yuan, or that in another currency.")})
