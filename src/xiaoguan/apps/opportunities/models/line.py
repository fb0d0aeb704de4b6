"""What exactly a deal would sell."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models.deal import Deal
from xiaoguan.apps.opportunities.models.product import Product
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import MoneyField
from xiaoguan.kit.record import Record


class DealLine(Record):
    """One product in a deal; where a deal has lines, its amount is their sum."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="lines", verbose_name=_("deal"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, default=Decimal(1))
    price = MoneyField(_("unit price"), null=True, blank=True, help_text=_("Empty: the list price."))
    amount = MoneyField(_("amount"), editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    entity = Entity(
        slug="deal-lines",
        icon="list",
        scope="deal",
        list="product deal quantity price amount",
        form="deal product quantity price note",
        filter="deal product",
        key="deal product",
        sums="amount",
        title="product",
        subtitle="deal",
    )

    class Meta:
        verbose_name = _("deal line")
        verbose_name_plural = _("deal lines")

    def __str__(self) -> str:
        return str(self.product)

    def prepare(self) -> None:
        """Take the list price where none is given; the amount is rounded to the fen, halves up."""
        if self.price is None:
            self.price = self.product.price or 0
        exact = Decimal(self.quantity) * self.price
        self.amount = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
