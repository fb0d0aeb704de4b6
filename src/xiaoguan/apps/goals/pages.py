"""The target grid: who aims at what, month by month, and whether the parts make the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.goals import queries, table, weights
from xiaoguan.apps.goals.actions import Cell, lock, set_targets, split_down, split_year
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.models.target import value_field
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, kinds, render, toasts
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.lexicon import workdays
from xiaoguan.lexicon.numerals import UNIT_OF


def _told(actor: Any) -> list[Metric]:
    """The metrics whose targets may be told to an actor."""
    return [metric for metric in metrics.values() if not queries.is_hidden(actor, metric)]


def _chosen(request: HttpRequest) -> tuple[Metric, Period, str]:
    """Metric, year and depth of the address; not found on nonsense."""
    told = _told(request.user)
    metric = metrics.get(request.GET.get("metric") or (told[0].code if told else ""))
    calendar = queries.calendar()
    try:
        year = calendar.parse(request.GET.get("year") or calendar.year(clock.today()).code)
    except PeriodError:
        raise Http404 from None
    show = request.GET.get("show", "month")
    if metric is None or metric not in told or str(year.kind) != "year" or show not in table.SHOWS:
        raise Http404
    return metric, year, show


def _address(metric: Metric, year: Period, show: str) -> str:
    query = urlencode({"metric": metric.code, "year": year.code, "show": show})
    return f"{reverse('goals:grid')}?{query}"


def grid(request: HttpRequest) -> HttpResponse:
    """Show the grid, or store the cells that were changed in it."""
    if not access.may(request.user, "view", Target):
        raise Denied("view", Target)
    metric, year, show = _chosen(request)
    tops = queries.grid(request.user, metric, year)
    errors: dict[str, str] = {}
    if request.method == "POST":
        if "unlock" in request.POST:
            return _unlock(request, metric, year, show)
        cells, errors = _changes(request, metric, tops)
        if not errors:
            done = set_targets(metric, cells, actor=request.user)
            text = ngettext("%(n)d target is set", "%(n)d targets are set", len(cells)) % {"n": len(cells)}
            toasts.tell(request, text, done.change)
            return redirect(_address(metric, year, show))
    return TemplateResponse(
        request, "goals/grid.html", _context(request, metric, year, show, tops, errors), status=422 if errors else 200
    )


def _changes(request: HttpRequest, metric: Metric, tops: list[Node]) -> tuple[dict[Cell, int | None], dict[str, str]]:
    """The cells whose text is no longer what the page showed, and what is wrong with others.

    A cell shows fewer digits than it holds, so only another text is another number.
    """
    found: dict[Cell, int | None] = {}
    errors: dict[str, str] = {}
    for node, period, value in _editable(tops, queries.calendar()):
        raw = request.POST.get(table.cell_name(node, period))
        if raw is None or raw.strip() == table.shown(metric, value):
            continue
        try:
            found[node.subject, period] = _number(metric, raw)
        except kinds.Unparsable:
            errors[f"{node.name} {period.code}"] = raw
    return found, errors


def _editable(tops: list[Node], calendar: Any) -> Any:
    """Every unlocked cell with its period and value; quarters follow from months."""
    for top in tops:
        for node in top.walk():
            if not node.may_set:
                continue
            for month, value, locked in zip(node.periods, node.months, node.locked, strict=True):
                if not locked:
                    yield node, month, value
            yield node, calendar.year(node.periods[0].start), node.year


def _number(metric: Metric, raw: str) -> int | None:
    """A cell's text as stored: bare money is in the unit the reader sees."""
    if metric.unit == "minutes":
        hours = kinds.amount(raw)
        if hours is not None and hours < 0:
            raise kinds.Unparsable("negative", raw)
        return None if hours is None else round(hours * 60)
    field = Target._meta.get_field(value_field(metric))
    kind = kinds.of(field)
    hints = {"unit": UNIT_OF[render.money_unit_code()]} if metric.unit == "money" else {}
    value = kind.parse(raw, field, **hints)
    if value is not None and value < 0:
        raise kinds.Unparsable("negative", raw)
    return None if value is None else int(value)


