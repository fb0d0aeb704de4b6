"""The records behind a number: those the actor may see, and how much lies in the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from xiaoguan.apps.metrics import dimensions, queries, readings, standing, wording
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import DISTINCT, Measure, Metric, Slice
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.org.queries import subtree_ids
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.kit import access, clock, render, spans
from xiaoguan.kit.entity import entities
from xiaoguan.kit.fact import facts
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

PAGE = 50


@dataclass(frozen=True)
class Behind:
    """The credits of a figure split into what the actor may open and the rest."""

    shown: QuerySet[Credit]
    count: int
    amount: int
    hidden_count: int
    hidden_amount: int
    whole: QuerySet[Credit]
    only: Mapping[str, Collection[Any]] = field(default_factory=dict)
    """What narrows the figure: its conditions about products, as only portions of credits may count."""

    def exact(self, measure: Measure) -> tuple[int, int]:
        """How much of one measure lies in what is shown and how much in the rest; together they are the figure.

        Who is counted once and stands in both is shown: the rest is what only hidden records tell of.
        """
        shown, whole = _exact(self.shown, measure, self.only), _exact(self.whole, measure, self.only)
        return shown, whole - shown


def _exact(rows: QuerySet[Credit], measure: Measure, only: Mapping[str, Collection[Any]]) -> int:
    """A measure over some credits, by the database but past the compiled texts."""
    rows = rows.filter(queries.counting(measure, only)).order_by()
    if measure.distinct:
        column = DISTINCT[measure.how]
        names = ("entity", column) if measure.how == "records" else (column,)
        return rows.filter(**{f"{column}__isnull": False}).values(*names).distinct().count() * RATE_ONE
    if measure.how == "count":
        return rows.aggregate(whole=Sum("split"))["whole"] or 0
    worth = queries.worth([*measure.where, *only.items()])
    return rows.annotate(brings=worth).aggregate(whole=Sum("brings"))["whole"] or 0


def records_url(
    metric: str,
    first: date,
    last: date,
    *,
    person: int | None = None,
    team: int | None = None,
    territory: int | None = None,
    **about: Any,
) -> str:
    """The address of the records behind one figure; territory 0 is what lay in none.

    `about` narrows by the words of other dimensions (`tier="A"`, an empty one is what has none).
    """
    given = {"person": person, "team": team, "territory": territory, **about}
    more = urlencode({name: value for name, value in given.items() if value is not None})
    span = f"from={first.isoformat()}&to={last.isoformat()}"
    return f"{_records(metric)}?{span}{'&' if more else ''}{more}"


@cache
def _records(metric: str) -> str:
    return reverse("metrics:records", args=[metric])


def behind(actor: Any, metric: Metric, where: Slice) -> Behind:
    """Split the credits of a figure by what `visible` lets the actor open; together they are the figure.

    Records whose amount is masked for the actor count among those he can't open: a line would tell it.
    """
    spec = metric.on(where.first)
    everything = queries.credits_behind(metric, where)
    told = [fact for fact in _facts(spec) if fact.model and not _hidden(actor, fact)]
    names = sorted({fact.model._meta.label_lower for fact in told})
    shown = everything.none()
    for name in names:
        ids = access.visible(entities[name].model, actor).values("pk")
        shown |= everything.filter(entity=name, object_id__in=ids, fact__in=[fact.code for fact in told])
    measured = [fact.code for fact in _facts(spec) if readings.is_reading(fact.code)]
    if measured:  # no record was kept of them: whoever may read the figure may read them
        shown |= everything.filter(fact__in=measured)
    worth = queries.worth([*(() if spec.over else spec.measure.where), *where.only.items()])
    everything, shown = everything.annotate(worth=worth), shown.annotate(worth=worth)
    whole = everything.aggregate(count=Count("pk"), amount=Sum("worth"))
    seen = shown.aggregate(count=Count("pk"), amount=Sum("worth"))
    return Behind(
        shown.select_related("person", "unit").order_by("-on", "-id"),
        seen["count"],
        seen["amount"] or 0,
        whole["count"] - seen["count"],
        (whole["amount"] or 0) - (seen["amount"] or 0),
        everything,
        where.only,
    )


def _hidden(actor: Any, fact: Any) -> bool:
    """Whether a field that a fact's amount is made from is masked for the actor."""
    return bool({fact.amount, *fact.watch} & access.masked(actor, fact.model))


def _facts(metric: Metric) -> list[Any]:
    return [facts[code] for measure in metric.measures for code in measure.facts]


