"""What is on somebody's desk: tasks of today, next steps, deals that close the gap, deals at risk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Count, F, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.apps.activities.models import Task
from xiaoguan.apps.activities.models.task import State
from xiaoguan.apps.billing import ageing
from xiaoguan.apps.forecast.learning import TOKEN
from xiaoguan.apps.insight.outlook import risky
from xiaoguan.apps.metrics.spec import Measure, Metric
from xiaoguan.apps.opportunities.models import Deal, Stage, Status
from xiaoguan.apps.opportunities.models.pipeline import Outcome
from xiaoguan.apps.org.models import Person
from xiaoguan.calc.stage import stay
from xiaoguan.kit import access, clock, feed, memo, render

ICONS = {
    "call": "phone",
    "visit": "map-pin",
    "meeting": "users",
    "message": "message-2",
    "mail": "mail",
    "todo": "checkbox",
}
VISITS = Metric(
    "visits", gettext_lazy("visits"), gettext_lazy("Visits to customers."), Measure(("visit",), "count"), unit="count"
)
LIKELY = Coalesce(F("chance__rate"), F("probability"), output_field=IntegerField())
"""The win probability that is reckoned with: the learnt one, else that of the deal."""
TODAY_ROWS = 8
CLOSING = 3


@dataclass(frozen=True)
class Duty:
    """One task on the desk: its icon, and how late it is in words."""

    task: Task
    icon: str
    late: str


@dataclass(frozen=True)
class Desk:
    """Tasks due by today, the ones with a time first in their order; counts of all of them."""

    duties: list[Duty]
    overdue: int
    today: int
    kinds: list[tuple[str, int]]


def desk(actor: Any, person: Person) -> Desk:
    """The open tasks of one person due by today, in two queries."""
    today = clock.today()
    rows = access.visible(Task, actor).filter(owner=person, state=State.OPEN, due_on__lte=today)
    tasks = list(
        rows.select_related("customer", "deal__stage", "deal__customer", "contact").order_by(
            F("due_time").asc(nulls_last=True), "due_on", "priority", "pk"
        )[:TODAY_ROWS]
    )
    counted = rows.aggregate(overdue=Count("pk", filter=Q(due_on__lt=today)), today=Count("pk", filter=Q(due_on=today)))
    kinds: dict[str, int] = {}
    for task in tasks:
        kinds[str(task.get_kind_display())] = kinds.get(str(task.get_kind_display()), 0) + 1
    duties = [
        Duty(
            task,
            ICONS[task.kind],
            render.days_overdue((today - task.due_on).days) if task.due_on < today else "",
        )
        for task in tasks
    ]
    access.covered(actor, *tasks, *(task.deal for task in tasks if task.deal is not None))
    return Desk(duties, counted["overdue"], counted["today"], list(kinds.items()))


def closing(actor: Any, person: Person, last: date) -> list[Deal]:
    """The open deals expected by a day that are worth most by weight: the ones that close a gap."""
    rows = access.visible(Deal, actor).filter(status=Status.OPEN, counts=True, expected_on__lte=last, owner=person)
    rows = rows.annotate(likely=LIKELY)
    weighted = (F("amount") * F("likely")).desc(nulls_last=True)
    order = weighted if sees_amounts(actor) else F("expected_on").asc()
    return _covered(actor, rows.select_related("customer", "stage").order_by(order, "pk")[:CLOSING])


def _covered(actor: Any, rows: Iterable[Deal]) -> list[Deal]:
    """The deals without what is masked; the probability reckoned with is masked like the deal's own."""
    found = access.covered(actor, *rows)
    if "probability" in access.masked(actor, Deal):
        for deal in found:
            deal.likely = None
    return found


def closers(actor: Any, people: list[int] | None, last: date) -> list[Deal]:
    """The same of many owners, or of all the actor sees: which they are is remembered until one changes."""

    def likeliest() -> list[int]:
        rows = access.visible(Deal, actor).filter(owned_by(people), status=Status.OPEN, counts=True)
        rows = rows.filter(expected_on__lte=last).annotate(likely=LIKELY)
        rows = rows.order_by((F("amount") * F("likely")).desc(nulls_last=True), "pk")
        return list(rows.values_list("pk", flat=True)[:CLOSING])

    if not sees_amounts(actor):
        return []
    names = [Deal._meta.label_lower, TOKEN, *(m._meta.label_lower for m in apps.get_app_config("org").get_models())]
    key = ("closers", actor.pk, None if people is None else tuple(people), last)
    ids = memo.remember(key, tuple(feed.versions(*names).values()), likeliest)
    rows = access.visible(Deal, actor).filter(pk__in=ids).annotate(likely=LIKELY)
    rows = rows.select_related("customer", "stage", "owner")
    return _covered(actor, sorted(rows, key=lambda deal: ids.index(deal.pk)))


