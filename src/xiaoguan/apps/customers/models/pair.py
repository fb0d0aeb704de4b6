"""Customers that may be one company, and those that are known not to be."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models.customer import ALIVE, Customer
from xiaoguan.kit import access
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.record import Record


class Pair(models.Model):
    """Two customers that may be one, as the last look at them found; derived, and replaced by the next look."""

    id = models.BigAutoField(primary_key=True)
    first = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    """The one with the lower id."""
    second = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    likeness = models.IntegerField()
    """How likely they are one, in hundred-thousandths."""
    reasons = models.CharField(max_length=40)
    """Codes of what agrees, with commas: code, phone, domain, name."""
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="customers_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="customers_pair_order"),
            models.CheckConstraint(condition=Q(likeness__range=(0, RATE_ONE)), name="customers_pair_likeness"),
        ]
        indexes = [models.Index(fields=["-likeness", "id"], name="customers_pair_likest")]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class Apart(Record):
    """Somebody has said that two customers are two companies: they are not proposed again."""

    first = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False, verbose_name=_("customer"))
    second = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("customer"))

    class Meta:
        verbose_name = _("two companies")
        verbose_name_plural = _("two companies")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], condition=ALIVE, name="customers_apart_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"

    def takes_back(self, actor: Any) -> bool:
        """Who may change both customers may also say that they are one after all."""
        return access.may(actor, "change", self.first) and access.may(actor, "change", self.second)


class PairCheck(models.Model):
    """When all customers were last compared, by whom, and up to when changes have been looked at; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    """Who asked for it; nobody for the one of the night."""
    customers = models.PositiveIntegerField(default=0)
    pairs = models.PositiveIntegerField(default=0)
    seen_to = models.DateTimeField(null=True)
    """Customers saved before this moment have been looked at."""

    def __str__(self) -> str:
        return str(self.at)
