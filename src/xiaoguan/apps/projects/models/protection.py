"""How long a registration protects a project."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.projects.models.project import Phase
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

YEARS = 3
LONGEST = MaxValueValidator(YEARS * 365)


class Protection(Record):
    """The days that a registration holds, and the days that an extension adds, by the phase of the project.

    A rule holds from its day until a later one for the same phase: what was registered before keeps its days.
    """

    phase = models.CharField(_("phase"), max_length=12, choices=Phase.choices)
    since = models.DateField(_("in force since"))
    days = models.PositiveSmallIntegerField(_("days protected"), validators=[MinValueValidator(1), LONGEST])
    extension = models.PositiveSmallIntegerField(
        _("days added by an extension"), validators=[LONGEST], help_text=_("0: no extension.")
    )

    entity = Entity(
        slug="protection-periods",
        icon="shield-check",
        nav="settings",
        scope="all",
        list="phase since days extension",
        form="phase since days extension",
        filter="phase since",
        key="phase since",
        sort="phase",
    )

    class Meta:
        verbose_name = _("protection period")
        verbose_name_plural = _("protection periods")
        constraints = [
            models.UniqueConstraint(
                fields=["phase", "since"],
                condition=models.Q(deleted_at__isnull=True),
                name="projects_protection_phase",
            ),
        ]

    def __str__(self) -> str:
        return str(Phase(self.phase).label)
