"""When a customer goes to a pool by itself."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration.models import Tag
from xiaoguan.apps.customers.models import CustomerKind, Tier
from xiaoguan.apps.org.models import Team
from xiaoguan.apps.pools.models.pool import Pool
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Trigger(models.TextChoices):
    """What has not happened for so many days; each counts from the day the owner got the customer at the earliest."""

    CONTACT = "contact", _("No follow-up")
    DEAL = "deal", _("No new deal")
    WIN = "win", _("No deal won")
    CONTRACT = "contract", _("No contract since the last one")


class PoolRule(Record):
    """One rule: whose customers, what is missing for how many days, and where they go."""

    name = models.CharField(_("name"), max_length=80, blank=True, help_text=_("Empty: what the rule says."))
    trigger = models.CharField(
        _("when there is"), max_length=8, choices=Trigger.choices, default=Trigger.CONTACT,
        help_text=_("A contract counts from its last day, one without an end from its signature."),
    )  # fmt: skip
    days = models.PositiveSmallIntegerField(
        _("for days"), default=60, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    warn_days = models.PositiveSmallIntegerField(
        _("warn days before"), default=7, validators=[MaxValueValidator(365)],
        help_text=_("So long before, the owner is told."),
    )  # fmt: skip
    tier = models.CharField(
        _("tier"), max_length=1, choices=Tier.choices, blank=True, help_text=_("Empty: customers of every tier.")
    )
    kind = models.ForeignKey(
        CustomerKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind"),
        help_text=_("Empty: customers of every kind."),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owners of"),
        help_text=_("This team and those below it; empty: everybody."),
    )  # fmt: skip
    pool = models.ForeignKey(
        Pool, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("goes to"),
        help_text=_("Empty: the first pool open to the owner."),
    )  # fmt: skip
    spare_open_deals = models.BooleanField(_("leave alone with open deals"), default=True)
    spare_receivables = models.BooleanField(_("leave alone with money outstanding"), default=True)
    spare_tag = models.ForeignKey(
        Tag, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("leave alone with the tag")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=10)
    active = models.BooleanField(_("in use"), default=True)

    entity = Entity(
        slug="pool-rules",
        icon="recycle",
        nav="settings",
        scope="all",
        list="name trigger days tier kind team pool warn_days active",
        form="trigger days warn_days pool | tier kind team | spare_open_deals spare_receivables spare_tag"
        " | name position active",
        filter="trigger pool tier kind team active",
        find="name",
        key="name",
        sort="position",
    )

    class Meta:
        verbose_name = _("pool rule")
        verbose_name_plural = _("pool rules")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """A rule without a name is called by what it says, in the language of who writes it."""
        self.name = " ".join(self.name.split()) or str(
            _("%(trigger)s for %(days)s days") % {"trigger": self.get_trigger_display(), "days": self.days}
        )

    def clean(self) -> None:
        """Nobody is warned before the days begin."""
        if self.warn_days >= self.days:
            raise ValidationError({"warn_days": _("Warn fewer days before than the rule has.")})
