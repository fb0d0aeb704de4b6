"""Leads without an owner lie open to the sellers of their team and of all teams below it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.leads.models import Lead
from xiaoguan.apps.leads.models.lead import OPEN
from xiaoguan.apps.org.models import Team
from xiaoguan.kit import access, feed, memo

OPENED = frozenset({"view", "take", "change", "convert"})
"""Whoever may take a lead may also correct it, answer it and make it a customer; that takes it."""


def above(unit: int | None) -> list[int]:
    """A team and all teams above it."""
    token = tuple(feed.versions("org.team").values())
    living = Team.objects.filter(deleted_at__isnull=True)
    parents = memo.remember(("leads", "teams"), token, lambda: dict(living.values_list("pk", "parent_id")))
    found: list[int] = []
    while unit is not None and unit in parents and unit not in found:
        found.append(unit)
        unit = parents[unit]
    return found


@access.opens(Lead, _("Nobody has it, and it waits for the sellers of this person's team."))
def waiting(actor: Any, verb: str) -> Q | None:
    """What waits for somebody to take it up."""
    if verb not in OPENED:
        return None
    mine = Q(unit__isnull=True) | Q(unit__in=above(actor.unit_id))
    return Q(owner__isnull=True, status__in=OPEN) & mine