def _context(
    request: HttpRequest, metric: Metric, year: Period, show: str, tops: list[Node], errors: Mapping[str, str]
) -> dict[str, Any]:
    lines = [node for top in tops for node in top.walk()]
    wrong = [node for node in lines if node.difference]
    return {
        "page_title": _("%(year)s targets: %(metric)s") % {"year": year.code, "metric": metric.label},
        "metric": metric,
        "metrics": _told(request.user),
        "year": year,
        "years": [year.previous(), year, year.next()],
        "show": show,
        "shows": [("year", _("Year")), ("quarter", _("Quarter")), ("month", _("Month"))],
        "head": table.head(year, show),
        "body": table.body(tops, metric, year, show),
        "empty": not lines,
        "may_set": any(node.may_set for node in lines),
        "unit": "%" if metric.unit == "rate" else wording.unit(metric),
        "wrong": wrong,
        "first_wrong": wrong[0] if wrong else None,
        "gap": table.shown(metric, abs(wrong[0].difference or 0)) if wrong else "",
        "locked": sum(sum(node.locked) for node in lines),
        "splittable": [node for node in lines if node.may_set and node.year is not None],
        "parents": [node for node in lines if node.children and any(child.may_set for child in node.children)],
        "methods": weights.offered(request.user, metric).items(),
        "calendar_known": workdays.covers(year.end.year),
        "errors": errors,
    }


def split(request: HttpRequest) -> HttpResponse:
    """Split one line's year into months, or a parent's months among its parts, by a method."""
    metric, year, show = _chosen(request)
    tops = queries.grid(request.user, metric, year)
    node = _node(tops, request.POST.get("subject", ""))
    method = request.POST.get("method", "even")
    if method not in weights.offered(request.user, metric):
        raise Http404
    if request.POST.get("direction") == "down":
        totals = {month: value for month, value in zip(node.periods, node.months, strict=True) if value is not None}
        if not totals:
            raise Invalid({"": [_("%(name)s has no monthly targets to split yet.") % {"name": node.name}]})
        children = [child.subject for child in node.children if child.may_set]
        shares = weights.of_children(metric, node, year, method)
        done = split_down(metric, totals, children, shares, actor=request.user)
    else:
        if node.year is None:
            raise Invalid({"": [_("%(name)s has no target for the year yet.") % {"name": node.name}]})
        shape = weights.of_months(metric, node, year, method)
        done = split_year(metric, node.subject, year, node.year, shape, actor=request.user)
    toasts.tell(request, _("Split: %(name)s, %(method)s") % _said(node, method), done.change)
    return redirect(_address(metric, year, show))


def _said(node: Node, method: str) -> dict[str, Any]:
    return {"name": node.name, "method": weights.METHODS[method]}


def _node(tops: list[Node], key: str) -> Node:
    for top in tops:
        for node in top.walk():
            if node.subject.key == key:
                return node
    raise Http404


def locks(request: HttpRequest) -> HttpResponse:
    """Lock every month of a line that has a target."""
    metric, year, show = _chosen(request)
    node = _node(queries.grid(request.user, metric, year), request.POST.get("subject", ""))
    cells = [(node.subject, month) for month, value in zip(node.periods, node.months, strict=True) if value is not None]
    done = lock(metric, cells, actor=request.user)
    toasts.tell(request, _("%(name)s is locked; splits leave it alone") % {"name": node.name}, done.change)
    return redirect(_address(metric, year, show))


def _unlock(request: HttpRequest, metric: Metric, year: Period, show: str) -> HttpResponse:
    key, _mark, code = request.POST["unlock"].rpartition("|")
    try:
        cell = (Subject.parse(key), queries.calendar().parse(code))
    except (ValueError, PeriodError):
        raise Http404 from None
    done = lock(metric, [cell], actor=request.user, locked=False)
    toasts.tell(request, _("Unlocked"), done.change)
    return redirect(_address(metric, year, show))
