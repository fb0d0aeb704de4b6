"""Who of us talks to which contact of a customer, for the relationship map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max

from xiaoguan.apps.activities.models import FollowUp, Kind
from xiaoguan.apps.customers.relations import Touch, coverage
from xiaoguan.kit import access, clock


@coverage
def talks(ids: Sequence[int], actor: Any) -> Mapping[int, Sequence[Touch]]:
    """The last follow-up of each colleague with each contact, as far as the actor sees them."""
    if not access.may(actor, "view", FollowUp):
        return {}
    rows = access.visible(FollowUp, actor).filter(contact__in=ids, credited__isnull=False)
    found: dict[int, list[Touch]] = {}
    told = rows.exclude(kind=Kind.NOTE).order_by()
    for contact, name, last in told.values_list("contact", "credited__name").annotate(last=Max("happened_at")):
        found.setdefault(contact, []).append(Touch(name, clock.local(last).date()))
    return found
