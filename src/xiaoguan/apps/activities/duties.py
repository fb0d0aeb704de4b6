"""Standard actions of a stage as tasks: made when a deal enters it, asked for when the deal leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.activities.models import State, Task
from xiaoguan.apps.opportunities.consequences import RECORDED
from xiaoguan.apps.opportunities.gates import Need, source
from xiaoguan.apps.opportunities.models import Deal, Doer, Duty, Stage, StageEntry
from xiaoguan.apps.opportunities.team import people_by_part
from xiaoguan.apps.org.queries import managers_of_people
from xiaoguan.kit import clock, feed, memo
from xiaoguan.kit.access import everything, may
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import WayOut
from xiaoguan.kit.param import Param

BECAUSE = "the standard of a stage holds for whoever works on the deal"


class Yes(models.TextChoices):
    """The one answer there is to whether something has been done."""

    DONE = "done", gettext_lazy("It is done")


def of_stages() -> Mapping[int, Sequence[Duty]]:
    """The standard actions of every stage, remembered until one is changed."""
    token = feed.version("opportunities.duty", "opportunities.stage")
    return memo.remember("activities.duties", token, _load)


def _load() -> dict[int, list[Duty]]:
    found: dict[int, list[Duty]] = {}
    for row in everything(Duty, because=BECAUSE).order_by("stage", "pk"):
        found.setdefault(row.stage_id, []).append(row)
    return found


@consequence(StageEntry)
def give_tasks(work: Work, entries: Sequence[StageEntry], fresh: bool) -> None:
    """A deal that enters a stage gets its standard actions, each once however often it comes back."""
    if not fresh or work.source in RECORDED or work.reverting:
        return
    wanted = [(entry.deal, duty) for entry in entries for duty in of_stages().get(entry.stage_id, ())]
    if not wanted:
        return
    rows = everything(Task, because=BECAUSE).filter(deal__in={deal.pk for deal, _duty in wanted}, duty__isnull=False)
    known = set(rows.values_list("deal_id", "duty_id"))
    fresh_ones = [(deal, duty) for deal, duty in wanted if (deal.pk, duty.pk) not in known]
    doers = _doers([deal for deal, _duty in fresh_ones], {duty.doer for _deal, duty in fresh_ones})
    work.create(Task, [_task(work, deal, duty, doers.get((deal.pk, duty.doer))) for deal, duty in fresh_ones])


def _doers(deals: Sequence[Deal], wanted: set[str]) -> dict[tuple[int, str], int]:
    """Who does what for which deal, where it is not the owner: a few queries for any number of deals."""
    found: dict[tuple[int, str], int] = {}
    if Doer.MANAGER in wanted:
        managers = managers_of_people({deal.owner_id for deal in deals if deal.owner_id})
        for deal in deals:
            if deal.owner_id in managers:
                found[deal.pk, Doer.MANAGER] = managers[deal.owner_id].pk
    if wanted - {Doer.OWNER, Doer.MANAGER}:
        found |= people_by_part({deal.pk for deal in deals}, clock.today())
    return found


def _task(work: Work, deal: Deal, duty: Duty, doer: int | None) -> dict[str, Any]:
    due = clock.local(work.now + dt.timedelta(hours=duty.hours))
    return {
        "title": duty.title,
        "kind": duty.manner,
        "deal": deal,
        "customer_id": deal.customer_id,
        "owner_id": doer or deal.owner_id,
        "due_on": due.date(),
        "due_time": due.time().replace(second=0, microsecond=0) if duty.hours < 24 else None,
        "duty": duty,
    }


@source
def duties_done(deal: Deal, left: Sequence[Stage], to: Stage, actor: Any) -> Iterator[Need]:
    """The required standard actions of the stages left; who may change the task can say here that it is done."""
    wanted = [duty for stage in left for duty in of_stages().get(stage.pk, ()) if duty.required]
    if not wanted:
        return
    rows = everything(Task, because=BECAUSE).filter(deal=deal, duty__in=[duty.pk for duty in wanted])
    tasks = {task.duty_id: task for task in rows.order_by("pk")}
    for duty in wanted:
        yield _need(deal, duty, tasks.get(duty.pk), actor)


def _need(deal: Deal, duty: Duty, task: Task | None, actor: Any) -> Need:
    met = task is not None and task.state == State.DONE
    url = Entity.of(Task).url("detail", task) if task else f"{Entity.of(Deal).url('detail', deal)}?tab=tasks"
    way = WayOut(_("Do it: %(what)s") % {"what": duty.title}, url=url, icon="checkbox")
    if not (may(actor, "change", task) if task else may(actor, "create", Task)):
        return Need(duty.title, met, way)
    param = Param(f"done_{duty.pk}", Yes, duty.title, True, None)

    def take(work: Work, deal: Deal, given: Mapping[str, Any]) -> None:
        if met:
            return
        if task is None:
            made = _task(work, deal, duty, None) | {"due_on": clock.today(), "due_time": None}
            work.create(Task, made | {"state": State.DONE, "done_at": work.now})
            return
        task.state, task.done_at = State.DONE, work.now
        work.save(task)

    return Need(duty.title, met, way, [param], take)
