"""A customer's stay in a pool."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.pools.models.pool import Pool
from xiaoguan.apps.pools.models.rule import PoolRule
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

WAITING = Q(deleted_at__isnull=True, left_on__isnull=True)


class Way(models.TextChoices):
    """How a customer came into the pool."""

    RETURNED = "returned", _("Returned by the owner")
    RULE = "rule", _("By a rule")
    IMPORTED = "imported", _("Imported")


class PoolEntry(Record):
    """One stay of a customer in a pool, from the day it lost its owner until somebody gets it.

    As long as `left_on` is empty the customer has no owner; whoever may claim sees here what may be known
    of it before: name, kind, tier, place, but nothing to get hold of it by.
    """

    owner_defaults = False

    name = models.CharField(_("customer"), max_length=120)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="pool_entries", verbose_name=_("customer record")
    )
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("pool"))
    way = models.CharField(_("came"), max_length=8, choices=Way.choices)
    rule = models.ForeignKey(
        PoolRule, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("rule")
    )
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    entered_on = models.DateField(_("in the pool since"))
    previous_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("previous owner"),
    )  # fmt: skip
    times = models.PositiveSmallIntegerField(_("claimed before"), default=0)
    left_on = models.DateField(_("left the pool on"), null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("taken by"),
    )  # fmt: skip
    claimed = models.BooleanField(_("claimed by himself"), default=False)

    entity = Entity(
        slug="pool-entries",
        icon="inbox",
        nav="customers",
        fixed=True,
        list="name customer__kind customer__tier customer__city entered_on customer__last_contact_on pool"
        " previous_owner way reason left_on taken_by",
        filter="pool customer__tier customer__kind customer__city customer__last_contact_on entered_on times"
        " previous_owner way left_on taken_by",
        find="name",
        sort="-entered_on",
        subtitle="pool way",
    )

    class Meta:
        verbose_name = _("customer in the pool")
        verbose_name_plural = _("customers in the pool")
        constraints = [models.UniqueConstraint(fields=["customer"], condition=WAITING, name="pools_entry_once")]
        indexes = [
            models.Index(fields=["pool", "entered_on"], condition=WAITING, name="pools_entry_waiting"),
            models.Index(fields=["taken_by", "left_on"], name="pools_entry_taken"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def waits(self) -> bool:
        """Whether the customer is still in the pool."""
        return self.left_on is None
