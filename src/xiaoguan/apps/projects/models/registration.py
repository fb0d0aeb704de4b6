"""The registration of a project: whoever is first may work on it, for a time."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.projects.models.project import Project
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Standing(models.TextChoices):
    """Where a registration stands."""

    REGISTERED = "registered", pgettext_lazy("project", "Registered")
    CONFIRMED = "confirmed", pgettext_lazy("project", "Registration confirmed")
    CONFLICT = "conflict", _("In conflict")
    RULED = "ruled", _("Ruled to another")
    LAPSED = "lapsed", _("Lapsed")
    RELEASED = "released", _("Released")


ACTIVE = (Standing.REGISTERED, Standing.CONFIRMED, Standing.CONFLICT)
"""A registration that still protects its project."""
ALIVE = Q(deleted_at__isnull=True)


class Registration(Record):
    """One person's claim to a project, from the moment it was made; who was first is not for anybody to type."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="registrations", verbose_name=_("project"))
    basis = models.TextField(
        _("basis"), help_text=_("Whom you know there, what was agreed, since when. Add files on the registration.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Standing.choices, default=Standing.REGISTERED, editable=False
    )
    registered_at = models.DateTimeField(_("registered at"), editable=False)
    registered_on = models.DateField(_("registered on"), editable=False)
    protected_until = models.DateField(_("protected until"), null=True, editable=False)
    extended_on = models.DateField(_("extended on"), null=True, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, editable=False)
    warned_on = models.DateField(null=True, editable=False)

    entity = Entity(
        slug="registrations",
        icon="flag",
        nav="customers",
        list="project status registered_on protected_until owner",
        form="project basis",
        filter="status owner project registered_on protected_until project__city project__phase",
        key="project",
        title="project",
        subtitle="status",
    )

    class Meta:
        verbose_name = _("project registration")
        verbose_name_plural = _("project registrations")
        indexes = [
            models.Index(fields=["owner", "status"], condition=ALIVE, name="projects_registration_mine"),
            models.Index(fields=["status", "protected_until"], condition=ALIVE, name="projects_registration_due"),
        ]

    def __str__(self) -> str:
        return str(self.project)

    def prepare(self) -> None:
        """The moment is that of the first save."""
        self.registered_at = self.registered_at or self.created_at or clock.now()
        self.registered_on = clock.local(self.registered_at).date()

    @property
    def is_active(self) -> bool:
        """Whether it still protects the project."""
        return self.status in ACTIVE
