"""Who may look into a pool and claim from it: the people of its team and of all teams below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers import twins
from xiaoguan.apps.pools.models import PoolEntry
from xiaoguan.apps.pools.models.entry import WAITING
from xiaoguan.apps.pools.standing import book
from xiaoguan.kit import access
from xiaoguan.kit.errors import WayOut

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


@twins.ways_to
def in_my_pool(ids: Sequence[int], actor: Any) -> Mapping[int, WayOut]:
    """A company somebody enters that waits in a pool open to him: he may claim it instead."""
    rows = access.visible(PoolEntry, actor, "claim").filter(WAITING, customer__in=ids).select_related("pool")
    return {
        entry.customer_id: WayOut(
            gettext("Look at %(name)s in the pool") % {"name": entry.name},
            entry.entity.url("detail", entry),
            gettext("Nobody looks after it; it waits in %(pool)s.") % {"pool": entry.pool.name},
            icon="inbox",
        )
        for entry in rows.order_by("pk")
    }
