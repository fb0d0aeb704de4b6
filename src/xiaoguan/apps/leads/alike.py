"""Leads that came twice can be merged."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from xiaoguan.apps.leads.models import Lead
from xiaoguan.apps.merging.declaring import mergeable
from xiaoguan.kit.access import visible

MOST = 5


def leads(lead: Lead, actor: Any) -> list[tuple[Lead, str]]:
    """Leads with the same number, or from the same company."""
    same = Q(pk__in=[])
    if lead.phone_key:
        same |= Q(phone_key=lead.phone_key)
    if lead.name_key:
        same |= Q(name_key=lead.name_key)
    rows = visible(Lead, actor, "change").filter(same).exclude(pk=lead.pk)
    return [(row, "") for row in rows.select_related("owner").order_by("-pk")[:MOST]]


mergeable(Lead, suggest=leads)
