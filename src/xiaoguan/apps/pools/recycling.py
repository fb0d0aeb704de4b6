"""The nightly run: who has lost a customer by the rules, and the warning before it happens."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.apps.pools import standing
from xiaoguan.apps.pools.models import Holding, Pool, PoolRule, Way
from xiaoguan.apps.pools.moving import release
from xiaoguan.kit import clock, job, schedule
from xiaoguan.kit.action import Work
from xiaoguan.kit.models import Change

LOOK, TAKE = 500, 100
ACTION = "recycle"


@job.job("pools.foresee", label=_("Look who goes to the pool"), slow=True, lease=120)
def look(run: job.Run) -> dict[str, int]:
    """Look at every customer anew after a rule or pool has changed."""
    count = 0
    while part := _after(run.cursor or 0):
        with run.chunk(cursor=part[-1].pk, done=len(part)):
            count += len(standing.settle(part))
    return {"looked_at": run.progress, "go": count}


def _after(last: int) -> list[Holding]:
    rows = Holding.objects.filter(pk__gt=last, customer__owner__isnull=False, customer__deleted_at__isnull=True)
    return list(rows.select_related("customer").order_by("pk")[:LOOK])


@job.job("pools.recycle", label=_("Send customers to the pool"), slow=True, lease=120)
def recycle(run: job.Run) -> dict[str, Any]:
    """Look at every customer, then take those whose day has come, a hundred at a time; one change for the whole run.

    Each chunk looks once more before it takes: what happened meanwhile counts. A killed run goes on with the next
    chunk, and a second run finds nothing left to take.
    """
    cursor = run.cursor or {"step": "look", "last": 0, "taken": 0, "change": None}
    while cursor["step"] == "look":
        part = _after(cursor["last"])
        cursor = {**cursor, "last": part[-1].pk} if part else {**cursor, "step": "take", "last": 0}
        with run.chunk(cursor=cursor, done=len(part)):
            standing.settle(part)
    while part := _due(cursor["last"]):
        with run.chunk(done=0) as step:
            taken, change = _take([each.pk for each in part], cursor["change"])
            cursor = {**cursor, "last": part[-1].pk, "taken": cursor["taken"] + taken, "change": change}
            step.cursor = cursor
    return {"taken": cursor["taken"], "change": cursor["change"]}


def _due(last: int) -> list[Holding]:
    rows = Holding.objects.filter(pk__gt=last, leaves_on__lte=clock.today())
    return list(rows.order_by("pk")[:TAKE])


def _take(ids: list[int], change: int | None) -> tuple[int, int | None]:
    """Take those of some held customers who are still due; how many, and the change they are part of."""
    customers = {
        each.pk: each
        for each in Customer._default_manager.select_for_update(of=("self",)).filter(holding__in=ids).order_by("pk")
    }
    held = list(Holding.objects.filter(pk__in=ids).order_by("pk"))
    for each in held:
        each.customer = customers[each.customer_id]
    found = standing.settle(held)
    rules = {pk: rule for pk, (day, rule) in found.items() if day <= clock.today()}
    pools = {pk: pool for pk, rule in rules.items() if (pool := _pool(rule, customers[pk])) is not None}
    leaving = [customers[pk] for pk in pools]
    if not leaving:
        return 0, change
    work = Work(system_actor(), ACTION, Customer._meta.label_lower, "job")
    if change is not None:
        work.go_on(Change.objects.get(pk=change))
    for rule in {rule.pk: rule for rule in rules.values()}.values():
        some = [each for each in leaving if rules[each.pk].pk == rule.pk]
        release(work, some, pools, way=Way.RULE, reason=rule.name, rules=rules)
    done = work.finish()
    return len(leaving), done.pk if done else change


def _pool(rule: PoolRule, customer: Customer) -> Pool | None:
    return standing.book().destination(rule, customer.unit_id)


def to_warn() -> Any:
    """Held customers whose owner is to be told now, and was not yet told of this day."""
    today = clock.today()
    rows = Holding.objects.filter(leaves_on__isnull=False, rule__isnull=False, customer__owner__isnull=False)
    rows = rows.exclude(told_for=F("leaves_on")).select_related("rule", "customer")
    return rows.filter(leaves_on__gte=today, leaves_on__lte=standing.horizon(today))


def warnings() -> dict[int, list[Holding]]:
    """Owner → the customers of which he is to be told."""
    found: dict[int, list[Holding]] = defaultdict(list)
    for each in to_warn().order_by("customer__owner", "leaves_on", "pk"):
        if each.rule is not None and (each.leaves_on - clock.today()).days <= each.rule.warn_days:
            found[each.customer.owner_id].append(each)
    return found


schedule.every("30 2 * * *", "pools.recycle", label=_("Send customers to the pool"))
