"""Invoices to customers: asked for by sellers, issued by finance, taken back by a red one."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.billing.models.instalment import Instalment
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.models import Customer
from xiaoguan.calc.tax import split_tax
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import RATE_ONE, MoneyField, PercentField
from xiaoguan.kit.record import Record

ALIVE = Q(deleted_at__isnull=True)
USUAL_RATE = 13_000
"""The rate on goods, in 1/100,000."""


class InvoiceKind(models.TextChoices):
    """What sort of invoice it is."""

    SPECIAL = "special", _("Special VAT invoice")
    ORDINARY = "ordinary", _("Ordinary invoice")
    ELECTRONIC = "electronic", _("Fully digital invoice")


class InvoiceStatus(models.TextChoices):
    """Asked for, issued, or taken back by a red invoice."""

    DRAFT = "draft", _("Asked for")
    ISSUED = "issued", _("Issued")
    RED = "red", _("Taken back")


class Invoice(Record):
    """One invoice; once issued it stays as it is, and only a red invoice over the same amount takes it back.

    Whom it names is kept as it was on that day. Both count on their own days: the sum of all amounts that were issued
    by a day is what was invoiced by then. `InvoicePart`s say which instalments it is over and add up to its amount;
    `instalment` names the one where there is only one.
    """

    owner_defaults = False

    number = models.CharField(_("invoice number"), max_length=60, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=InvoiceKind.choices, default=InvoiceKind.SPECIAL)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="invoices", verbose_name=_("contract"))
    instalment = models.ForeignKey(
        Instalment, models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("instalment")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("customer")
    )
    title = models.CharField(
        _("invoice title"), max_length=160, blank=True, help_text=_("Empty: the name of the customer.")
    )
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    amount = MoneyField(_("amount"), help_text=_("Tax included."))
    rate = PercentField(
        _("tax rate"), default=USUAL_RATE, validators=[MinValueValidator(0), MaxValueValidator(RATE_ONE)]
    )
    net = MoneyField(_("net amount"), editable=False)
    tax = MoneyField(_("tax"), editable=False)
    status = models.CharField(
        _("status"), max_length=6, choices=InvoiceStatus.choices, default=InvoiceStatus.DRAFT, editable=False
    )
    issued_on = models.DateField(
        _("issued on"), null=True, blank=True, help_text=_("With a number and a day it is issued.")
    )
    red_of = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="red", verbose_name=_("takes back")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    entity = Entity(
        slug="invoices",
        icon="file-invoice",
        nav="deals",
        list="contract customer kind number amount tax issued_on status owner",
        form="contract kind amount rate instalment | title tax_number number issued_on note",
        filter="status issued_on kind owner customer contract amount rate",
        find="number title",
        key="number",
        sort="-issued_on",
        sums="amount net tax",
        title="contract amount",
        subtitle="status kind customer",
        facts=[
            Fact("invoiced", _("Invoice issued"), on="issued_on", of="customer_id", amount="amount", watch="status",
                 when=lambda invoice: invoice.status != InvoiceStatus.DRAFT),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=ALIVE, name="billing_invoice_number"),
        ]
        indexes = [
            models.Index(fields=["status", "issued_on"], condition=ALIVE, name="billing_invoice_issued"),
        ]

    def __str__(self) -> str:
        return self.number or str(pgettext_lazy("record", "Invoice of %(contract)s")) % {"contract": self.contract}

    def prepare(self) -> None:
        """Take customer, owner and title from the contract; split the tax."""
        self.number = (self.number or "").strip() or None
        if getattr(self, "_loaded", None) is None:
            contract = self.contract
            self.customer_id = contract.customer_id
            self.owner_id = self.owner_id or contract.owner_id
            customer = contract.customer
            self.title = self.title or (customer.name if customer else "")
            self.tax_number = self.tax_number or (customer.credit_code if customer else "")
        if self.status == InvoiceStatus.DRAFT and self.issued_on and self.number:
            self.status = InvoiceStatus.ISSUED
        if self.amount is not None:
            self.net, self.tax = split_tax(self.amount, self.rate)

    def clean(self) -> None:
        """Only a red invoice is below zero, and an instalment belongs to the contract."""
        red = self.red_of_id is not None
        if not self.amount or (self.amount < 0) != red:
            raise ValidationError({"amount": _("Type the amount of the invoice.")})
        if self.status == InvoiceStatus.DRAFT and self.issued_on:
            raise ValidationError({"number": _("Type the number of the invoice.")})
        if self.instalment_id and self.instalment and self.instalment.contract_id != self.contract_id:
            raise ValidationError({"instalment": _("This instalment belongs to another contract.")})


class InvoicePart(Record):
    """How much of an invoice is over one instalment, in fen; below zero on a red invoice."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="parts", editable=False)
    instalment = models.ForeignKey(Instalment, models.PROTECT, related_name="invoiced", editable=False)
    amount = MoneyField(_("amount"), editable=False)

    class Meta:
        verbose_name = _("part of an invoice")
        verbose_name_plural = _("parts of an invoice")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "instalment"], condition=ALIVE, name="billing_invoice_part")
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.instalment}"
