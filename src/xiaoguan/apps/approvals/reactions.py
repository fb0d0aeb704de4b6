"""The daily look at open requests: who is late is reminded, who has left is replaced."""

from __future__ import annotations

from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.approvals import deciding, resolving
from xiaoguan.apps.approvals.kinds import kinds
from xiaoguan.apps.approvals.models import Request, Seat, State, Verdict
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import system_actor, working_calendar
from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.action import Work

PART = 200


@job.job("approvals.tend", label=_("Remind of open approvals"))
def tend(run: job.Run) -> dict[str, int]:
    """Go through the open seats, some hundreds at a time; the cursor is the last one looked at."""
    reminded = replaced = 0
    while True:
        rows = Seat.objects.filter(verdict=Verdict.OPEN, request__state=State.PENDING, pk__gt=run.cursor or 0)
        seats = list(rows.select_related("person", "request__route", "request__owner").order_by("pk")[:PART])
        if not seats:
            return {"reminded": reminded, "replaced": replaced}
        with run.chunk(cursor=seats[-1].pk) as step:
            step.done = len(seats)
            gone, late = replace_leavers(seats), remind_late(seats)
        reminded, replaced = reminded + late, replaced + gone


def remind_late(seats: list[Seat]) -> int:
    """Remind those past their deadline, once a working day."""
    today = clock.today()
    if not working_calendar().works(today):
        return 0
    late = [
        seat for seat in seats
        if seat.due_at <= clock.now() and seat.person.is_active and seat.verdict == Verdict.OPEN
        and (seat.reminded_at is None or clock.local(seat.reminded_at).date() < today)
    ]  # fmt: skip
    actor = system_actor()
    for _pk, members in groupby(sorted(late, key=lambda seat: seat.request_id), key=lambda seat: seat.request_id):
        found = list(members)
        if found[0].request.kind not in kinds:
            continue
        with transaction.atomic():
            work = Work(actor, "remind", Request._meta.label_lower, "job", undoable=False)
            deciding.nudge(work, kinds[found[0].request.kind], found[0].request, found)
            work.finish()
    return len(late)


def replace_leavers(seats: list[Seat]) -> int:
    """Give the seats of people who can't sign in any more to whoever the route names today."""
    actor, count = system_actor(), 0
    for seat in seats:
        request = seat.request
        if seat.person.is_active or request.kind not in kinds:
            continue
        planned, asker = request.plan[seat.step], request.owner_id or 0
        oneself = bool(request.route and request.route.oneself)
        held = set(
            Seat.objects.filter(request=request, step=seat.step, turn=seat.turn, verdict=Verdict.OPEN).values_list(
                "person", flat=True
            )
        )
        people = resolving.people_of(planned["who"], asker, asker, oneself=oneself)
        person = Person.objects.filter(pk__in=set(people) - held, is_active=True, deleted_at__isnull=True).first()
        if person is None:
            continue
        with transaction.atomic():
            work = Work(actor, "replace", Request._meta.label_lower, "job", undoable=False)
            deciding.replace(work, kinds[request.kind], seat, person)
            work.finish()
        count += 1
    return count


schedule.every("5 9 * * *", "approvals.tend", label=_("Remind of open approvals"))
