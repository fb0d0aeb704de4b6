"""A new cut of the territories that waits for its day."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.territories.models.territory import Territory
from xiaoguan.kit import access
from xiaoguan.kit.record import Record


class State(models.TextChoices):
    """Where a new cut stands."""

    PLANNED = "planned", _("Waits for its day")
    RUNNING = "running", _("Being applied")
    APPLIED = "applied", _("Applied")
    DROPPED = "dropped", _("Dropped")


class Recut(Record):
    """Changed rules by territory: `rules` is {"7": {"regions": "Suzhou", "industries": "", "kinds": "", "person": 12}}.

    `person` is whoever is to look after it from that day (null: unchanged); `moves_owners` hands customers that change
    their territory to that person.
    """

    on = models.DateField(_("from"))
    rules = models.JSONField(default=dict, editable=False)
    moves_owners = models.BooleanField(_("customers change their owners"), default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    applied_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.on}"

    def takes_back(self, actor: Any) -> bool:
        """Whoever may change territories may undo it."""
        return access.grants(actor).scope(Territory._meta.label_lower, "change") == "all"
