"""What happens by the clock: everybody is placed, and new cuts come into force on their day."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.territories import applying, placing, queries
from xiaoguan.apps.territories.models import Recut
from xiaoguan.apps.territories.models.recut import State
from xiaoguan.kit import clock, job, schedule


@job.job("territories.place", label=_("Place customers in territories"), slow=True, lease=300)
def place(run: job.Run) -> dict[str, int]:
    """Place every customer, some thousands in each chunk; a killed job goes on where it stopped."""
    current = queries.cut()
    moved = 0
    for part in placing.portions(int(run.cursor or 0)):
        with run.chunk(cursor=part[-1]) as step:
            moved += placing.place(part, current)
            step.done = len(part)
    return {"moved": moved}


@job.job("territories.recut", label=_("New cuts of territories come into force"), lease=300)
def follow_the_day(run: job.Run) -> dict[str, int]:
    """Apply the cuts whose day has come, in the name of whoever planned them."""
    count = 0
    for row in Recut.objects.filter(state=State.PLANNED, on__lte=clock.today(), deleted_at__isnull=True).order_by("on"):
        with transaction.atomic():
            applying.apply(row, actor=row.owner, source="job")
            count += 1
    return {"applied": count}


schedule.every("10 0 * * *", "territories.recut", label=_("New cuts of territories come into force"))
