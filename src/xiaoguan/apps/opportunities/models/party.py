"""Who takes part in a deal: people with the role they play in it, and companies on either side."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.customers.models.contact import DecisionRole
from xiaoguan.apps.opportunities.models.deal import Deal
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Side(models.TextChoices):
    """What a company is in a deal."""

    CUSTOMER = "customer", _("Customer")
    OWNER = "owner", _("Project owner")
    DESIGNER = "designer", _("Design institute")
    GENERAL = "general", _("General contractor")
    CONTRACTOR = "contractor", _("Contractor")
    STEEL = "steel", _("Steel-structure company")
    BIDDER = "bidder", _("Bidder")
    SUPERVISOR = "supervisor", _("Supervisor of works")
    COMPETITOR = "competitor", pgettext_lazy("in a project", "Competitor")
    OTHER = "other", _("Other participant")


class Stance(models.TextChoices):
    """How somebody stands to us in this deal."""

    SUPPORTS = "supports", _("Supports us")
    NEUTRAL = "neutral", _("Neutral")
    AGAINST = "against", _("Against us")


class DealParty(Record):
    """A company in a deal, a person in it, or both; role and stance are those in this deal alone."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="parties", db_index=False, verbose_name=_("deal"))
    side = models.CharField(_("part"), max_length=12, choices=Side.choices, default=Side.CUSTOMER)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="parties", verbose_name=_("customer"),
        help_text=_("Empty: that of the deal, or of the contact."),
    )  # fmt: skip
    name = models.CharField(_("company"), max_length=120, blank=True, help_text=_("Empty: the customer's name."))
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="parties", verbose_name=_("contact")
    )
    role = models.CharField(_("role in this deal"), max_length=12, choices=DecisionRole.choices, blank=True)
    stance = models.CharField(_("stance in this deal"), max_length=10, choices=Stance.choices, blank=True)

    entity = Entity(
        slug="deal-parties",
        icon="users",
        scope="deal",
        list="name deal side contact role stance",
        form="deal side customer name contact role stance",
        filter="deal side customer contact role stance",
        find="name",
        key="",
        sort="-id",
        subtitle="side deal",
    )

    class Meta:
        verbose_name = _("party to a deal")
        verbose_name_plural = _("parties to deals")
        indexes = [
            models.Index(fields=["deal"], condition=Q(deleted_at__isnull=True), name="opportunities_party_deal"),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Take company and name from the contact, or from the deal."""
        self.name = " ".join(self.name.split())
        if self.customer_id is None and not self.name:
            if self.contact is not None:
                self.customer_id = self.contact.customer_id
            elif self.side == Side.CUSTOMER:
                self.customer_id = self.deal.customer_id
        if not self.name and self.customer is not None:
            self.name = self.customer.name

    def clean(self) -> None:
        """A party is somebody, and a contact works for the company he is named with."""
        problems = {}
        if not self.name:
            problems["name"] = _("Choose a customer or type a name.")
        if self.contact is not None and self.customer_id and self.contact.customer_id != self.customer_id:
            problems["contact"] = _("This person works for another company.")
        if problems:
            raise ValidationError(problems)
