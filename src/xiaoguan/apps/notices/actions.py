"""What people do with notices: read them, say how they want them, set up the robots of groups.

A mark as read and a wish are the person's own and no record of the company: they leave no change entry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from xiaoguan.apps.notices import robots
from xiaoguan.apps.notices.kinds import kinds
from xiaoguan.apps.notices.models import HOURS, Notice, Rhythm, Robot, RobotAddress, Wish
from xiaoguan.apps.notices.models.message import Channel
from xiaoguan.apps.notices.models.robot import Service
from xiaoguan.apps.notices.queries import wish_of
from xiaoguan.kit import access, clock
from xiaoguan.kit.action import Done, working
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.outbound import Unreachable


def mark(person: Any, ids: Collection[int] | None, *, read: bool = True, kind: str = "") -> int:
    """Mark some notices of one's own (all with None) as read or unread; returns how many."""
    rows: QuerySet[Notice] = Notice.objects.filter(person=person)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    if kind:
        rows = rows.filter(kind=kind)
    if not read:
        return rows.update(read_at=None)
    return rows.filter(read_at=None).update(read_at=Coalesce(F("read_at"), clock.machine_now()))


def choose(
    person: Any,
    *,
    switches: Mapping[str, Mapping[str, bool]],
    rhythm: str,
    quiet_from: dt.time | None,
    quiet_to: dt.time | None,
    hour: int | None,
) -> Wish:
    """Store how somebody wants to be told; Invalid for what is no choice."""
    if hour is not None and hour not in HOURS:
        raise Invalid({"hour": [_("Choose an hour from 7 to 21.")]})
    if rhythm not in Rhythm.values:
        raise Invalid({"rhythm": [_("Choose one of the three.")]})
    if (quiet_from is None) != (quiet_to is None):
        raise Invalid({"quiet_from": [_("Quiet hours need a beginning and an end; leave both empty for none.")]})
    wish = wish_of(person)
    kept = {code: dict(given) for code, given in wish.switches.items() if code not in switches}
    wish.switches = kept | {
        code: {channel: bool(on) for channel, on in given.items() if channel in Channel.values}
        for code, given in switches.items()
        if code in kinds
    }
    wish.rhythm, wish.quiet_from, wish.quiet_to, wish.hour = rhythm, quiet_from, quiet_to, hour
    wish.save()
    return wish


def keep_robot(person: Any, *, service: str, address: str, signature: str) -> Wish:
    """Store one's own robot; an address left empty keeps the one there is, no service takes the robot away."""
    wish = wish_of(person)
    if not service:
        wish.service = wish.address = wish.signature = ""
    else:
        target = _target(service, address or (wish.address if service == wish.service else ""), signature)
        if service == Service.OTHER:
            raise Invalid({"service": [_("Only an administrator can set up this kind of robot.")]})
        wish.signature = target.signature or (wish.signature if not address and service == wish.service else "")
        wish.service, wish.address = service, target.address
    wish.save()
    return wish


def set_up(robot: Robot, *, actor: Any, told: Collection[str], address: str = "", signature: str = "") -> Done:
    """Say what a group's robot tells, and where it listens; the change entry never holds the address."""
    if not access.may(actor, "change", robot):
        raise Denied("change", robot)
    loud = [code for code, kind in kinds.items() if kind.aloud and code in told]
    target = _target(robot.service, address, signature) if address else None
    with working(Robot, "set_up", actor=actor, undoable=False) as work:
        robot.kinds = loud
        work.save(robot)
        if target is not None:
            values = {"address": target.address, "signature": target.signature}
            RobotAddress.objects.update_or_create(robot=robot, defaults=values)
            work.note(robot, {}, {"address": _("replaced")})
    return Done(work.change if work.change.pk else None, robot)


def _target(service: str, address: str, signature: str) -> robots.Target:
    """A robot whose address may be called; Invalid says why not."""
    target = robots.Target(service, address.strip(), signature.strip())
    if service not in Service.values:
        raise Invalid({"service": [_("Choose whose robot it is.")]})
    if not target.address:
        raise Invalid({"address": [_("Paste the address that the robot was given.")]})
    if len(target.address) > 400:
        raise Invalid({"address": [_("This address is too long.")]})
    try:
        robots.check(target)
    except Unreachable as problem:
        raise Invalid({"address": [str(problem)]}) from problem
    return target
