"""The quote with its lines, and its versions as they were approved or sent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.calc import quote as sums
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import RATE_ONE, MoneyField, PercentField
from xiaoguan.kit.record import Record

ALIVE = Q(deleted_at__isnull=True)
RATE = [MinValueValidator(0), MaxValueValidator(RATE_ONE)]


class Status(models.TextChoices):
    """Where a quote stands."""

    DRAFT = "draft", pgettext_lazy("quote", "Draft")
    APPROVING = "approving", _("In approval")
    APPROVED = "approved", pgettext_lazy("quote", "Approved")
    SENT = "sent", pgettext_lazy("quote", "Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")


FROZEN = (Status.APPROVED, Status.SENT, Status.DECLINED, Status.EXPIRED)
"""What was approved or sent: a change of its content begins the next version."""
A_MONTH = dt.timedelta(days=30)


class Quote(Record):
    """An offer to a customer. Amounts have the tax in them; all sums are derived from the lines in fen.

    `edition` counts versions: 1, 2, 3. `discount_rate` is what the customer gets off the list prices altogether.
    Cost and margin are without tax, and empty where the cost of a line is not known.
    """

    number = models.CharField(_("quote number"), max_length=60, null=True, blank=True, help_text=_("Empty: the next."))
    edition = models.PositiveSmallIntegerField(_("quote version"), default=1, editable=False)
    name = models.CharField(_("quote heading"), max_length=160, blank=True, help_text=_("Empty: the deal's name."))
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="quotes", verbose_name=_("deal")
    )  # fmt: skip
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="quotes", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("contact")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False
    )  # fmt: skip
    quoted_on = models.DateField(_("quoted on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    payment_terms = models.TextField(_("terms of payment"), blank=True)
    delivery = models.CharField(_("delivery terms"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)
    whole_discount = PercentField(_("discount on the whole"), default=0, validators=RATE)

    subtotal = MoneyField(_("subtotal"), default=0, editable=False)
    amount = MoneyField(_("quoted amount"), default=0, editable=False)
    tax = MoneyField(_("tax included"), default=0, editable=False)
    listed = MoneyField(_("at list prices"), default=0, editable=False)
    discount_rate = PercentField(_("off list prices"), default=0, editable=False)
    below_floor = models.PositiveIntegerField(_("lines below floor price"), default=0, editable=False)
    cost = MoneyField(_("cost"), null=True, editable=False)
    margin = MoneyField(_("margin amount"), null=True, editable=False)
    margin_rate = PercentField(_("margin"), null=True, editable=False)
    sent_on = models.DateField(_("sent on"), null=True, editable=False)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    answer = models.CharField(_("the customer's answer"), max_length=200, blank=True, editable=False)

    entity = Entity(
        slug="quotes", icon="file-dollar", nav="deals",
        list="number name customer amount discount_rate margin_rate status valid_until owner",
        form="customer deal contact name | quoted_on valid_until whole_discount owner | payment_terms delivery"
        " | number | note",
        filter="status owner customer deal quoted_on valid_until amount discount_rate margin_rate below_floor sent_on"
        " answered_on",
        find="number name", key="number", sums="amount", title="number", subtitle="name customer", lines="lines",
        facts=[
            Fact("quote_sent", _("Quote sent"), on="sent_on", of="customer_id", amount="amount"),
            Fact("quote_listed", _("Quote sent, at list prices"), on="sent_on", of="customer_id", amount="listed"),
            Fact("quote_discount", _("Discount of a quote sent"), on="sent_on", of="customer_id", amount="discounted",
                 watch="amount listed"),
            Fact("quote_accepted", _("Quote accepted"), on="answered_on", of="customer_id", amount="amount",
                 watch="status", when=lambda quote: quote.status == Status.ACCEPTED),
            Fact("quote_answered", _("Quote answered"), on="answered_on", of="customer_id", amount="amount",
                 watch="status", when=lambda quote: quote.status in (Status.ACCEPTED, Status.DECLINED)),
            Fact("quote_margin", _("Margin of an accepted quote"), on="answered_on", of="customer_id", amount="margin",
                 watch="status", when=lambda quote: quote.status == Status.ACCEPTED and quote.margin is not None),
            Fact("quote_net", _("Accepted quote with known cost, without tax"), on="answered_on", of="customer_id",
                 amount="net", watch="status amount tax margin",
                 when=lambda quote: quote.status == Status.ACCEPTED and quote.margin is not None),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        constraints = [models.UniqueConstraint(fields=["number"], condition=ALIVE, name="quotes_quote_number")]
        indexes = [
            models.Index(fields=["status", "valid_until"], condition=ALIVE, name="quotes_quote_valid"),
            models.Index(fields=["owner", "status", "amount"], condition=ALIVE, name="quotes_quote_mine"),
        ]

    def __str__(self) -> str:
        return self.number or self.name

    @property
    def discounted(self) -> int:
        """What the customer gets off the list prices, in fen."""
        return self.listed - self.amount

    @property
    def net(self) -> int:
        """The amount without tax, in fen."""
        return self.amount - self.tax

    def prepare(self) -> None:
        """Fill customer, name and owner from the deal, and the days."""
        self.number = (self.number or "").strip() or None
        if self.customer_id is None and self.deal:
            self.customer_id = self.deal.customer_id
        self.name = " ".join(self.name.split()) or str(self.deal or self.customer or "")[:160]
        self.quoted_on = self.quoted_on or clock.today()
        if self.valid_until is None and hasattr(self, "_loaded"):  # a new one is valid as long as is usual
            self.valid_until = self.quoted_on + A_MONTH
        if not hasattr(self, "_loaded") and self.owner_id is None:
            above = self.deal or self.customer
            self.owner_id = (above.owner_id if above else None) or self.created_by_id

    owner_defaults = False

    def clean(self) -> None:
        """A quote is for somebody, and valid for a while."""
        if not self.name:
            raise ValidationError({"customer": _("Choose a customer or a deal.")})
        if self.valid_until and self.quoted_on and self.valid_until < self.quoted_on:
            raise ValidationError({"valid_until": _("This is before the day of the quote.")})


class QuoteLine(Record):
    """One thing offered: a product, or a free text with its own price.

    `list_price`, `floor_price`, `cost` and the tax rate are taken from price book and product when the line is
    written. `amount` is less the line's own discount, `net` also less its part of the discount on the whole.
    """

    quote = models.ForeignKey(Quote, models.PROTECT, related_name="lines", verbose_name=_("quote"))
    position = models.PositiveSmallIntegerField(_("place in the row"), default=0)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    name = models.CharField(_("product or text"), max_length=200, blank=True, help_text=_("Empty: the product's name."))
    unit_name = models.CharField(_("sales unit"), max_length=20, blank=True)
    quantity = models.DecimalField(
        _("quantity"), max_digits=12, decimal_places=3, default=Decimal(1), validators=[MinValueValidator(0)]
    )
    list_price = MoneyField(_("list price"), null=True, blank=True, editable=False)
    price = MoneyField(
        _("unit price"), null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("Empty: that of the price book."),
    )  # fmt: skip
    discount = PercentField(_("discount"), default=0, validators=RATE)
    tax_rate = PercentField(
        _("tax rate"), null=True, blank=True, validators=RATE, help_text=_("Empty: that of the product.")
    )
    floor_price = MoneyField(_("floor price"), null=True, editable=False)
    cost = MoneyField(_("unit cost"), null=True, editable=False)
    amount = MoneyField(_("amount"), default=0, editable=False)
    net = MoneyField(_("after all discounts"), default=0, editable=False)
    tax = MoneyField(_("tax included"), default=0, editable=False)

    entity = Entity(
        slug="quote-lines", icon="list", scope="quote",
        list="name quote quantity unit_name list_price price discount net",
        form="quote product name quantity unit_name price discount tax_rate position", filter="quote product",
        key="quote name", sums="net", title="name", subtitle="quote", sort="position",
    )  # fmt: skip

    class Meta:
        verbose_name = _("quote line")
        verbose_name_plural = _("quote lines")

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Take text and unit from the product; the amount is rounded to the fen, halves up."""
        if self.product is not None:
            self.name = self.name or self.product.name
            self.unit_name = self.unit_name or self.product.unit_name
        self.name = " ".join(self.name.split())
        self.amount = sums.amount(self.summed())

    def summed(self) -> sums.Line:
        """The line as the maths reads it."""
        return sums.Line(
            Decimal(self.quantity), self.price or 0, self.discount, self.tax_rate or 0, self.list_price,
            self.floor_price, self.cost,
        )  # fmt: skip

    def clean(self) -> None:
        """A line says what is offered."""
        if not self.name:
            raise ValidationError({"name": _("Choose a product or type a text.")})


class QuoteVersion(Record):
    """A version as it was approved or sent: its whole content with a digest; never changed, never deleted."""

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="versions", editable=False)
    edition = models.PositiveSmallIntegerField(editable=False)
    content = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("version of a quote")
        verbose_name_plural = _("versions of a quote")
        constraints = [models.UniqueConstraint(fields=["quote", "edition"], name="quotes_version_edition")]

    def __str__(self) -> str:
        return f"{self.quote} V{self.edition}"
