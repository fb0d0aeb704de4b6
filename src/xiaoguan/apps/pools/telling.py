"""Owners are told before a customer goes to the pool, when it has gone, and when somebody has claimed it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices.consequences import quiet
from xiaoguan.apps.notices.kinds import declare
from xiaoguan.apps.notices.telling import tell, tell_each
from xiaoguan.apps.pools import recycling
from xiaoguan.apps.pools.models import Holding, PoolEntry, Way
from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence

declare(
    "pool_soon",
    _("A customer of mine goes to the pool soon"),
    icon="hourglass",
    one=_("%(count)s of your customers go to the pool within %(text)s days"),
    mail=True,
)
declare(
    "pool_lost",
    _("A customer of mine went to the pool"),
    icon="inbox",
    one=_("%(record)s went to the pool: %(text)s"),
    many=_("%(count)s of your customers went to the pool: %(text)s"),
    mail=True,
)
declare(
    "pool_claimed",
    _("Somebody claimed a customer I had"),
    icon="hand-grab",
    one=_("%(actor)s claimed %(record)s, which you had before"),
    many=_("%(actor)s claimed %(count)s customers you had before"),
)


@consequence(PoolEntry)
def tell_owners(work: Work, entries: Sequence[PoolEntry], fresh: bool) -> None:
    """The previous owner is told what the rules took from him, and who claimed it."""
    if quiet(work):
        return
    if fresh:
        lost: dict[tuple[int, str], list[PoolEntry]] = defaultdict(list)
        for entry in entries:
            if entry.way == Way.RULE and entry.previous_owner_id is not None:
                lost[entry.previous_owner_id, entry.reason].append(entry)
        for (person, reason), rows in lost.items():
            group = f"pool {clock.today():%Y-%m-%d} {reason}"
            tell_each("pool_lost", {person: rows}, text=reason, group=group)
        return
    had: dict[int, list[PoolEntry]] = defaultdict(list)
    for entry in entries:
        taken = "left_on" in entry.changed_fields() and entry.claimed
        if taken and entry.previous_owner_id not in (None, entry.taken_by_id):
            had[entry.previous_owner_id].append(entry)
    if had:
        tell_each("pool_claimed", had, actor=work.actor)


@job.job("pools.warn", label=_("Warn before customers go to the pool"))
def warn(run: job.Run) -> dict[str, int]:
    """Tell each owner once of every customer whose last days have begun: one notice with how many there are."""
    told, url = 0, reverse("public_pool:tonight")
    for person, rows in recycling.warnings().items():
        days = max((each.leaves_on - clock.today()).days for each in rows if each.leaves_on)
        with run.chunk(done=1):
            told += len(tell("pool_soon", [person], text=str(days), url=url, count=len(rows)))
            for each in rows:
                each.told_for = each.leaves_on
            Holding.objects.bulk_update(rows, ["told_for"])
    return {"told": told}


schedule.every("40 7 * * *", "pools.warn", label=_("Warn before customers go to the pool"))
