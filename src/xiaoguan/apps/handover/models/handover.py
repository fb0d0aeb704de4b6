"""One hand-over: from whom, why, by which rule; and a sheet for each successor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Reason(models.TextChoices):
    """Why somebody hands over."""

    LEAVES = "leaves", _("Leaves the company")
    MOVES = "moves", _("Moves to other work")


class Progress(models.TextChoices):
    """How far a hand-over is."""

    RUNNING = "running", _("Being moved")
    MOVED = "moved", _("To be confirmed by all")
    CONFIRMED = "confirmed", pgettext_lazy("hand-over", "Confirmed by all")


class Handover(Record):
    """It belongs to the previous owner, so that his manager sees it; successors see it by their sheets.

    `rule` is what :class:`xiaoguan.apps.handover.allotment.Rule` reads; `counts` what was moved, by kind of record.
    """

    owner_defaults = False

    name = models.CharField(_("name"), max_length=160, editable=False)
    reason = models.CharField(_("reason"), max_length=8, choices=Reason.choices, editable=False)
    day = models.DateField(_("day"), editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=Progress.choices, default=Progress.RUNNING, editable=False
    )
    confirmed_on = models.DateField(_("confirmed on"), null=True, editable=False)
    rule = models.JSONField(default=dict, editable=False)
    counts = models.JSONField(default=dict, editable=False)

    entity = Entity(
        slug="handovers",
        icon="transfer",
        nav="customers",
        list="name reason day status confirmed_on owner",
        filter="status reason day owner",
        find="name",
        subtitle="status reason",
        fixed=True,
    )

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")

    def __str__(self) -> str:
        return self.name


class Sheet(Record):
    """What one successor gets: promises, risks and customers as they were that day, signed by three.

    `digest` is the SHA-256 of `content`. Who has left can't sign any more; his manager then signs for him.
    """

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="sheets")
    successor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    manager = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    content = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64)
    previous_at = models.DateTimeField(null=True, editable=False)
    previous_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    successor_at = models.DateTimeField(null=True, editable=False)
    successor_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    manager_at = models.DateTimeField(null=True, editable=False)
    manager_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reminded_on = models.DateField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "successor"],
                condition=models.Q(deleted_at__isnull=True),
                name="handover_sheet_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handover} {self.successor}"

    def takes_back(self, actor: Any) -> bool:
        """Whoever may hand over may undo it."""
        return access.grants(actor).scope(Handover._meta.label_lower, "create") in ("team", "all")

    @property
    def is_signed(self) -> bool:
        """Whether all three have signed."""
        return None not in (self.previous_at, self.successor_at, self.manager_at)
