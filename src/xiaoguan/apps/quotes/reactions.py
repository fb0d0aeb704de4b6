"""Quotes past their last day expire, by a job each night."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.operation import clearing
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.apps.quotes.models import House, Quote, Status
from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import working

PART = 200


@job.job("quotes.expire", label=_("Let quotes expire"))
def expire(run: job.Run) -> dict[str, int]:
    """Quotes with the customer whose last day has passed are expired, some hundreds at a time."""
    count = 0
    while True:
        rows = everything(Quote, because="a day passes for everybody").filter(status=Status.SENT)
        late = list(rows.filter(valid_until__lt=clock.today()).order_by("pk")[:PART])
        if not late:
            return {"expired": count}
        with run.chunk() as step:
            with working(Quote, "expire", actor=system_actor(), source="job", undoable=False) as work:
                for quote in late:
                    quote.status = Status.EXPIRED
                work.save(*late)
            step.done = len(late)
        count += len(late)


def forget_house() -> None:
    """Head and terms of the demonstration go with its quotes; where there are own ones they stay."""
    if not Quote._default_manager.exists():
        House.objects.all().delete()


clearing.also.append(forget_house)
schedule.every("20 0 * * *", "quotes.expire", label=_("Let quotes expire"))
