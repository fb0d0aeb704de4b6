"""What happens by the clock and after conflicts: protection that ends, rulings that become final, who is told."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices.consequences import UNTOLD
from xiaoguan.apps.notices.kinds import declare
from xiaoguan.apps.notices.telling import tell, tell_each
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import managers_of, managers_of_people, system_actor
from xiaoguan.apps.projects.actions import APPEAL_DAYS
from xiaoguan.apps.projects.models import Case, Conflict, Registration, Standing
from xiaoguan.kit import clock, event, job, schedule
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import working
from xiaoguan.kit.entity import Entity

BECAUSE = "the clock runs for everybody"
WARNED_BEFORE = dt.timedelta(days=14)
CHUNK = 500

declare(
    "registration_conflict",
    _("Somebody registers a project of mine"),
    icon="scale",
    one=_("Two registrations of %(text)s: make your statement, the manager rules"),
    mail=True,
)
declare(
    "registration_ruled",
    _("A registration conflict of mine is ruled on"),
    icon="gavel",
    one=_("Ruled on: %(text)s"),
    mail=True,
)
declare(
    "registration_ending",
    _("The protection of my project ends"),
    icon="clock",
    one=_("The protection of %(record)s ends soon: extend it, or say what comes next"),
    many=_("The protection of %(count)s projects ends soon"),
)
declare(
    "registration_lapsed",
    _("The protection of my project has ended"),
    icon="lock-open",
    one=_("%(record)s is not protected any more"),
    many=_("%(count)s projects are not protected any more"),
)


def _sides(conflict: Conflict) -> set[int]:
    return {pk for pk in (conflict.first.owner_id, conflict.second.owner_id) if pk}


def judges(conflict: Conflict) -> set[int]:
    """The managers of the team both sides share; without one, those of the nearest team above."""
    if conflict.unit_id is None:
        return {person.pk for person in managers_of_people(_sides(conflict)).values()}
    found = managers_of(conflict.unit_id).get(conflict.unit_id, [])
    if found:
        return {person.pk for person in found}
    return {person.pk for person in managers_of_people(_sides(conflict)).values()}


def _told(happening: event.Happening) -> Iterable[Conflict]:
    if happening.data.get("source") in UNTOLD:
        return []
    rows = everything(Conflict, because=BECAUSE).filter(pk__in=happening.ids)
    return rows.select_related("first__owner", "second__owner")


@event.on("registration.conflict")
def tell_sides(happening: event.Happening) -> None:
    """Both sides and whoever is to rule hear of a new conflict or an appeal."""
    for row in _told(happening):
        people = _sides(row) | judges(row)
        actor = Person.objects.filter(pk=happening.actor_id).first()
        url = Entity.of(Conflict).url("detail", row)
        for person in people if happening.data.get("appeal") else people | {happening.actor_id}:
            tell("registration_conflict", [person], actor=None if person == happening.actor_id else actor,
                 text=row.name, url=url, group=f"conflict {row.pk}")  # fmt: skip


@event.on("registration.ruled")
def tell_ruling(happening: event.Happening) -> None:
    """Both sides hear how it was ruled."""
    for row in _told(happening):
        tell("registration_ruled", _sides(row), text=row.name, url=Entity.of(Conflict).url("detail", row),
             group=f"ruling {row.pk} {happening.data.get('level')}")  # fmt: skip


@job.job("projects.protection", label=_("Protection of projects"), lease=300)
def follow_the_day(run: job.Run) -> dict[str, int]:
    """Let registrations lapse whose days are over, warn of those that end within a fortnight, close old rulings.

    Each step is done once however often it runs: what has lapsed is not found again, who was warned is marked.
    """
    return {"lapsed": lapse(), "warned": warn(), "final": finish()}


def lapse() -> int:
    """Registrations past their day, except those that wait for a ruling."""
    today, count = clock.today(), 0
    while True:
        rows = everything(Registration, because=BECAUSE).filter(
            status__in=(Standing.REGISTERED, Standing.CONFIRMED), protected_until__lt=today
        )
        part = list(rows.select_related("project").order_by("pk")[:CHUNK])
        if not part:
            return count
        with working(Registration, "lapse", actor=system_actor(), source="job") as work:
            for row in part:
                row.status, row.ended_on = Standing.LAPSED, row.protected_until
            work.save(*part)
            tell_each("registration_lapsed", _by_owner(part))
        count += len(part)


def warn() -> int:
    """Owners of registrations that end soon, once each."""
    today = clock.today()
    rows = everything(Registration, because=BECAUSE).filter(
        status__in=(Standing.REGISTERED, Standing.CONFIRMED),
        protected_until__range=(today, today + WARNED_BEFORE),
        warned_on__isnull=True,
    )
    found = list(rows.select_related("project").order_by("pk")[: 10 * CHUNK])
    if found:
        with working(Registration, "warn", actor=system_actor(), source="job") as work:
            for row in found:
                row.warned_on = today
            work.derive(*found)
            tell_each("registration_ending", _by_owner(found))
    return len(found)


def finish() -> int:
    """Rulings nobody appealed against in time."""
    over = clock.today() - dt.timedelta(days=APPEAL_DAYS)
    rows = list(everything(Conflict, because=BECAUSE).filter(status=Case.RULED, ruled_on__lt=over)[:CHUNK])
    if rows:
        with working(Conflict, "finish", actor=system_actor(), source="job", undoable=False) as work:
            for row in rows:
                row.status = Case.FINAL
            work.save(*rows)
    return len(rows)


def _by_owner(rows: Iterable[Registration]) -> dict[int, list[Registration]]:
    found: dict[int, list[Registration]] = defaultdict(list)
    for row in rows:
        if row.owner_id:
            found[row.owner_id].append(row)
    return found


schedule.every("25 1 * * *", "projects.protection", label=_("Protection of projects"))
