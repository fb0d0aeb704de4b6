"""How long somebody has looked after a customer, and whether a customer is left alone by the rules."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.pools.models.rule import PoolRule
from xiaoguan.kit.record import Record


class Holding(Record):
    """Since which day a customer has its present owner, as it was when that was written; and what follows from it.

    `leaves_on` and `rule` say by which rule it goes to a pool, and when, if nothing happens: derived, for lists
    and pages; the run looks again. `told_for` is the leaving day its owner has been warned of.
    """

    owner_defaults = False

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="holding")
    since = models.DateField()
    previous = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    leaves_on = models.DateField(null=True, blank=True)
    rule = models.ForeignKey(PoolRule, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    told_for = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("holding of a customer")
        indexes = [models.Index(fields=["leaves_on"], name="pools_holding_leaves")]

    def takes_back(self, actor: Any) -> bool:
        """Whoever gave a customer back may say that he didn't mean it."""
        return bool(self.previous_id == actor.pk)


class Exemption(Record):
    """A customer that no rule sends to a pool, with the reason and perhaps a last day."""

    owner_defaults = False

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="pool_exemptions")
    reason = models.CharField(_("reason"), max_length=400)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("exemption from the pool")

    def takes_back(self, actor: Any) -> bool:
        """Taken back along with the customer's own change."""
        return bool(self.created_by_id == actor.pk)
