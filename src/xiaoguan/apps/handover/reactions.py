"""What follows from people leaving and from hand-overs: who is told, and who is reminded to sign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.handover import allotment, moving  # noqa: F401  the job is declared there
from xiaoguan.apps.handover.models import Handover, Progress, Sheet
from xiaoguan.apps.notices.consequences import quiet
from xiaoguan.apps.notices.kinds import TEAM, declare
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import managers_of_people
from xiaoguan.kit import clock, event, job, schedule
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import Entity

declare(
    "handover_due",
    _("Somebody of my team leaves with customers"),
    icon="transfer",
    group=TEAM,
    one=_("%(text)s leaves and still looks after customers: hand them over"),
    mail=True,
)
declare(
    "handover_sign",
    _("A hand-over sheet waits for my signature"),
    icon="signature",
    one=_("Sign the hand-over sheet: %(text)s"),
    mail=True,
)
AGAIN = dt.timedelta(days=2)
"""Whoever has not signed is reminded every second day."""


@event.on("person.left")
def tell_manager(happening: event.Happening) -> None:
    """The manager hears that there is something to hand over; with nothing to hand over nobody does."""
    rows = Person.objects.filter(pk__in=happening.ids)
    managers = managers_of_people([row.pk for row in rows])
    for row in rows:
        if row.pk in managers and allotment.customers_of(row).exists():
            url = f"{Entity.of(Person).url('detail', row)}?tab=handover"
            tell("handover_due", [managers[row.pk]], text=row.name, url=url, group=f"leaves {row.pk}")


def unsigned(sheet: Sheet) -> set[int]:
    """Who has to sign a sheet still; for somebody who has left his manager does."""
    handover = sheet.handover
    gone = handover.owner is None or not handover.owner.is_active
    wanted = {
        sheet.manager_id if gone else handover.owner_id: sheet.previous_at,
        sheet.successor_id: sheet.successor_at,
    }
    found = {pk for pk, at in wanted.items() if pk and at is None}
    if sheet.manager_id and sheet.manager_at is None:
        found.add(sheet.manager_id)
    return found


@consequence(Sheet)
def ask_to_sign(work: Work, rows: Sequence[Sheet], fresh: bool) -> None:
    """Whoever has to sign a new sheet hears of it."""
    if not fresh or quiet(work):
        return
    for row in rows:
        _ask(row)


def _ask(row: Sheet) -> None:
    url = Entity.of(Handover).url("detail", row.handover_id)
    tell("handover_sign", unsigned(row), text=row.handover.name, url=url, group=f"sheet {row.handover_id}")


@job.job("handover.remind", label=_("Remind of hand-over sheets"), atomic=True)
def remind(run: job.Run) -> dict[str, int]:
    """Ask again who has not signed, every second day until all have; nobody twice a day."""
    today = clock.today()
    rows = Sheet.objects.filter(handover__status=Progress.MOVED, deleted_at__isnull=True, handover__deleted_at=None)
    due = [
        row
        for row in rows.select_related("handover__owner")
        if not row.is_signed and (row.reminded_on or clock.local(row.created_at).date()) <= today - AGAIN
    ]
    for row in due:
        _ask(row)
    Sheet.objects.filter(pk__in=[row.pk for row in due]).update(reminded_on=today)
    return {"reminded": len(due)}


schedule.every("40 8 * * *", "handover.remind", label=_("Remind of hand-over sheets"))
