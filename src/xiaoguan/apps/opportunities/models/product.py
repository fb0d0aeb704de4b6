"""What is sold."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import RATE_ONE, MoneyField, PercentField
from xiaoguan.kit.record import Record
from xiaoguan.lexicon import companies


class Product(Record):
    """An article or a service with its list price."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("product code"), max_length=60, null=True, blank=True)
    category = models.CharField(_("series"), max_length=60, blank=True)
    unit_name = models.CharField(_("sales unit"), max_length=20, blank=True)
    price = MoneyField(_("list price"), null=True, blank=True)
    floor_price = MoneyField(
        _("floor price"), null=True, blank=True, help_text=_("Below it a quote needs approval, whatever the discount.")
    )
    cost = MoneyField(_("unit cost"), null=True, blank=True, help_text=_("Without tax."))
    tax_rate = PercentField(
        _("tax rate"), default=13_000, validators=[MinValueValidator(0), MaxValueValidator(RATE_ONE)]
    )
    active = models.BooleanField(_("on sale"), default=True)
    note = models.TextField(_("note"), blank=True)
    name_key = models.CharField(max_length=120, editable=False, db_index=True)

    entity = Entity(
        slug="products",
        icon="package",
        nav="settings",
        scope="all",
        list="name code category unit_name price active",
        form="name code category | price unit_name active | floor_price tax_rate cost | note",
        filter="category active price floor_price cost",
        find="name code",
        key="code name",
        sort="name",
        subtitle="category",
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(deleted_at__isnull=True), name="opportunities_product_code"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Keep an empty code empty and the key that takes `GTXPro` and `GTX Pro` for one product."""
        self.name = " ".join(self.name.split())
        self.code = (self.code or "").strip() or None
        self.name_key = companies.match_key(self.name)[:120]
