"""What must be so before a deal leaves a stage, and how a customer's word on it was kept."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.apps.opportunities.models.choosing import DealFieldField
from xiaoguan.apps.opportunities.models.deal import Deal
from xiaoguan.apps.opportunities.models.pipeline import Stage
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Asks(models.TextChoices):
    """What a criterion looks at."""

    FIELD = "field", _("A field is filled in")
    PRODUCTS = "products", _("Products are entered")
    CONTACTS = "contacts", _("So many contacts are known")
    DECIDER = "decider", _("Who decides is known")
    FILE = "file", _("A file is there")
    CONFIRMED = "confirmed", _("The customer has confirmed")
    CONTRACT = "contract", _("A contract is in force")


class DealField(models.TextChoices):
    """The fields of a deal that may be asked for."""

    AMOUNT = "amount", _("amount")
    EXPECTED_ON = "expected_on", _("expected close")
    CUSTOMER = "customer", _("customer")
    PRODUCT = "product", _("main product")
    SOURCE = "source", _("source")
    COMPETITOR = "competitor", _("competitors")
    MARGIN_RATE = "margin_rate", _("margin")
    NUMBER = "number", _("deal number")
    NOTE = "note", _("note")


NAMED = frozenset({Asks.FILE, Asks.CONFIRMED})
"""Criteria that mean nothing without words of their own."""


class Criterion(Record):
    """One condition for leaving a stage forwards: `count` is for contacts, `name` for files and confirmations."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="criteria", verbose_name=_("stage"))
    asks = models.CharField(_("condition"), max_length=10, choices=Asks.choices, default=Asks.FIELD)
    field = DealFieldField(_("field"), max_length=60, choices=DealField.choices, blank=True)
    name = models.CharField(_("what exactly"), max_length=80, blank=True)
    count = models.PositiveSmallIntegerField(_("at least"), null=True, blank=True)

    entity = Entity(
        slug="stage-criteria",
        icon="list-check",
        scope="stage",
        list="stage asks field name count",
        form="stage asks field name count",
        filter="stage asks",
        key="",
        sort="stage",
        title="name asks",
        subtitle="stage",
    )

    class Meta:
        verbose_name = _("exit criterion")
        verbose_name_plural = _("exit criteria")
        ordering = ["stage", "id"]

    def __str__(self) -> str:
        return self.words

    def prepare(self) -> None:
        """Blanks count once; one contact is the least one can ask for."""
        self.name = " ".join(self.name.split())
        if self.asks == Asks.CONTACTS:
            self.count = self.count or 1

    def clean(self) -> None:
        """A condition names what it is about."""
        if self.asks == Asks.FIELD and not self.field:
            raise ValidationError({"field": _("Choose the field.")})
        if self.asks in NAMED and not self.name:
            raise ValidationError({"name": _("Say what exactly is needed.")})

    @property
    def words(self) -> str:
        """What is asked for, as short as a label."""
        if self.name:
            return self.name
        if self.asks == Asks.FIELD:
            return str(self.get_field_display())
        if self.asks == Asks.CONTACTS:
            return str(_("At least %(n)s contacts") % {"n": self.count})
        return str(self.get_asks_display())


class Proof(Record):
    """How one criterion was met for a deal: who confirmed it on which day, or the file that was handed in."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="proofs", db_index=False)
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="proofs", db_index=False)
    said_by = models.CharField(max_length=80, blank=True)
    on = models.DateField()
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        indexes = [
            models.Index(
                fields=["deal", "criterion"], condition=Q(deleted_at__isnull=True), name="opportunities_proof_deal"
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.said_by}" if self.said_by else str(self.criterion)

    def takes_back(self, actor: Any) -> bool:
        """Whoever may change the deal may take back what was handed in for it."""
        return access.may(actor, "change", self.deal)
