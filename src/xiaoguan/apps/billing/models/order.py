"""Orders: what is to be delivered by when, of a contract or without one, line by line."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.apps.quotes.models import Quote
from xiaoguan.calc.quote import times
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import MoneyField
from xiaoguan.kit.record import Record

ALIVE = Q(deleted_at__isnull=True)


class OrderStatus(models.TextChoices):
    """Whether the goods are there."""

    OPEN = "open", pgettext_lazy("order", "To deliver")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")


class Order(Record):
    """What a customer gets: where it has lines, its amount is their sum."""

    owner_defaults = False

    number = models.CharField(_("order number"), max_length=60, null=True, blank=True)
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("contract")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("customer")
    )
    deal = models.ForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("deal"))
    quote = models.ForeignKey(
        Quote, models.PROTECT, null=True, editable=False, related_name="orders", verbose_name=_("quote")
    )
    amount = MoneyField(_("amount"), default=0, editable=False)
    ordered_on = models.DateField(_("ordered on"), null=True, blank=True)
    delivery_on = models.DateField(_("to be delivered by"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, editable=False)
    status = models.CharField(
        _("status"), max_length=9, choices=OrderStatus.choices, default=OrderStatus.OPEN, editable=False
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    entity = Entity(
        slug="orders",
        icon="package",
        nav="deals",
        list="customer contract number amount delivery_on status owner",
        form="contract customer delivery_on | number deal ordered_on owner note",
        filter="status delivery_on delivered_on owner customer contract deal quote amount",
        find="number note",
        key="number",
        sort="delivery_on",
        sums="amount",
        title="customer number",
        subtitle="status customer contract",
        calendar="delivery_on",
        lines="lines",
        facts=[
            Fact("ordered", _("Order"), on="ordered_on", of="customer_id", amount="amount", watch="status",
                 when=lambda order: order.status != OrderStatus.CANCELLED),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = pgettext_lazy("sale", "order")
        verbose_name_plural = _("orders")
        constraints = [models.UniqueConstraint(fields=["number"], condition=ALIVE, name="billing_order_number")]
        indexes = [models.Index(fields=["status", "delivery_on"], condition=ALIVE, name="billing_order_due")]

    def __str__(self) -> str:
        return self.number or str(self.contract or self.customer or self.deal or "")

    @property
    def open(self) -> bool:
        """Whether something is still to be delivered."""
        return self.status == OrderStatus.OPEN

    def prepare(self) -> None:
        """Take customer, deal and owner from the contract or the deal."""
        self.number = (self.number or "").strip() or None
        if self.contract_id and self.contract is not None:
            self.customer_id = self.customer_id or self.contract.customer_id
            self.deal_id = self.deal_id or self.contract.deal_id
        if self.customer_id is None and self.deal:
            self.customer_id = self.deal.customer_id
        if getattr(self, "_loaded", None) is None and self.owner_id is None:
            above = self.contract or self.deal or self.customer
            self.owner_id = above.owner_id if above else self.created_by_id

    def clean(self) -> None:
        """An order is somebody's."""
        if self.customer_id is None and self.contract_id is None and self.deal_id is None:
            raise ValidationError({"customer": _("Choose a contract, a customer or a deal.")})


class OrderLine(Record):
    """One thing to deliver: a product, or a text with its own price.

    `amount` is quantity times price, rounded to the fen, less `reduction`: what all discounts take off, in fen.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", verbose_name=pgettext_lazy("sale", "order"))
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    name = models.CharField(_("product or text"), max_length=200, blank=True, help_text=_("Empty: the product's name."))
    unit_name = models.CharField(_("sales unit"), max_length=20, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, default=Decimal(1))
    price = MoneyField(_("unit price"), null=True, blank=True, help_text=_("Empty: the list price."))
    reduction = MoneyField(_("price reduction"), default=0, validators=[MinValueValidator(0)])
    amount = MoneyField(_("amount"), editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    entity = Entity(
        slug="order-lines",
        icon="list",
        scope="order",
        list="name order quantity unit_name price reduction amount",
        form="order product name quantity unit_name price reduction note",
        filter="order product",
        sums="amount",
        title="name",
        subtitle="order",
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Take text, unit and list price from the product where none is given; the amount is rounded halves up."""
        if self.product is not None:
            self.name = self.name or self.product.name
            self.unit_name = self.unit_name or self.product.unit_name
            self.price = (self.product.price or 0) if self.price is None else self.price
        self.name = " ".join(self.name.split())
        self.price = self.price or 0
        self.amount = times(Decimal(self.quantity), self.price) - self.reduction

    def clean(self) -> None:
        """A line says what is delivered, and nobody is paid for taking it."""
        if not self.name:
            raise ValidationError({"name": _("Choose a product or type a text.")})
        if self.amount < 0:
            raise ValidationError({"reduction": _("This is more than the line is worth.")})
