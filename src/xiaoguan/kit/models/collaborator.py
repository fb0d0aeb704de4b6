"""Who besides the owner works on a record."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.record import Record


class Level(models.TextChoices):
    """How far somebody takes part; a later one holds the earlier ones."""

    READ = "read", _("may read")
    EDIT = "edit", _("may read and edit")


class Collaborator(Record):
    """One record shared with one person until a day, the day included; an empty day is no end.

    One table for all entities with an index by person: `xiaoguan.kit.access` reads it once per request.
    """

    about = models.CharField(max_length=60)
    """The entity of the shared record; `entity` is the name of a declaration."""
    object_id = models.BigIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    level = models.CharField(_("level"), max_length=4, choices=Level.choices, default=Level.READ)
    until = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("collaborator")
        verbose_name_plural = _("collaborators")
        indexes = [models.Index(fields=["person", "about", "object_id"], name="kit_collaborator_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["about", "object_id", "person"],
                condition=models.Q(deleted_at__isnull=True),
                name="kit_collaborator_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_level_display()}"
