"""Verbs of dashboards: arranging their tiles, copying one, and links for walls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.dashboards.models import Audience, Dashboard, WallLink
from xiaoguan.apps.dashboards.models.link import digest_of, fresh_key
from xiaoguan.apps.dashboards.sharing import may_share
from xiaoguan.apps.dashboards.tiles import Tile
from xiaoguan.kit import access, clock
from xiaoguan.kit.action import Done, Work, action, update
from xiaoguan.kit.errors import Denied, Invalid

LONGEST = 366
"""Days a link may hold: a wall that hangs longer gets a new one."""


def arrange(dashboard: Dashboard, tiles: Sequence[Tile], *, actor: Any, expect_version: int | None = None) -> Done:
    """Store the tiles in their order; raises Denied, Stale, Invalid."""
    return update(dashboard, {"tiles": [tile.plain() for tile in tiles]}, actor=actor, expect_version=expect_version)


@action(Dashboard, _("Copy for me"), name="copy_board", verb="view", icon="copy", position=20)
def copy_board(work: Work, row: Dashboard) -> Dashboard:
    """A dashboard of one's own with the same tiles, to be changed freely."""
    if not access.may(work.actor, "create", Dashboard):
        raise Denied("create", Dashboard)
    values = {
        "name": gettext("%(name)s, my copy") % {"name": row},
        "about": row.about,
        "period": row.period,
        "audience": Audience.PRIVATE,
        "tiles": row.tiles,
        "owner": work.actor,
    }
    return work.create(Dashboard, values)  # type: ignore[no-any-return]


# Links for walls ----------------------------------------------------------------------------------------------------


def make_link(
    dashboard: Dashboard, *, days: int, label: str = "", also: Sequence[int] = (), actor: Any
) -> tuple[WallLink, str]:
    """A link that opens the dashboard with the maker's rights for some days, and its key, shown this once."""
    if not access.may(actor, "view", dashboard) or not may_share(actor):
        raise Denied("publish", Dashboard)
    if not 1 <= days <= LONGEST:
        words = gettext("A link holds for 1 to %(n)s days.") % {"n": LONGEST}
        raise Invalid({"days": [words]})
    key = fresh_key()
    with transaction.atomic():
        work = Work(actor, "wall_link", Dashboard._meta.label_lower, undoable=False)
        values = {
            "dashboard": dashboard,
            "label": label[:60],
            "digest": digest_of(key),
            "also": list(also),
            "expires_at": clock.now() + dt.timedelta(days=days),
            "owner": actor,
        }
        row = work.create(WallLink, values)
        work.finish()
    return row, key


def revoke(link: WallLink, *, actor: Any) -> Done:
    """End a link at once: by its maker, or by whoever may change the dashboard."""
    if link.owner_id != actor.pk and not access.may(actor, "change", link.dashboard):
        raise Denied("change", link.dashboard)
    with transaction.atomic():
        work = Work(actor, "revoke_wall_link", Dashboard._meta.label_lower, undoable=False)
        link.revoked_at = clock.now()
        work.save(link)
        return Done(work.finish(), link)
