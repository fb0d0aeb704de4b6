"""The way a deal took through its stages."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models.deal import Deal
from xiaoguan.apps.opportunities.models.pipeline import Stage
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Way(models.TextChoices):
    """How a deal left a stage."""

    ON = "on", _("went on")
    SKIP = "skip", _("went on over a stage")
    BACK = "back", _("went back")
    END = "end", _("ended there")


class StageEntry(Record):
    """One stay of a deal in a stage; the next one begins the day this one ends, the last one is open."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("deal"))
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", verbose_name=_("stage"))
    entered_at = models.DateTimeField(_("entered at"))
    entered_on = models.DateField(_("entered on"))
    left_at = models.DateTimeField(_("left at"), null=True, editable=False)
    left_on = models.DateField(_("left on"), null=True, editable=False)
    days = models.PositiveIntegerField(_("days in stage"), null=True, editable=False)
    next_stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, editable=False, related_name="+", db_index=False, verbose_name=_("went to")
    )
    way = models.CharField(_("left by"), max_length=4, choices=Way.choices, blank=True, editable=False)
    late = models.BooleanField(_("longer than usual"), default=False, editable=False)
    credited = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name=_("left under"),
    )  # fmt: skip
    """Who had the deal when it left the stage, whoever has it now."""

    entity = Entity(
        slug="stage-history",
        icon="history",
        scope="deal",
        list="stage deal entered_on left_on days next_stage way credited",
        filter="stage next_stage way deal entered_on left_on days late credited deal__owner deal__credited deal__unit"
        " deal__product deal__customer__kind deal__customer__city",
        title="stage",
        subtitle="deal",
    )

    class Meta:
        verbose_name = _("stage entry")
        verbose_name_plural = _("stage history")
        indexes = [
            models.Index(fields=["deal", "entered_at"], name="opportunities_entry_path"),
            models.Index(fields=["stage", "entered_on"], name="opportunities_entry_stage"),
            models.Index(
                fields=["stage", "entered_on", "next_stage", "way", "days"],
                condition=Q(deleted_at__isnull=True),
                name="opportunities_entry_flow",
            ),
            # What was left in some months is counted by stage and person from this alone.
            models.Index(
                fields=["left_on", "stage", "way", "days", "credited"],
                condition=Q(deleted_at__isnull=True, left_on__isnull=False),
                name="opportunities_entry_left",
            ),
            models.Index(
                fields=["way", "deal"],
                condition=Q(deleted_at__isnull=True, way__in=["skip", "back"]),
                name="opportunities_entry_apart",
            ),
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
