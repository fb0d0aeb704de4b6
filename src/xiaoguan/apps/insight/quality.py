"""How good the records are, person by person and team by team, and what to repair first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import add
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.customers import completeness, pairs
from xiaoguan.apps.customers.models import Customer, CustomerFact
from xiaoguan.apps.customers.navigation import due
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.insight import repairs
from xiaoguan.apps.insight.drawings import month_names
from xiaoguan.apps.metrics import conditions, faults
from xiaoguan.apps.metrics.queries import figures, is_hidden, readable_people
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, charts, clock, filters, render
from xiaoguan.kit.entity import Entity

MONTHS = 12
KINDS = ("incomplete", "wrong", "silent", "overdue", "stepless", "unverified", "duplicates")
"""The faults of the table by person, in the order of its columns."""
HEADS = (
    gettext_lazy("Customers"), gettext_lazy("Completeness"), gettext_lazy("Data missing"),
    gettext_lazy("Wrong values"), gettext_lazy("Out of touch"), gettext_lazy("Next step overdue"),
    gettext_lazy("No next step"), gettext_lazy("To verify"), gettext_lazy("Likely duplicates"),
)  # fmt: skip
TREND = ("record_completeness", "record_accuracy", "record_timeliness", "record_duplicates")
"""The metrics whose past the page shows."""


@dataclass
class Tally:
    """What is known and what is to repair in the records of one person, of a team, or of all together."""

    customers: int = 0
    score: int = 0
    incomplete: int = 0
    overdue: int = 0
    stepless: int = 0
    unverified: int = 0
    duplicates: int = 0
    wrong: int = 0
    silent: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def share(self) -> int | None:
        """The average completeness in hundredths; None without a customer."""
        return self.score // self.customers if self.customers else None


def page(request: HttpRequest) -> HttpResponse:
    """Completeness, stale next steps, what is to be verified and duplicates by person, and a list to work off."""
    actor: Any = request.user
    if not access.may(actor, "view", Customer):
        raise Http404
    faulty = faults.still(actor)
    found = of_owners(actor, faulty)
    people = {row.pk: row for row in Person.anybody.filter(pk__in=[pk for pk in found if pk]).select_related("unit")}
    teams: dict[Any, list[tuple[int | None, Tally]]] = defaultdict(list)
    for pk, counted in found.items():
        teams[people[pk].unit if pk in people else None].append((pk, counted))
    groups = [
        (
            team.name if team else _("no team"),
            cells(reduce(add, (each for _pk, each in members)), [pk for pk, _each in members]),
            _members(members, people),
        )
        for team, members in sorted(teams.items(), key=lambda pair: (pair[0] is None, getattr(pair[0], "name", "")))
    ]
    whole = reduce(add, found.values(), Tally())
    context = {
        "page_title": _("Data quality"),
        "page_fact": _("%(n)s customers you see") % {"n": whole.customers},
        "whole": whole,
        "bar": _share(whole),
        "heads": HEADS,
        "groups": groups,
        "sums": cells(whole, None),
        "wrong": repairs.wrong(actor, faulty),
        "work": repairs.incomplete(actor),
        "forgotten": repairs.forgotten(actor),
        "links": links(None),
        "trend": trend(actor),
    }
    return TemplateResponse(request, "insight/quality.html", context)


def trend(actor: Any) -> SafeString:
    """How completeness, accuracy, freshness and duplicates went over the last months, as far as figures may be read."""
    told = [metrics[code] for code in TREND if code in metrics and not is_hidden(actor, metrics[code])]
    if not told or access.grants(actor).scope("metrics.figures", "view") == "none":
        return SafeString("")
    months = [calendar().month(clock.today())]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous())
    where = Slice(months[0].start, months[-1].end, people=readable_people(actor, told[0]))
    found = figures(told, where, by=["month"])
    if not found.rows:
        return SafeString("")
    keys = [(month.start.isoformat(),) for month in months]
    series = [
        {"name": capfirst(str(metric.label)), "values": [found.value(metric, key) for key in keys],
         "links": [reverse("insight:metric", args=[metric.code]) + f"?period={month.code}" for month in months]}
        for metric in told
    ]  # fmt: skip
    names = month_names()
    labels = [names[month.start.month - 1] for month in months]
    spec = {"kind": "line", "labels": labels, "measure": "rate", "series": series}
    fact = _("measured each night, for each month")
    return charts.chart(spec, title=_("Trend"), fact=fact, sentence=_("Data quality by month"), size="tile-12")


def of_owners(actor: Any, faulty: Sequence[int] = ()) -> Mapping[int | None, Tally]:
    """The counts of every owner whose records the reader sees; one query for each kind of record.

    `faulty` are the customers with a wrong value.
    """
    found: dict[int | None, Tally] = defaultdict(Tally)
    hidden = access.masked(actor, Customer)
    customers = access.visible(Customer, actor).order_by().annotate(complete=completeness.score(hidden))
    # A condition that reads what is masked would tell it.
    told = not hidden & {"kind", "tier", "region", "address"}
    lacking = Count("pk", filter=completeness.incomplete(actor) if told else Q(pk__in=[]))
    seen = "last_contact_on" not in hidden
    silent = Count("pk", filter=conditions.untouched(actor) if seen else Q(pk__in=[]))
    wrong = Count("pk", filter=Q(pk__in=faulty))
    counted = {"n": Count("pk"), "mean": Avg("complete"), "lacking": lacking, "silent": silent, "wrong": wrong}
    for row in customers.values("owner").annotate(**counted):
        each = found[row["owner"]]
        each.customers, each.score = row["n"], round(float(row["mean"]) * row["n"])
        each.incomplete, each.silent, each.wrong = row["lacking"], row["silent"], row["wrong"]
    if access.may(actor, "view", Deal):
        steps = access.visible(Deal, actor).filter(status=Status.OPEN).order_by().values("owner")
        late = Count("pk", filter=Q(next_due__lt=clock.today()))
        for row in steps.annotate(late=late, none=Count("pk", filter=Q(next_due__isnull=True))):
            found[row["owner"]].overdue, found[row["owner"]].stepless = row["late"], row["none"]
    if access.may(actor, "view", CustomerFact):
        facts = access.visible(CustomerFact, actor).filter(due(actor)).order_by()
        for row in facts.values("owner").annotate(n=Count("pk")):
            found[row["owner"]].unverified = row["n"]
    twice = pairs.visible(actor).order_by().values("first__owner", "second__owner").annotate(n=Count("pk"))
    for row in twice:
        for owner in {row["first__owner"], row["second__owner"]}:
            found[owner].duplicates += row["n"]
    return found


def links(owners: Sequence[int | None] | None) -> dict[str, str]:
    """Where each kind of fault is repaired: the list of some owners' records (None is nobody), or of all one sees."""
    words = ",".join("none" if owner is None else str(owner) for owner in owners or ())
    whose = f"&{urlencode({'owner': words})}" if words and len(words) <= filters.LONGEST else ""
    return {**{name: f"{at}{whose}" for name, at in _lists().items()}, "duplicates": reverse("twins:pairs")}


