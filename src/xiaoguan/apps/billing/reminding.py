"""Owners are told before an instalment is due, on its day and when it is overdue; then their manager. Each once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.billing.models import Instalment, Reminders, State, Step, Told
from xiaoguan.apps.notices.kinds import declare
from xiaoguan.apps.notices.telling import tell_each
from xiaoguan.apps.org.queries import managers_of_people
from xiaoguan.kit import clock, job, render, schedule
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity

BECAUSE = "everybody is told of what he looks after"
BATCH = 1000


def _day(text: str) -> str:
    """A stored day in the reader's words."""
    return str(render.day(dt.date.fromisoformat(text))) if text else ""


declare(
    "instalment_soon", _("An instalment of mine is due soon"), icon="calendar-due", mail=True, words=_day,
    one=_("%(record)s is due on %(text)s"), many=_("%(count)s instalments are due by %(text)s"),
)  # fmt: skip
declare(
    "instalment_due", _("An instalment of mine is due today"), icon="calendar-due", mail=True,
    one=_("%(record)s is due today"), many=_("%(count)s instalments are due today"),
)  # fmt: skip
declare(
    "instalment_late", _("An instalment of mine is overdue"), icon="alert-triangle", mail=True, words=_day,
    one=_("%(record)s is overdue since %(text)s"),
    many=_("%(count)s instalments are overdue, the oldest since %(text)s"),
)  # fmt: skip
declare(
    "instalment_late_team", _("An instalment of my team is overdue"), icon="alert-triangle", mail=True, words=_day,
    one=_("%(record)s is overdue since %(text)s"),
    many=_("%(count)s instalments of your team are overdue, the oldest since %(text)s"),
)  # fmt: skip


def settings() -> Reminders:
    """The settings; the defaults until somebody has saved them."""
    return Reminders.objects.filter(pk=1).first() or Reminders(id=1)


def waiting(step: Step, first: dt.date | None, last: dt.date) -> dict[int, list[Instalment]]:
    """Owner → open instalments due in a stretch of days of which nobody has been told this yet, the oldest first."""
    rows = everything(Instalment, because=BECAUSE).filter(status=State.OPEN, due_on__lte=last, owner__isnull=False)
    if first is not None:
        rows = rows.filter(due_on__gte=first)
    known = Q(told__due_on=F("due_on"), told__step__gte=step)
    found: dict[int, list[Instalment]] = defaultdict(list)
    for row in rows.exclude(known).select_related("contract").order_by("due_on", "pk"):
        found[row.owner_id].append(row)
    return found


@job.job("billing.remind", label=_("Remind of instalments that fall due"))
def remind(run: job.Run) -> dict[str, int]:
    """One notice per person and step; what was told of a due day is not told again, however often this runs."""
    today, usual = clock.today(), settings()
    day = dt.timedelta(days=1)
    about = {"status": State.OPEN, "owner": "me", "sort": "due_on"}
    first, last = today + day, today + usual.days_before * day
    soon = about | {"due_on": f"{first}..{last}"}
    told = _tell(run, Step.SOON, "instalment_soon", waiting(Step.SOON, first, last), soon)
    told += _tell(run, Step.DUE, "instalment_due", waiting(Step.DUE, today, today), about | {"due_on": "today"})
    late = {"is": "overdue", "sort": "due_on"}
    told += _tell(run, Step.LATE, "instalment_late", waiting(Step.LATE, None, today - day), late | {"owner": "me"})
    after = waiting(Step.MANAGER, None, today - max(usual.days_after, 1) * day)
    above: dict[int, list[Instalment]] = defaultdict(list)
    for owner, manager in managers_of_people(list(after)).items():
        above[manager.pk].extend(after[owner])
    told += _tell(run, Step.MANAGER, "instalment_late_team", above, late | {"owner": "team"})
    return {"told": told}


def _tell(
    run: job.Run, step: Step, kind: str, found: Mapping[int, Sequence[Instalment]], where: Mapping[str, str]
) -> int:
    """Tell each person once, and keep that he was told, in one transaction each."""
    told = 0
    for person, rows in found.items():
        days = [row.due_on for row in rows if row.due_on is not None]
        text = max(days) if step == Step.SOON else min(days)
        url = f"{Entity.of(Instalment).url('list')}?{urlencode(where)}" if len(rows) > 1 else ""
        with run.chunk(done=1):
            told += len(tell_each(kind, {person: rows}, text=text.isoformat(), url=url))
            _keep(step, rows)
    return told


def _keep(step: Step, rows: Sequence[Instalment]) -> None:
    Told.objects.bulk_create(
        [Told(instalment=row, due_on=row.due_on, step=step) for row in rows],
        batch_size=BATCH, update_conflicts=True, unique_fields=["instalment"], update_fields=["due_on", "step"],
    )  # fmt: skip


schedule.every("20 7 * * *", "billing.remind", label=_("Remind of instalments that fall due"))
