"""Price books: prices for some customers and some time, with breaks by quantity."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.customers.models.customer import Tier
from xiaoguan.apps.customers.models.region import RegionField
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.calc import pricing
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import MoneyField
from xiaoguan.kit.record import Record
from xiaoguan.lexicon import regions

ALIVE = Q(deleted_at__isnull=True)


class PriceBook(Record):
    """Prices for whom it asks for: named customers, a kind, a tier, a region; what is empty asks nothing.

    Of the books that apply to a customer on a day the one that says most about him counts (`calc.pricing`); for
    products it does not name, and without any book, the list prices apply.
    """

    name = models.CharField(_("name"), max_length=80)
    currency = models.CharField(_("currency"), max_length=3, default="CNY", editable=False)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    kind = models.ForeignKey(
        CustomerKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer kind")
    )
    tier = models.CharField(_("tier"), max_length=1, choices=Tier.choices, blank=True)
    region = RegionField(_("region"), blank=True)
    active = models.BooleanField(_("in use"), default=True)
    note = models.TextField(_("note"), blank=True)

    entity = Entity(
        slug="price-books", icon="tag", nav="settings", scope="all",
        list="name valid_from valid_until kind tier region customer active",
        form="name valid_from valid_until active | kind tier region customer | note",
        filter="active kind tier valid_from valid_until", find="name", key="name", sort="name",
        subtitle="valid_from valid_until", lines="entries",
    )  # fmt: skip

    class Meta:
        verbose_name = _("price book")
        verbose_name_plural = _("price books")
        constraints = [models.UniqueConstraint(fields=["name"], condition=ALIVE, name="quotes_pricebook_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse reversed days."""
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValidationError({"valid_until": _("The last day comes before the first.")})

    def asked(self, named: Iterable[int] = ()) -> pricing.Book:
        """What the book asks of a customer, as the maths reads it; `named` are the further customers it is for."""
        region = regions.prefix(self.region) if self.region else None
        customers = frozenset(named) | ({self.customer_id} if self.customer_id is not None else set())
        return pricing.Book(
            self.pk, self.valid_from, self.valid_until, customers, self.kind_id, self.tier or None, region
        )


class BookCustomer(Record):
    """One of the customers a price book is for, beside the one in its form; the terms of a group or a frame deal."""

    book = models.ForeignKey(PriceBook, models.CASCADE, related_name="named", editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = _("customer of a price book")
        verbose_name_plural = _("customers of a price book")
        constraints = [
            models.UniqueConstraint(fields=["book", "customer"], condition=ALIVE, name="quotes_bookcustomer_once")
        ]

    def __str__(self) -> str:
        return str(self.customer)


class PriceEntry(Record):
    """The price of one product in a book, from a quantity on."""

    book = models.ForeignKey(PriceBook, models.PROTECT, related_name="entries", verbose_name=_("price book"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    from_quantity = models.DecimalField(
        _("from quantity"), max_digits=12, decimal_places=3, default=Decimal(1), validators=[MinValueValidator(0)]
    )
    price = MoneyField(_("unit price"), validators=[MinValueValidator(0)])
    floor_price = MoneyField(
        _("floor price"), null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("Empty: that of the product."),
    )  # fmt: skip

    entity = Entity(
        slug="price-entries", icon="tags", scope="all",
        list="product book from_quantity price floor_price", form="book product from_quantity price floor_price",
        filter="book product price", key="book product from_quantity", title="product", subtitle="book",
    )  # fmt: skip

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(
                fields=["book", "product", "from_quantity"], condition=ALIVE, name="quotes_priceentry_break"
            )
        ]

    def __str__(self) -> str:
        return str(self.product)

    def clean(self) -> None:
        """A floor above the price would ask for approval of the price itself."""
        if self.floor_price is not None and self.price is not None and self.floor_price > self.price:
            raise ValidationError({"floor_price": _("The floor price is above the price.")})