@cache
def _lists() -> Mapping[str, str]:
    """The list of each kind of fault, of everybody one sees."""

    def at(model: Any, **words: str) -> str:
        return f"{Entity.of(model).url('list')}?{urlencode({'view': 'all', **words})}"

    return {
        "incomplete": at(Customer, **{"is": "incomplete", "sort": "tier"}),
        "wrong": at(Customer, **{"is": "wrong", "sort": "tier"}),
        "silent": at(Customer, **{"is": "untouched", "sort": "last_contact_on"}),
        "overdue": at(Deal, status="open", next_due="overdue", sort="next_due"),
        "stepless": at(Deal, status="open", next_due="none", sort="-amount"),
        "unverified": at(CustomerFact, **{"is": "due", "sort": "verify_by"}),
    }


def cells(counted: Tally, owners: Sequence[int | None] | None) -> list[tuple[Any, SafeString]]:
    """The cells of one line with their heads; a number leads to the records it counts."""
    urls = links(owners)
    told = [
        SafeString(str(counted.customers)),
        _share(counted),
        *(
            format_html('<a href="{}">{}</a>', urls[name], getattr(counted, name))
            if getattr(counted, name)
            else SafeString("0")
            for name in KINDS
        ),
    ]
    return list(zip(HEADS, told, strict=True))


def _share(counted: Tally) -> SafeString:
    if counted.share is None:
        return render.NOTHING
    return format_html("{}%", counted.share)


def _members(members: list[tuple[int | None, Tally]], people: Mapping[int, Person]) -> list[Any]:
    """The people of a team, those with the least complete customers first."""
    members.sort(key=lambda pair: (pair[1].share is None, pair[1].share or 0))
    return [(people[pk].name if pk in people else _("without an owner"), cells(each, [pk])) for pk, each in members]
