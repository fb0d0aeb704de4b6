"""The records behind a number: those the actor may see, and how much lies in the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from xiaoguan.apps.metrics import queries, wording
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.org.queries import subtree_ids
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.kit import access, clock, render, spans
from xiaoguan.kit.entity import entities
from xiaoguan.kit.fact import facts
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


def records_url(
    metric: str,
    first: date,
    last: date,
    *,
    person: int | None = None,
    team: int | None = None,
    territory: int | None = None,
) -> str:
    """The address of the records behind one figure; territory 0 is what lay in none."""
    about = f"&person={person}" if person is not None else ""
    about += f"&team={team}" if team is not None else ""
    about += f"&territory={territory}" if territory is not None else ""
    return f"{_records(metric)}?from={first.isoformat()}&to={last.isoformat()}{about}"


@cache
def _records(metric: str) -> str:
    return reverse("metrics:records", args=[metric])


def behind(actor: Any, metric: Metric, where: Slice) -> Behind:
    """Split the credits of a figure by what `visible` lets the actor open; together they are the figure.

    Records whose amount is masked for the actor count among those he can't open: a line would tell it.
    """
    everything = queries.credits_behind(metric, where)
    told = [fact for fact in _facts(metric) if fact.model and not _hidden(actor, fact)]
    names = sorted({fact.model._meta.label_lower for fact in told})
    shown = everything.none()
    for name in names:
        ids = access.visible(entities[name].model, actor).values("pk")
        shown |= everything.filter(entity=name, object_id__in=ids, fact__in=[fact.code for fact in told])
    whole = everything.aggregate(count=Count("pk"), amount=Sum("amount"))
    seen = shown.aggregate(count=Count("pk"), amount=Sum("amount"))
    return Behind(
        shown.select_related("person", "unit").order_by("-on", "-id"),
        seen["count"],
        seen["amount"] or 0,
        whole["count"] - seen["count"],
        (whole["amount"] or 0) - (seen["amount"] or 0),
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


def _whose(request: HttpRequest, metric: Metric) -> tuple[Slice, Any]:
    """The slice of the query string and the person or team it speaks of; strangers' figures are not found."""
    month = spans.month_of(clock.today())
    first, last = _day(request.GET.get("from"), month[0]), _day(request.GET.get("to"), month[1])
    readable = queries.readable_people(request.user, metric)
    if raw := request.GET.get("person"):
        person = Person.objects.filter(pk=_number(raw)).first()
        if person is None or (readable is not None and person.pk not in readable):
            raise Http404
        return Slice(first, last, people=[person.pk]), person
    if raw := request.GET.get("team"):
        team = Team.objects.filter(pk=_number(raw)).first()
        if team is None:
            raise Http404
        return Slice(first, last, people=readable, units=subtree_ids(team)), team
    if raw := request.GET.get("territory"):
        return _territory(request, raw, Slice(first, last, people=readable))
    return Slice(first, last, people=readable), None


def _territory(request: HttpRequest, raw: str, where: Slice) -> tuple[Slice, Any]:
    """A slice within a territory and its parts, or within none for 0."""
    if raw == "0":
        return replace(where, territories=[0]), gettext("no territory")
    row = Territory._base_manager.filter(pk=_number(raw)).first()  # one that is no more has a past
    if row is None or not access.may(request.user, "view", Territory):
        raise Http404
    access.covered(request.user, row)
    return replace(where, territories=with_parts(territories()).get(row.pk, [row.pk])), row


@login_required
@require_GET
def records(request: HttpRequest, code: str) -> HttpResponse:
    """List what a figure is made of."""
    metric = metrics.get(code)
    if metric is None or access.grants(request.user).scope("metrics.figures", "view") == "none":
        raise Http404
    where, subject = _whose(request, metric)
    found = behind(request.user, metric, where)
    page = Paginator(found.shown, PAGE).get_page(request.GET.get("page"))
    figures = queries.figures([metric], where)
    context = {
        "metric": metric,
        "unit": wording.unit(metric) or render.money_unit(),
        "where": where,
        "subject": subject,
        "value": figures.value(metric),
        "shown": wording.told(metric, figures.value(metric)),
        "hidden": queries.is_hidden(request.user, metric),
        "found": found,
        "page": page,
        "lines": _lines(metric, list(page.object_list)),
        "query": urlencode({k: v for k, v in request.GET.items() if k != "page"}),
    }
    return TemplateResponse(request, "metrics/records.html", context)


def _lines(metric: Metric, shown: list[Credit]) -> list[dict[str, Any]]:
    """One line per credit with its record, loaded in one query per kind of record."""
    rows: dict[tuple[str, int], Any] = {}
    for name in {credit.entity for credit in shown}:
        ids = [credit.object_id for credit in shown if credit.entity == name]
        for row in entities[name].model._default_manager.filter(pk__in=ids):
            rows[name, row.pk] = row
    return [
        {
            "credit": credit,
            "amount": wording.shown(metric, credit.amount)
            if metric.unit == "minutes"
            else render.amount(credit.amount),
            "fact": facts[credit.fact].label,
            "title": str(rows[credit.entity, credit.object_id]),
            "url": entities[credit.entity].url("detail", credit.object_id),
            "icon": entities[credit.entity].icon,
        }
        for credit in shown
    ]
