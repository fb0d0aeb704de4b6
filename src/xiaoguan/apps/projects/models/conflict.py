"""Two registrations of one project, what both sides say, and who it is given to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.projects.models.registration import Registration
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import PercentField
from xiaoguan.kit.record import Record


class Case(models.TextChoices):
    """Where a conflict stands."""

    OPEN = "open", _("To be ruled on")
    RULED = "ruled", pgettext_lazy("conflict", "Ruled")
    APPEALED = "appealed", _("Appealed")
    FINAL = "final", pgettext_lazy("conflict", "Final")
    SETTLED = "settled", _("Settled without ruling")


WAITING = (Case.OPEN, Case.APPEALED)
"""A conflict that somebody has to rule on."""


class Side(models.TextChoices):
    """One of the two registrations, by the time it was made."""

    FIRST = "first", _("The earlier registration")
    SECOND = "second", _("The later registration")


class Conflict(Record):
    """The case of two registrations; it belongs to the team that both sides are in, and is shared with both.

    So the manager both share sees it and may rule on it, and whoever is above him.
    """

    owner_defaults = False

    name = models.CharField(_("project"), max_length=160, editable=False)
    first = models.ForeignKey(
        Registration, models.PROTECT, related_name="later_conflicts", editable=False, verbose_name=Side.FIRST.label
    )
    second = models.ForeignKey(
        Registration, models.PROTECT, related_name="earlier_conflicts", editable=False, verbose_name=Side.SECOND.label
    )
    likeness = PercentField(_("likeness of the projects"), editable=False)
    status = models.CharField(_("status"), max_length=8, choices=Case.choices, default=Case.OPEN, editable=False)
    opened_on = models.DateField(_("opened on"), editable=False)
    awarded = models.CharField(_("given to"), max_length=6, choices=Side.choices, blank=True, editable=False)
    ruled_on = models.DateField(_("ruled on"), null=True, editable=False)
    appeal = models.TextField(_("appeal"), blank=True, editable=False)
    appealed_at = models.DateTimeField(_("appealed at"), null=True, editable=False)
    appealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name=_("appealed by"),
    )  # fmt: skip

    entity = Entity(
        slug="registration-conflicts",
        icon="scale",
        nav="customers",
        list="name status opened_on awarded ruled_on",
        filter="status opened_on ruled_on awarded",
        find="name",
        subtitle="status",
        fixed=True,
    )

    class Meta:
        verbose_name = _("registration conflict")
        verbose_name_plural = _("registration conflicts")
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"], condition=Q(deleted_at__isnull=True), name="projects_conflict_once"
            ),
        ]
        indexes = [models.Index(fields=["status", "opened_on"], name="projects_conflict_open")]

    def __str__(self) -> str:
        return self.name

    def side(self, side: str) -> Registration:
        """One of the two registrations."""
        return self.first if side == Side.FIRST else self.second

    def side_of(self, person_id: int) -> str:
        """Which side somebody is; empty for whoever is neither."""
        if self.first.owner_id == person_id:
            return Side.FIRST
        return Side.SECOND if self.second.owner_id == person_id else ""


class Statement(Record):
    """What one side says in a conflict; nobody changes it afterwards."""

    conflict = models.ForeignKey(Conflict, models.PROTECT, related_name="statements")
    side = models.CharField(max_length=6, choices=Side.choices)
    text = models.TextField(_("statement"))

    def __str__(self) -> str:
        return self.text[:60]


class Ruling(Record):
    """Who gets the project and why, signed; `level` is 1, or 2 after an appeal.

    `share` is what the other side gets of the credit, in 1/100,000. `evidence` is what lay before whoever ruled, as it
    was then, and `digest` the SHA-256 of all of it together.
    """

    conflict = models.ForeignKey(Conflict, models.PROTECT, related_name="rulings")
    level = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    awarded = models.CharField(max_length=6, choices=Side.choices)
    share = PercentField(default=0)
    reason = models.TextField()
    evidence = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conflict", "level"], name="projects_ruling_level")]

    def __str__(self) -> str:
        return f"{self.conflict} {self.level}"
