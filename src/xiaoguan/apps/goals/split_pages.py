"""Splitting a target: who would get what, and how far that is from today, before anything is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.goals import queries, singles, table, weights
from xiaoguan.apps.goals.actions import Cell, parts_along, parts_down, set_targets
from xiaoguan.apps.goals.handing import Handing
from xiaoguan.apps.goals.pages import address, chosen, find
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.period import Period
from xiaoguan.kit import render, toasts
from xiaoguan.kit.errors import Invalid

MOST = 1_000_000
"""The largest weight that may be typed."""


@dataclass(frozen=True)
class Line:
    """One part of a split before it is made: its weight, what it has and what it would get."""

    key: str
    name: str
    weight: int
    now: int | None
    then: int
    above: str = ""
    """The line it is a part of, where that is not the one that is split."""


def split(request: HttpRequest) -> HttpResponse:
    """Show what a split would give, or make it: a year into months, or a line's months among its parts."""
    metric, year, show = chosen(request)
    key = str(request.POST.get("subject", ""))
    node = find(queries.grid(request.user, metric, year, singles.named(key)), key)
    down = request.POST.get("direction") == "down"
    deep = down and request.POST.get("deep") == "1" and request.POST.get("method") != "given"
    method = request.POST.get("method", "even")
    if method not in weights.offered(request.user, metric, weights.DOWN if down else weights.ALONG):
        raise Http404
    if not metric.additive:
        raise Invalid({"": [_("A rate can't be split: the parts of a rate don't sum.")]})
    if deep:
        cells, lines = _everybody(metric, node, year, method)
    else:
        cells, lines = (_down if down else _along)(request, metric, node, year, method)
    if "apply" in request.POST:
        done = set_targets(metric, cells, actor=request.user, name="split_down" if down else "split_year")
        toasts.tell(request, _("Split: %(name)s, %(method)s") % _said(node, method), done.change)
        return redirect(f"{address(metric, year, show)}&then=days")
    context = _preview(metric, year, show, node, method, down, lines)
    return TemplateResponse(request, "goals/split.html", {**context, "deep": deep})


def _said(node: Node, method: str) -> dict[str, Any]:
    return {"name": node.name, "method": weights.METHODS[method]}


def _down(
    request: HttpRequest, metric: Metric, node: Node, year: Period, method: str
) -> tuple[Mapping[Cell, int | None], list[Line]]:
    totals = _totals(node)
    children = [child for child in node.children if child.may_set]
    if not children:
        raise Invalid({"": [_("%(name)s has no parts whose targets you may set.") % {"name": node.name}]})
    shares: dict[Subject, list[int]] = weights.of_children(metric, node, year, method)
    if method == "given":
        given = _given(request, {child.subject.key: child.year or 0 for child in children})
        shares = {child.subject: [given[child.subject.key]] * 12 for child in children}
    cells = parts_down(metric, totals, [child.subject for child in children], shares, node.over)
    lines = [
        Line(
            child.subject.key,
            child.name,
            shares[child.subject][0] if method == "given" else sum(shares[child.subject]),
            _sum(child.months, totals),
            sum(cells[child.subject, month] or 0 for month in totals),
        )
        for child in children
    ]
    return cells, lines


def _totals(node: Node) -> dict[Period, int]:
    """The months of a line that have a target; Invalid where none has."""
    totals = {month: value for month, value in zip(node.periods, node.months, strict=True) if value is not None}
    if not totals:
        raise Invalid({"": [_("%(name)s has no monthly targets to split yet.") % {"name": node.name}]})
    return totals


def _everybody(metric: Metric, node: Node, year: Period, method: str) -> tuple[dict[Cell, int | None], list[Line]]:
    """A line's months among its parts, theirs among their own, down to the people."""
    if not any(child.may_set for child in node.children):
        raise Invalid({"": [_("%(name)s has no parts whose targets you may set.") % {"name": node.name}]})
    totals = _totals(node)
    handed = Handing(metric, year, method, node, totals)
    lines = [
        Line(
            each.node.subject.key,
            each.node.name,
            each.weight,
            _sum(each.node.months, totals),
            sum(handed.cells.get((each.node.subject, month)) or 0 for month in totals),
            each.above,
        )
        for each in handed.lines
    ]
    return handed.cells, lines


def _sum(months: list[int | None], totals: Mapping[Period, int]) -> int | None:
    known = [months[month.index - 1] for month in totals]
    return sum(value or 0 for value in known) if any(value is not None for value in known) else None


def _along(
    request: HttpRequest, metric: Metric, node: Node, year: Period, method: str
) -> tuple[Mapping[Cell, int | None], list[Line]]:
    if node.year is None:
        raise Invalid({"": [_("%(name)s has no target for the year yet.") % {"name": node.name}]})
    shape = weights.of_months(metric, node, year, method)
    months = year.split("month")
    if method == "given":
        shape = list(_given(request, {month.code: node.months[at] or 0 for at, month in enumerate(months)}).values())
    cells = parts_along(metric, node.subject, year, node.year, shape)
    lines = [
        Line(month.code, month.code, shape[at], node.months[at], cells[node.subject, month] or 0)
        for at, month in enumerate(months)
    ]
    return cells, lines


def _given(request: HttpRequest, usual: Mapping[str, int]) -> dict[str, int]:
    """Weights as they were typed; before anything is typed the parts weigh, in thousandths, what they have."""
    whole = sum(usual.values())
    found = {}
    for key, value in usual.items():
        raw = request.POST.get(f"w|{key}")
        found[key] = _weight(raw) if raw is not None else round(value * 1000 / whole) if whole else 1
    return found


def _weight(raw: str) -> int:
    """A weight as it was typed; Invalid for anything but a whole number."""
    text = raw.strip().replace(",", "") or "0"
    if not (text.isascii() and text.isdigit()) or int(text) > MOST:
        raise Invalid({"": [_("A weight is a whole number from 0 to 1,000,000, not “%(text)s”.") % {"text": raw}]})
    return int(text)


def _preview(
    metric: Metric, year: Period, show: str, node: Node, method: str, down: bool, lines: list[Line]
) -> dict[str, Any]:
    first = [line for line in lines if not line.above]
    whole = sum(line.weight for line in first)
    typed = method == "given"
    rows = [
        {
            "key": line.key,
            "name": line.name,
            "weight": line.weight,
            "above": line.above,
            "share": render.percent(line.weight * 100_000 // whole) if whole and not line.above else "—",
            "now": table.shown(metric, line.now) or "—",
            "then": table.shown(metric, line.then),
            "change": _change(metric, line),
            "more": line.now is None or line.then > line.now,
        }
        for line in lines
    ]
    target = sum(value for value in node.months if value is not None) if down else node.year
    return {
        "page_title": _("Split %(name)s, %(year)s") % {"name": node.name, "year": year.code},
        "metric": metric,
        "node": node,
        "down": down,
        "method": method,
        "method_label": weights.METHODS[method],
        "typed": typed,
        "rows": rows,
        "total": table.shown(metric, sum(line.then for line in first)),
        "target": table.shown(metric, target),
        "over": render.percent(node.over) if down and node.over else "",
        "unit": wording.unit(metric),
        "back": address(metric, year, show),
    }


def _change(metric: Metric, line: Line) -> str:
    if line.now is None or line.now == line.then:
        return ""
    sign = "+" if line.then > line.now else "−"
    return f"{sign}{table.shown(metric, abs(line.then - line.now))}"
