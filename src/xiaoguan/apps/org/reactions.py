"""What happens by the clock: memberships that begin and end today change who reaches whom."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org import reach, sessions, throttle
from xiaoguan.apps.org.actions import deactivate_leavers
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import job, schedule


@job.job("org.reach", label=_("Teams of the day"), atomic=True, lease=300)
def follow_the_day(run: job.Run) -> dict[str, int]:
    """Bring the closure, main teams and sign-ins in line with the dates of today."""
    left = deactivate_leavers(system_actor()).result
    repair = reach.rebuild()
    return {"added": repair.added, "removed": repair.removed, "moved": repair.moved, "left": len(left)}


@job.job("org.door", label=_("Old sign-ins are tidied up"), atomic=True)
def tidy_the_door(run: job.Run) -> dict[str, int]:
    """Drop sessions that are over and counters that nobody needs; the events at the door stay."""
    return {"sessions": sessions.sweep(), "counters": throttle.sweep()}


schedule.every("35 3 * * *", "org.door", label=_("Old sign-ins are tidied up"))
schedule.every("5 0 * * *", "org.reach", label=_("Teams of the day"))