def sees_amounts(actor: Any) -> bool:
    """Whether what deals are worth may be shown, summed and sorted by."""
    return "amount" not in access.masked(actor, Deal)


def steps(actor: Any, person: Person, limit: int = 5) -> list[Deal]:
    """Deals whose next step is overdue or due today, the oldest first."""
    rows = access.visible(Deal, actor).filter(owner=person, status=Status.OPEN, next_due__lte=clock.today())
    return access.covered(actor, *rows.select_related("customer").order_by("next_due", "pk")[:limit])


@dataclass(frozen=True)
class Owed:
    """What is overdue: the customers who owe most, and all of it in fen."""

    customers: list[dict[str, Any]]
    total: int


def owed(actor: Any, person: Person | None = None, limit: int = 4) -> Owed | None:
    """Overdue receivables of one person, or of all the actor sees; None for who may not read what is owed."""
    if not ageing.may_read(actor):
        return None
    return Owed(*ageing.worst(actor, limit, **({"owner": person} if person else {})))


def owned_by(people: list[int] | None) -> Q:
    """Deals of some owners; None means all that are visible."""
    return Q() if people is None else Q(owner__in=people)


@dataclass(frozen=True)
class Risk:
    """A deal at risk and why, in words."""

    deal: Deal
    reasons: list[str]


def risks(actor: Any, people: list[int] | None, limit: int = 6) -> tuple[list[Risk], int]:
    """The largest deals that are stuck, late, or without a next step, and how many there are."""
    today = clock.today()
    rows: QuerySet[Deal] = access.visible(Deal, actor).filter(owned_by(people))
    found = rows.filter(risky(today))
    largest = (F("amount") if sees_amounts(actor) else F("opened_on")).desc(nulls_last=True)

    def largest_and_count() -> tuple[list[int], int]:
        # By id first: a database that sorts joined rows sorts all of their values.
        return list(found.order_by(largest, "pk").values_list("pk", flat=True)[:limit]), found.count()

    names = [Deal._meta.label_lower, *(model._meta.label_lower for model in apps.get_app_config("org").get_models())]
    key = ("risks", actor.pk, sees_amounts(actor), None if people is None else tuple(people), today, limit)
    ids, count = memo.remember(key, tuple(feed.versions(*names).values()), largest_and_count)
    deals = rows.filter(pk__in=ids).select_related("stage", "customer", "owner").order_by(largest, "pk")
    found_risks = [Risk(deal, reasons(deal, today)) for deal in deals]
    access.covered(actor, *(risk.deal for risk in found_risks))
    return found_risks, count


def reasons(deal: Deal, today: date) -> list[str]:
    """Why a deal wants a look."""
    said = []
    if deal.expected_on and deal.expected_on < today:
        days = (today - deal.expected_on).days
        said.append(
            ngettext("%(n)d day past its expected close", "%(n)d days past its expected close", days) % {"n": days}
        )
    if deal.next_due is None:
        said.append(_("no next step"))
    elif deal.next_due < today:
        said.append(_("next step %(overdue)s") % {"overdue": render.days_overdue((today - deal.next_due).days)})
    since = deal.stage_since or today
    over = stay(since, today, deal.stage.expected_days).over
    if over:
        said.append(
            ngettext("%(n)d day longer in the stage than usual", "%(n)d days longer in the stage than usual", over)
            % {"n": over}
        )
    return said


@dataclass(frozen=True)
class StageSum:
    """One open stage of the pipeline."""

    stage: Stage
    count: int
    amount: int


def pipeline(actor: Any, people: list[int] | None) -> list[StageSum]:
    """Open deals by stage, as far as the actor sees them; two queries. Nothing where amounts are masked for him."""
    if not sees_amounts(actor):
        return []
    stages = list(
        access.visible(Stage, actor).filter(outcome=Outcome.OPEN).order_by("pipeline__position", "position", "pk")
    )
    # By stage, not by status, which follows from it: an index on the stage holds all that is summed.
    rows = access.visible(Deal, actor).filter(owned_by(people), stage__in=[stage.pk for stage in stages])
    sums = {
        row["stage"]: row for row in rows.order_by().values("stage").annotate(count=Count("pk"), amount=Sum("amount"))
    }
    empty = {"count": 0, "amount": 0}
    return [
        StageSum(stage, (found := sums.get(stage.pk, empty))["count"], found["amount"] or 0)
        for stage in stages
        if stage.pk in sums or stage.code
    ]


def overdue_by_person(people: list[int]) -> dict[int, int]:
    """How many open tasks are overdue per person."""
    rows = access.everything(Task, because="a count per person follows the number rule").filter(
        owner__in=people, state=State.OPEN, due_on__lt=clock.today()
    )
    return dict(rows.order_by().values_list("owner").annotate(count=Count("pk")))
