"""Two hand-overs of the demonstration: one of somebody who has left, signed by all; one that waits for signatures."""

from __future__ import annotations

import datetime as dt

from xiaoguan.apps.handover import moving, sheets
from xiaoguan.apps.handover.allotment import Rule
from xiaoguan.apps.handover.models import Handover, Sheet
from xiaoguan.apps.org.actions import leave
from xiaoguan.apps.org.models import Person
from xiaoguan.demo.staff import Staff
from xiaoguan.kit import clock

LEFT = dt.timedelta(days=12)
SIGNED = dt.timedelta(days=9)
MOVED = dt.timedelta(days=1)


def hand_over(people: Staff, today: dt.date) -> int:
    """The last two sellers of the last team give their customers to others of it; returns how many customers."""
    manager = people.managers[-1]
    *mates, moves, leaves = (one for one in people.sellers if one.unit_id == manager.unit_id)
    now = clock.now()
    with clock.at(now - LEFT):
        gone = _start(leaves, Rule("tier", mates[2].pk, {"A": mates[0].pk, "B": mates[1].pk}), "leaves", manager)
    for place, pk in enumerate(gone.sheets.order_by("pk").values_list("pk", flat=True)):
        for turn, signer in enumerate((leaves, _sheet(pk).successor, manager)):
            later = dt.timedelta(minutes=7 * turn + 2 * place, seconds=(17 * turn + 29 * place) % 60)
            with clock.at(now - SIGNED + later):
                sheets.sign(_sheet(pk), actor=signer, source="demo")
    with clock.at(now - SIGNED + dt.timedelta(hours=1)):
        leave(leaves, actor=people.hr, day=today - SIGNED, source="demo")
    with clock.at(now - MOVED):
        moved = _start(moves, Rule("one", mates[3].pk), "moves", manager)
        sheets.sign(_sheet(moved.sheets.get().pk), actor=moves, source="demo")
    return sum(row.counts["customers"] for row in (gone, moved))


def _start(person: Person, rule: Rule, reason: str, manager: Person) -> Handover:
    done = moving.start(person, rule, reason=reason, actor=manager, source="demo", at_once=True)
    return Handover.objects.get(pk=done.result.pk)


def _sheet(pk: int) -> Sheet:
    return Sheet.objects.select_related("handover__owner", "successor").get(pk=pk)
