"""A public pool, and the limits for whoever claims from it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Tier
from xiaoguan.apps.org.models import Team
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

ALIVE = Q(deleted_at__isnull=True)


class Pool(Record):
    """Where customers wait whom nobody looks after; the people of its team, and of all teams below, may claim them."""

    name = models.CharField(_("name"), max_length=60)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who may claim"),
        help_text=_("This team and those below it; empty: the whole company."),
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(
        _("order"), default=10,
        help_text=_("A customer goes to the first pool open to its owner, unless a rule names another."),
    )  # fmt: skip
    active = models.BooleanField(_("in use"), default=True)
    claims_per_day = models.PositiveSmallIntegerField(
        _("claims per person and day"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Empty: as many as somebody likes."),
    )  # fmt: skip
    cool_down_days = models.PositiveSmallIntegerField(
        _("days the previous owner waits"), null=True, blank=True, validators=[MaxValueValidator(3650)],
        help_text=_("For so long he can't claim the same customer again."),
    )  # fmt: skip
    person_cap = models.PositiveIntegerField(
        _("customers per person at most"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    team_cap = models.PositiveIntegerField(
        _("customers per team at most"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    counted_tiers = models.CharField(
        _("tiers that count"), max_length=4, blank=True, help_text=_("Like AB; empty: every customer counts."),
    )  # fmt: skip

    entity = Entity(
        slug="pools",
        icon="inbox",
        nav="settings",
        scope="all",
        list="name team position claims_per_day cool_down_days person_cap team_cap active",
        form="name team position active | claims_per_day cool_down_days | person_cap team_cap counted_tiers",
        filter="team active",
        find="name",
        key="name",
        sort="position",
    )

    class Meta:
        verbose_name = _("public pool")
        verbose_name_plural = _("public pools")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["name"], condition=ALIVE, name="pools_pool_name")]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Blanks count once, tiers are written as they are named."""
        self.name = " ".join(self.name.split())
        self.counted_tiers = "".join(sorted(set(self.counted_tiers.upper().replace(" ", ""))))

    def clean(self) -> None:
        """A tier that counts is one there is."""
        if set(self.counted_tiers) - set(Tier.values):
            raise ValidationError({"counted_tiers": _("Write the letters of tiers, like AB.")})
