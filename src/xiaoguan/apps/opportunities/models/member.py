"""The team of a deal: who works on it besides the owner, in which part, with which share, from when to when."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.opportunities.models.deal import Deal
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import RATE_ONE, PercentField
from xiaoguan.kit.record import Record


class Part(models.TextChoices):
    """What somebody does in a deal."""

    LEAD = "lead", pgettext_lazy("in a deal", "Lead")
    TECHNICAL = "technical", pgettext_lazy("in a deal", "Technical")
    COMMERCIAL = "commercial", pgettext_lazy("in a deal", "Commercial")
    SUPPORT = "support", pgettext_lazy("in a deal", "Support")


class DealMember(Record):
    """One person's part in a deal for some time; what the members don't get is credited to the owner."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="members", db_index=False, verbose_name=_("deal"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    part = models.CharField(_("part"), max_length=10, choices=Part.choices, default=Part.SUPPORT)
    split = PercentField(
        _("share of the deal"), default=0, validators=[MinValueValidator(0), MaxValueValidator(RATE_ONE)],
        help_text=_("Of what the deal brings; the rest is the owner's."),
    )  # fmt: skip
    start = models.DateField(_("from"), null=True, blank=True, help_text=_("Empty: today."))
    end = models.DateField(_("until"), null=True, blank=True, help_text=_("Empty: for good."))

    entity = Entity(
        slug="deal-members",
        icon="users-group",
        scope="deal",
        list="person deal part split start end",
        form="deal person part split start end",
        filter="person deal part start end",
        key="",
        sort="-id",
        subtitle="deal part",
    )

    class Meta:
        verbose_name = _("team member of a deal")
        verbose_name_plural = _("team members of deals")
        indexes = [
            models.Index(fields=["deal"], condition=Q(deleted_at__isnull=True), name="opportunities_member_deal"),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def prepare(self) -> None:
        """A share begins today unless another day is said."""
        self.start = self.start or clock.today()

    def clean(self) -> None:
        """A part ends after it began."""
        if self.start and self.end and self.end < self.start:
            raise ValidationError({"end": _("This day is before the first one.")})
