"""The company that is sold to."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models.kind import CustomerKind
from xiaoguan.apps.customers.models.region import RegionField
from xiaoguan.kit import clock
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import MoneyField
from xiaoguan.lexicon import companies, identity, regions


class Tier(models.TextChoices):
    """How much care a customer gets."""

    A = "A", _("Tier A")
    B = "B", _("Tier B")
    C = "C", _("Tier C")
    D = "D", _("Tier D")


class Source(models.TextChoices):
    """Where a customer or a deal came from."""

    DESIGN_INSTITUTE = "design_institute", _("Recommended by a design institute")
    REFERRAL = "referral", _("Recommended by a customer")
    PROSPECTING = "prospecting", _("Own prospecting")
    TENDER = "tender", _("Tender notice")
    EXHIBITION = "exhibition", _("Exhibition")
    WEBSITE = "website", _("Website")
    CAMPAIGN = "campaign", _("Campaign")
    PARTNER = "partner", _("Distributor or partner")
    RETURNING = "returning", _("Returning customer")
    OTHER = "other", _("Other source")


ALIVE = Q(deleted_at__isnull=True)


class Customer(CreditedRecord):
    """A company with an owner, credited to who found it; its activities keep next step and last contact."""

    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    number = models.CharField(_("customer number"), max_length=40, null=True, blank=True)
    kind = models.ForeignKey(
        CustomerKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind")
    )
    tier = models.CharField(_("tier"), max_length=1, choices=Tier.choices, blank=True)
    industry = models.CharField(_("industry"), max_length=60, blank=True)
    source = models.CharField(_("source"), max_length=20, choices=Source.choices, blank=True)
    province = models.CharField(_("province"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    district = models.CharField(_("district"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )  # fmt: skip
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )  # fmt: skip
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    annual_purchase = MoneyField(_("yearly purchases"), null=True, blank=True)
    annual_revenue = MoneyField(_("yearly revenue"), null=True, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    credit_code = models.CharField(_("unified credit code"), max_length=40, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", db_index=False,
        verbose_name=_("parent company"),
    )  # fmt: skip
    invoice_title = models.CharField(
        _("invoice title"), max_length=120, blank=True, help_text=_("Empty: the customer's name.")
    )
    tax_number = models.CharField(
        _("tax number"), max_length=40, blank=True, help_text=_("Empty: the unified credit code.")
    )
    bank = models.CharField(_("bank"), max_length=120, blank=True)
    bank_account = models.CharField(_("bank account"), max_length=60, blank=True)
    invoice_address = models.CharField(_("address on the invoice"), max_length=200, blank=True)
    invoice_phone = models.CharField(_("phone on the invoice"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    since = models.DateField(_("customer since"), null=True, blank=True)

    region = RegionField(_("region"), editable=False)
    name_key = models.CharField(max_length=120, editable=False, db_index=True)
    next_due = models.DateField(_("next step due"), null=True, editable=False)
    next_note = models.CharField(_("next step"), max_length=200, blank=True, editable=False)
    last_contact_on = models.DateField(_("last contact"), null=True, editable=False)
    points = models.PositiveSmallIntegerField(default=0, editable=False)
    lacking = models.BooleanField(default=True, editable=False)
    """How much is known of it in hundredths, and whether something is not that every sale needs (`completeness`)."""

    entity = Entity(
        slug="customers",
        icon="building",
        nav="customers",
        list="name kind tier city owner next_due last_contact_on",
        form="name kind tier owner province city district | address phone website"
        " | short_name number industry source since parent annual_purchase annual_revenue employees founded_on"
        " credit_code | invoice_title tax_number bank bank_account invoice_address invoice_phone"
        " | latitude longitude | note",
        filter="kind tier owner region province city industry source next_due last_contact_on since annual_purchase",
        find="name short_name number phone",
        key="number name",
        subtitle="tier kind city",
        facts=[Fact("new_customer", _("New customer"), on="since", of="pk", credited="credited")],
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=ALIVE, name="customers_customer_number"),
        ]
        indexes = [
            models.Index(fields=["name"], condition=ALIVE, name="customers_customer_name"),
            # Records of customers are sorted by their names, those of customers in the bin as well.
            models.Index(fields=["name"], name="customers_customer_called"),
            models.Index(fields=["short_name"], condition=ALIVE, name="customers_customer_short"),
            models.Index(fields=["owner", "next_due"], condition=ALIVE, name="customers_customer_mine"),
            models.Index(fields=["next_due"], condition=ALIVE, name="customers_customer_due"),
            models.Index(fields=["last_contact_on"], condition=ALIVE, name="customers_customer_quiet"),
            models.Index(
                fields=["owner", "points", "lacking", "last_contact_on"],
                condition=ALIVE,
                name="customers_customer_quality",
            ),
            models.Index(fields=["tier", "last_contact_on"], condition=ALIVE, name="customers_customer_waiting"),
            models.Index(fields=["points", "tier"], condition=ALIVE, name="customers_customer_least"),
            models.Index(fields=["updated_at"], name="customers_customer_fresh"),
            models.Index(fields=["industry"], condition=ALIVE, name="customers_customer_industry"),
            models.Index(fields=["region"], condition=ALIVE, name="customers_customer_region"),
            # Most have no parent: an index over all rows would look useless to SQLite, which then reads the table.
            models.Index(fields=["parent"], condition=models.Q(parent__isnull=False), name="customers_customer_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Tidy the names, keep the key that recognises a company in any spelling and the region; start today."""
        self.name = " ".join(self.name.split())
        self.number = (self.number or "").strip() or None
        self.name_key = companies.core(self.name)[:120]
        self.region = regions.find(self.province, self.city, self.district)
        if self.since is None:
            self.since = clock.today()
        super().prepare()

    def clean(self) -> None:
        """Check the credit code, where it is a Chinese one, and that no company belongs to itself."""
        code = identity.credit_code(self.credit_code)
        if len(code) == 18 and not identity.is_credit_code(code):
            raise ValidationError({"credit_code": _("A character is wrong: the last one doesn't fit the others.")})
        if "parent_id" in self.changed_fields() or self._state.adding:
            self._refuse_circle()

    def _refuse_circle(self) -> None:
        """A company is no part of its own subsidiary."""
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("That company belongs to this one already, so it can't own it.")})
            seen.add(above.pk)
            above = above.parent

    @property
    def invoiced_as(self) -> dict[str, str]:
        """What an invoice is written to, by field; the name and the credit code where nothing else was said."""
        code = identity.credit_code(self.credit_code)
        return {
            "invoice_title": self.invoice_title or self.name,
            "tax_number": self.tax_number or (code if len(code) == 18 else ""),
            "bank": self.bank,
            "bank_account": self.bank_account,
            "invoice_address": self.invoice_address,
            "invoice_phone": self.invoice_phone,
        }

    @property
    def called(self) -> str:
        """The name people use among themselves."""
        return self.short_name or self.name
