"""One hand-over: a seller of the wolves has moved to other work; two of three have signed the sheets."""

from __future__ import annotations

import datetime as dt

from xiaoguan.apps.handover import moving, sheets
from xiaoguan.apps.handover.allotment import Rule
from xiaoguan.apps.handover.models import Sheet
from xiaoguan.demo.staff import Staff
from xiaoguan.kit import clock, worker

WHO = "柏舟"
TO = ("霍青", "程野")


def hand_over(people: Staff, today: dt.date) -> int:
    """Move one seller's customers to two colleagues by tier; returns how many sheets there are."""
    named = {seller.name: seller for seller in people.sellers}
    person, heirs = named[WHO], [named[name] for name in TO]
    manager = next(one for one in people.managers if one.unit_id == person.unit_id)
    rule = Rule("tier", heirs[1].pk, {"A": heirs[0].pk, "B": heirs[0].pk}, targets=False)
    with clock.at(dt.datetime.combine(today - dt.timedelta(days=3), dt.time(10, 20), tzinfo=clock.zone())):
        moving.start(person, rule, reason="moves", actor=manager, source="demo")
        worker.work_once([moving.KIND])
    found = list(Sheet.objects.select_related("successor", "handover__owner").order_by("pk"))
    for place, sheet in enumerate(found):
        with clock.at(dt.datetime.combine(today - dt.timedelta(days=2), dt.time(9, place), tzinfo=clock.zone())):
            sheets.sign(sheet, actor=sheet.successor, source="demo")
            if sheet.handover.owner is not None:
                sheets.sign(Sheet.objects.get(pk=sheet.pk), actor=sheet.handover.owner, source="demo")
    return len(found)