def _day(raw: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(raw) if raw else otherwise
    except ValueError:
        raise Http404 from None


def _number(raw: str) -> int:
    """An id of the address; nobody's for anything else, as signs such as ² are digits too."""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else 0


def whose(actor: Any, given: Mapping[str, Any], metric: Metric, first: date, last: date) -> tuple[Slice, Any]:
    """The slice of an address within some days, and the person, team or territory it speaks of.

    Strangers' figures are not found.
    """
    where, subject = _whose(actor, given, metric, Slice(first, last))
    return replace(where, only=dimensions.asked(actor, given)), subject


def _whose(actor: Any, given: Mapping[str, Any], metric: Metric, span: Slice) -> tuple[Slice, Any]:
    readable = queries.readable_people(actor, metric)
    if raw := given.get("person"):
        person = Person.objects.filter(pk=_number(raw)).first()
        if person is None or (readable is not None and person.pk not in readable):
            raise Http404
        return replace(span, people=[person.pk]), person
    if raw := given.get("team"):
        team = Team.objects.filter(pk=_number(raw)).first()
        if team is None:
            raise Http404
        return replace(span, people=readable, units=subtree_ids(team)), team
    if raw := given.get("territory"):
        return _territory(actor, raw, replace(span, people=readable))
    return replace(span, people=readable), None


def _territory(actor: Any, raw: str, where: Slice) -> tuple[Slice, Any]:
    """A slice within a territory and its parts, or within none for 0."""
    if raw == "0":
        return replace(where, territories=[0]), gettext("no territory")
    row = Territory._base_manager.filter(pk=_number(raw)).first()  # one that is no more has a past
    if row is None or not access.may(actor, "view", Territory):
        raise Http404
    access.covered(actor, row)
    return replace(where, territories=with_parts(territories()).get(row.pk, [row.pk])), row


@login_required
@require_GET
def records(request: HttpRequest, code: str) -> HttpResponse:
    """List what a figure is made of."""
    metric = metrics.get(code)
    if metric is None or access.grants(request.user).scope("metrics.figures", "view") == "none":
        raise Http404
    month = spans.month_of(clock.today())
    first, last = _day(request.GET.get("from"), month[0]), _day(request.GET.get("to"), month[1])
    where, subject = whose(request.user, request.GET, metric, first, last)
    found = behind(request.user, metric, where)
    page = Paginator(found.shown, PAGE).get_page(request.GET.get("page"))
    figures = queries.figures([metric], where)
    amounts = facts[metric.measure.facts[0]].unit
    context = {
        "page_title": capfirst(str(metric.label)),
        "metric": metric,
        "unit": wording.unit_word(amounts),
        "amount_unit": amounts,
        "where": where,
        "subject": subject,
        "narrowed": dimensions.said(where.only),
        "value": figures.value(metric),
        "shown": wording.told(metric, figures.value(metric)),
        "hidden": queries.is_hidden(request.user, metric),
        "found": found,
        "parts": _parts(metric.on(where.first), found),
        "page": page,
        "lines": _lines(request.user, list(page.object_list)),
        "query": urlencode({k: v for k, v in request.GET.items() if k != "page"}),
        "measured": _measured(request.user, metric.on(where.first), where, subject, found),
    }
    return TemplateResponse(request, "metrics/records.html", context)


def _measured(actor: Any, spec: Metric, where: Slice, subject: Any, found: Behind) -> dict[str, Any] | None:
    """Of a figure that is measured each night: its sums, and the lists where its records stand; else None."""
    told = _facts(spec)
    if not all(readings.is_reading(fact.code) for fact in told):
        return None
    everybody = subject is None and where.people is None and where.territories is None
    whose = found.whole.order_by().values_list("person", flat=True).distinct()
    people = None if everybody else sorted(whose, key=str)
    sums = queries.figures([spec], where)
    return {
        "sums": [
            (
                capfirst(str(fact.label)),
                wording.amount(fact.unit, sums.exact((), measure)),
                wording.unit_word(fact.unit),
            )
            for measure in spec.measures
            for fact in [facts[measure.facts[0]]]
            if len(measure.facts) == 1 and measure.how == "sum"
        ],
        "lists": standing.offered(actor, [fact.code for fact in told], where.first, where.last, people),
        "running": where.first <= clock.today() <= where.last,
    }


def _parts(metric: Metric, found: Behind) -> tuple[Any, Any] | None:
    """The figure in what is shown and in the rest, as people read it; None for a ratio, which has no parts."""
    if metric.over is not None:
        return None
    shown, hidden = found.exact(metric.measure)
    return wording.told(metric, queries.figure(metric, shown)), wording.told(metric, queries.figure(metric, hidden))


def _lines(actor: Any, shown: list[Credit]) -> list[dict[str, Any]]:
    """One line per credit with its record, loaded in one query per kind of record."""
    rows: dict[tuple[str, int], Any] = {}
    for name in {credit.entity for credit in shown} - {readings.ENTITY}:
        ids = [credit.object_id for credit in shown if credit.entity == name]
        for row in entities[name].model._default_manager.filter(pk__in=ids):
            rows[name, row.pk] = row

    return [
        {
            "credit": credit,
            "amount": wording.amount(facts[credit.fact].unit, credit.worth)
            if facts[credit.fact].amount
            else render.NOTHING,
            "fact": facts[credit.fact].label,
            **_record(actor, credit, rows),
        }
        for credit in shown
    ]


def _record(actor: Any, credit: Credit, rows: Mapping[tuple[str, int], Any]) -> dict[str, Any]:
    """The record a credit is of; of what is measured each night the list where its records stand today."""
    if credit.entity == readings.ENTITY:
        words = {"month": f"{credit.on:%Y-%m}"}
        at = standing.of(credit.fact)
        url = (
            at.url(*spans.month_of(credit.on), [credit.person_id]) if at and access.may(actor, "view", at.model) else ""
        )
        return {"title": gettext("As measured for %(month)s") % words, "url": url, "icon": "ruler"}
    own = entities[credit.entity]
    row = rows[credit.entity, credit.object_id]
    return {"title": str(row), "url": own.url("detail", credit.object_id), "icon": own.icon}
