"""Which customer lies in which territory, and what was said by name."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.territories.models.territory import Territory
from xiaoguan.kit import access
from xiaoguan.kit.record import Record


class Placement(models.Model):
    """One stay of a customer in a territory, `until` excluded; derived from rules and names, the last one is open.

    Figures of a day belong to the stay with `counts_from` <= day < `until`: a customer's first stay counts for all
    that was before it, every later one from its own first day.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="placements", db_index=False)
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="+", db_index=False)
    since = models.DateField()
    until = models.DateField(null=True)
    counts_from = models.DateField(default=dt.date.min)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(until__isnull=True), name="territories_placement_open"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "counts_from", "until", "territory"], name="territories_placement_of"),
            models.Index(fields=["territory", "until", "customer"], name="territories_placement_in"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.territory_id}"


class Naming(Record):
    """A customer that is in a territory, or out of it, whatever the rules say."""

    territory = models.ForeignKey(Territory, models.PROTECT, related_name="namings")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    inside = models.BooleanField(_("belongs to it"), default=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "customer"], condition=Q(deleted_at__isnull=True), name="territories_naming_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.territory}"

    def takes_back(self, actor: Any) -> bool:
        """Whoever may change territories may undo it."""
        return access.grants(actor).scope(Territory._meta.label_lower, "change") == "all"
