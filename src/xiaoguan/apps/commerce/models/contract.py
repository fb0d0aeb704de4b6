"""Contracts signed with customers."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import InCurrency
from xiaoguan.apps.quotes.models import Quote
from xiaoguan.kit import clock
from xiaoguan.kit.credited import CreditedRecord
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import MoneyField

ALIVE = Q(deleted_at__isnull=True)


class ContractStatus(models.TextChoices):
    """How far a contract is."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("In force")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class Contract(InCurrency, CreditedRecord):
    """A contract counts on the day it was signed; one cancelled later takes that back on the day it is cancelled.

    One made of an accepted quote keeps which version it was: its lines are the frozen lines of that version.
    """

    owner_defaults = False

    number = models.CharField(_("contract number"), max_length=60, null=True, blank=True)
    name = models.CharField(_("name"), max_length=160, blank=True, help_text=_("Empty: the deal's name."))
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name=_("customer")
    )
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name=_("deal")
    )
    quote = models.ForeignKey(
        Quote, models.PROTECT, null=True, editable=False, related_name="contracts", verbose_name=_("quote")
    )
    edition = models.PositiveSmallIntegerField(_("quote version"), null=True, editable=False)
    amount = MoneyField(_("contract amount"), blank=True, help_text=_("Tax included."))
    signed_amount = MoneyField(_("amount as signed"), default=0, editable=False)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    ends_on = models.DateField(
        _("runs until"), null=True, blank=True, help_text=_("Its last day; empty: it runs until it is fulfilled.")
    )
    status = models.CharField(_("status"), max_length=10, choices=ContractStatus.choices, default=ContractStatus.ACTIVE)
    cancelled_on = models.DateField(_("cancelled on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    entity = Entity(
        slug="contracts",
        icon="file-text",
        nav="deals",
        list="name number customer amount signed_on status owner",
        form="number name customer deal amount signed_on ends_on | status cancelled_on owner"
        " | currency original exchange_rate | note",
        filter="status signed_on ends_on owner customer deal quote amount credited currency",
        find="number name",
        key="number",
        sort="-signed_on",
        sums="amount",
        subtitle="customer number",
        facts=[
            Fact("contract_signed", _("Contract signed"), on="signed_on", of="customer_id",
                 amount="signed_amount", credited="credited",
                 watch="status amount", when=lambda contract: contract.status != ContractStatus.DRAFT),
            Fact("contract_cancelled", _("Contract cancelled"), on="cancelled_on", of="customer_id",
                 amount="taken_back",
                 credited="credited", watch="amount signed_on", when=lambda contract: contract.signed_on is not None),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=ALIVE, name="commerce_contract_number"),
        ]
        indexes = [models.Index(fields=["signed_on", "amount"], condition=ALIVE, name="commerce_contract_signed")]

    def __str__(self) -> str:
        return self.name

    @property
    def taken_back(self) -> int:
        """What a cancellation takes off the figures, in fen."""
        return -self.amount

    @property
    def in_force(self) -> bool:
        """Whether the contract binds both sides now or has been fulfilled."""
        return self.status in (ContractStatus.ACTIVE, ContractStatus.COMPLETED)

    @property
    def binds(self) -> bool:
        """Whether the contract was in force when it was loaded, since an earlier day: then its changes are agreed anew.

        On the day it is entered a change is a correction of what was typed.
        """
        before = getattr(self, "_loaded", None)
        if before is None or before["status"] not in (ContractStatus.ACTIVE, ContractStatus.COMPLETED):
            return before is not None and before["status"] == ContractStatus.CANCELLED
        entered = before["created_at"]
        return entered is not None and clock.local(entered).date() < clock.today()

    def prepare(self) -> None:
        """Fill customer, owner and name from the deal, and the dates that the status calls for."""
        self.number = (self.number or "").strip() or None
        self.in_yuan(self.signed_on)
        if not self.binds:
            self.signed_amount = self.amount
        if self.customer_id is None and self.deal:
            self.customer_id = self.deal.customer_id
        self.name = " ".join(self.name.split()) or str(self.deal or self.customer or self.number or "")[:160]
        if not hasattr(self, "_loaded") and self.owner_id is None:
            above = self.deal or self.customer
            self.owner_id = (above.owner_id if above else None) or self.created_by_id
        if self.in_force:
            self.signed_on = self.signed_on or clock.today()
        if self.status == ContractStatus.CANCELLED:
            self.cancelled_on = self.cancelled_on or clock.today()
        else:
            self.cancelled_on = None
        super().prepare()

    def clean(self) -> None:
        """Refuse a contract about nothing and one cancelled before it was signed."""
        super().clean()
        if self.amount is None:
            raise ValidationError({"amount": _("Type the amount in yuan, or that in another currency.")})
        if not self.name:
            raise ValidationError({"name": _("Type a name, or choose a customer or a deal.")})
        if self.ends_on and self.signed_on and self.ends_on < self.signed_on:
            raise ValidationError({"ends_on": _("The contract would end before it was signed.")})
        if self.cancelled_on and self.signed_on and self.cancelled_on < self.signed_on:
            raise ValidationError({"cancelled_on": _("The contract was cancelled before it was signed.")})
