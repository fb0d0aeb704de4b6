"""Which receipt paid how much of which instalment, entry by entry."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.billing.models.instalment import Instalment
from xiaoguan.apps.commerce.models import Receipt, Refund
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import MoneyField
from xiaoguan.kit.record import Record

ALIVE = Q(deleted_at__isnull=True)


class Reason(models.TextChoices):
    """Why money was given to an instalment or taken from it."""

    AUTO = "auto", _("oldest first")
    HAND = "hand", _("by hand")
    MOVED = "moved", _("moved")
    REFUND = "refund", _("refunded")
    CORRECTED = "corrected", _("receipt corrected")


class Allocation(Record):
    """One entry of the ledger between receipts and instalments; what is taken back is an entry below zero.

    Entries are never changed: what an instalment had been paid by a day is the sum of those up to it.
    """

    owner_defaults = False

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="allocations", verbose_name=_("receipt"))
    instalment = models.ForeignKey(
        Instalment, models.PROTECT, related_name="allocations", db_index=False, verbose_name=_("instalment")
    )
    amount = MoneyField(_("amount"))
    on = models.DateField(_("on"))
    reason = models.CharField(_("reason"), max_length=9, choices=Reason.choices, default=Reason.AUTO)
    refund = models.ForeignKey(
        Refund, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("refund")
    )

    entity = Entity(
        slug="allocations",
        icon="arrows-split",
        nav="deals",
        scope="receipt",
        fixed=True,
        list="on receipt instalment amount reason",
        filter="on receipt instalment reason amount",
        sort="-on",
        sums="amount",
        title="on amount",
        subtitle="receipt instalment reason",
    )

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        indexes = [
            models.Index(fields=["instalment", "on", "amount"], condition=ALIVE, name="billing_allocation_paid"),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"
