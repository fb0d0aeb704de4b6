"""The way a deal took through its stages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models.deal import Deal
from xiaoguan.apps.opportunities.models.pipeline import Stage
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class StageEntry(Record):
    """One stay of a deal in a stage; the next one begins the day this one ends, the last one is open."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("deal"))
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", verbose_name=_("stage"))
    entered_at = models.DateTimeField(_("entered at"))
    entered_on = models.DateField(_("entered on"))
    left_at = models.DateTimeField(_("left at"), null=True, editable=False)
    left_on = models.DateField(_("left on"), null=True, editable=False)
    days = models.PositiveIntegerField(_("days in stage"), null=True, editable=False)

    entity = Entity(
        slug="stage-history",
        icon="history",
        scope="deal",
        list="stage deal entered_on left_on days",
        filter="stage deal entered_on left_on",
        title="stage",
        subtitle="deal",
    )

    class Meta:
        verbose_name = _("stage entry")
        verbose_name_plural = _("stage history")
        indexes = [
            models.Index(fields=["deal", "entered_at"], name="opportunities_entry_path"),
            models.Index(fields=["stage", "entered_on"], name="opportunities_entry_stage"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["deal"],
                condition=Q(left_on__isnull=True, deleted_at__isnull=True),
                name="opportunities_entry_open",
            ),
        ]

    def __str__(self) -> str:
        return str(self.stage)

    def prepare(self) -> None:
        """Count the days once the stay is over."""
        self.days = None if self.left_on is None else (self.left_on - self.entered_on).days
