"""Orders: what is to be delivered by when, of a contract or without one, line by line."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.kit.entity import Entity
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
        filter="status delivery_on delivered_on owner customer contract deal amount",
        find="number note",
        key="number",
        sort="delivery_on",
        sums="amount",
        title="customer number",
        subtitle="status customer contract",
        calendar="delivery_on",
        lines="lines",
    )

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
    """One product of an order."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", verbose_name=pgettext_lazy("sale", "order"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, default=Decimal(1))
    price = MoneyField(_("unit price"), null=True, blank=True, help_text=_("Empty: the list price."))
    amount = MoneyField(_("amount"), editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    entity = Entity(
        slug="order-lines",
        icon="list",
        scope="order",
        list="product order quantity price amount",
        form="order product quantity price note",
        filter="order product",
        sums="amount",
        title="product",
        subtitle="order",
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")

    def __str__(self) -> str:
        return str(self.product)

    def prepare(self) -> None:
        """Take the list price where none is given; the amount is rounded to the fen, halves up."""
        if self.price is None:
            self.price = self.product.price or 0
        exact = Decimal(self.quantity) * self.price
        self.amount = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
