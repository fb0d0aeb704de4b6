"""The night's learning, and deals that moved."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.forecast import evidence, learning, snapshots
from xiaoguan.apps.forecast.models import Lesson, Snapshot
from xiaoguan.apps.operation import clearing
from xiaoguan.kit import event, feed, job, schedule


@job.job("forecast.learn", label=_("Learn win probabilities from closed deals"), slow=True, lease=600)
def learn(run: job.Run) -> dict[str, int]:
    """Learn anew, tell every open deal, and keep the month's forecast; a killed job learns again."""
    with run.chunk():
        row = learning.learn()
        learning.forget_closed()
    told = 0
    for ids in learning.portions():
        with run.chunk(done=len(ids)):
            told += learning.tell(ids, row)
    kept, months = 0, snapshots.missing()
    history = evidence.closed() if months else evidence.Evidence()
    for month in months:
        with run.chunk():
            kept += snapshots.keep(month, history)
    with run.chunk():
        snapshots.judge()
    return {"deals": row.deals, "told": told, "kept": kept}


schedule.every("20 2 * * *", "forecast.learn", label=_("Learn win probabilities from closed deals"))


@event.on("deal.moved")
@event.on("deal.reopened")
def follow(happening: event.Happening) -> None:
    """A deal in another stage has another probability, from what is already learnt."""
    row = learning.lesson()
    if row is None or not row.used:
        return
    with transaction.atomic():
        if learning.tell(happening.ids, row):
            feed.stir(learning.TOKEN)


def forget() -> None:
    """What was learnt from the demonstration and forecast of it goes with it."""
    Lesson.objects.all().delete()
    Snapshot.objects.all().delete()


clearing.also.append(forget)
