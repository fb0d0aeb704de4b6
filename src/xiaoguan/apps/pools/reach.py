"""Who may look into a pool and claim from it: the people of its team and of all teams below."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.pools.models import PoolEntry
from xiaoguan.apps.pools.standing import book
from xiaoguan.kit import access

OPENED = frozenset({"view", "claim"})


def open_pools(actor: Any) -> list[int]:
    """Ids of the pools in use that this person may claim from."""
    return [pool.pk for pool in book().open_to(actor.unit_id)]


@access.opens(PoolEntry, _("It waits in a public pool open to this person's team, or was this person's before."))
def of_my_pools(actor: Any, verb: str) -> Q | None:
    """What waits in a pool lies open to all who may claim from it; who had a customer sees where it went."""
    if verb not in OPENED:
        return None
    mine = Q(pool__in=open_pools(actor))
    return mine | Q(previous_owner=actor.pk) if verb == "view" else mine
