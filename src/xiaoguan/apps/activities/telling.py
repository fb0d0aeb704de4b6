"""Who gets a task is told, and each morning what is due."""

from __future__ import annotations

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.activities.models import State, Task
from xiaoguan.apps.notices.consequences import new_owners
from xiaoguan.apps.notices.kinds import declare
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.access import everything
from xiaoguan.kit.consequence import consequence

declare(
    "task_assigned",
    _("A task is given to me"),
    icon="checkbox",
    one=_("%(actor)s gave you the task %(record)s"),
    many=_("%(actor)s gave you %(count)s %(noun)s"),
    mail=True,
)
declare(
    "task_due",
    _("Tasks are due, each morning"),
    icon="calendar-due",
    one=_("%(count)s tasks for today, %(text)s of them overdue"),
)
consequence(Task)(new_owners("task_assigned"))


@job.job("activities.due", label=_("Say in the morning what is due"))
def remind(run: job.Run) -> dict[str, int]:
    """Tell everybody with tasks due today or overdue how many there are: one notice, on working days."""
    today = clock.today()
    if not working_calendar().works(today):
        return {"told": 0}
    rows = everything(Task, because="each owner is told of his own tasks").filter(state=State.OPEN, due_on__lte=today)
    late = Count("pk", filter=Q(due_on__lt=today))
    found = rows.filter(owner__isnull=False).order_by().values_list("owner").annotate(n=Count("pk"), late=late)
    told, url = 0, reverse("activities:day")
    for owner, count, overdue in found.filter(owner__gt=run.cursor or 0).order_by("owner"):
        with run.chunk(cursor=owner, done=1):
            told += len(tell("task_due", [owner], text=str(overdue), url=url, count=count))
    return {"told": told}


schedule.every("45 7 * * *", "activities.due", label=_("Say in the morning what is due"))
