"""One line of the grid as a page: its months and tiers, what they are about, and what both sides said about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.goals import agreeing, daily, queries, shaping, singles, table
from xiaoguan.apps.goals.actions import set_terms
from xiaoguan.apps.goals.models import Level, Round, Step, Target
from xiaoguan.apps.goals.pages import address, chosen, find, number, told_to
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Person
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, kinds, render, toasts
from xiaoguan.kit.errors import Denied, Invalid

TIERS = ("stretch", "challenge")
WORDS = ("purpose", "reason")


def line(request: HttpRequest) -> HttpResponse:
    """Show a line, or set what all its targets of the year have in common."""
    metric, year, _show = chosen(request)
    node, above = _node(request, metric, year)
    if request.method == "POST" and "days" in request.POST:
        return _shape(request, metric, year, node)
    if request.method == "POST":
        done = set_terms(metric, node.subject, year, _terms(request, metric), actor=request.user)
        toasts.tell(request, _("%(name)s: saved") % {"name": node.name}, done.change)
        return redirect(table.line_url(node.subject, metric, year))
    return TemplateResponse(request, "goals/line.html", _context(request, metric, year, node, above))


def talk(request: HttpRequest) -> HttpResponse:
    """Propose, counter, confirm or accept."""
    metric, year, _show = chosen(request)
    node, _above = _node(request, metric, year)
    if node.subject.level != Level.PERSON:
        raise Http404
    person = Person.objects.get(pk=node.subject.pk)
    act, reason = request.POST.get("act", ""), request.POST.get("why", "")
    if act == "propose" and person.pk == request.user.pk:
        done = agreeing.propose(metric, year, _months(request, metric, year), reason, actor=request.user)
        said = _("Proposed; it is your manager's turn")
    elif act == "counter":
        done = agreeing.counter(person, metric, year, _months(request, metric, year), reason, actor=request.user)
        said = _("Answered; it is %(name)s's turn") % {"name": person.name}
    elif act == "confirm":
        share = request.POST.get("share") == "1"
        done = agreeing.confirm(person, metric, year, reason, actor=request.user, share_out=share)
        said = _("Agreed with %(name)s; the months are locked") % {"name": person.name}
    elif act == "accept" and person.pk == request.user.pk:
        done = agreeing.accept(metric, year, actor=request.user)
        said = _("Agreed; the months are locked")
    else:
        raise Http404
    toasts.tell(request, said, done.change)
    return redirect(table.line_url(node.subject, metric, year))


def proposals(request: HttpRequest) -> HttpResponse:
    """What waits for this reader: proposals of his people, and answers to his own."""
    if not access.may(request.user, "view", Target):
        raise Denied("view", Target)
    told = {metric.code for metric in told_to(request.user)}
    theirs = agreeing.waiting(request.user).filter(metric__in=told).select_related("person", "person__unit", "by")
    own = agreeing.mine(request.user).filter(metric__in=told).select_related("person", "by")
    context = {
        "page_title": _("Proposed targets"),
        "theirs": [_waits(row) for row in theirs.order_by("at")[:500]],
        "own": [_waits(row) for row in own.order_by("at")],
        "propose": table.line_url(
            queries.Subject(Level.PERSON.value, request.user.pk), metrics["won_amount"],
            queries.calendar().year(clock.today()),
        ),
        "may_set": access.grants(request.user).scope(Target.entity.name, "change") in ("team", "all"),
    }  # fmt: skip
    return TemplateResponse(request, "goals/proposals.html", context)


def _waits(row: Round) -> dict[str, Any]:
    metric, year = agreeing.of_year(row)
    known = [value for value in row.months if value is not None]
    return {
        "row": row,
        "url": agreeing.url(row),
        "metric": metric.label,
        "year": year.code,
        "sum": wording.told(metric, sum(known)) if metric.additive else "",
        "silent": 12 - len(known),
    }


def _node(request: HttpRequest, metric: Metric, year: Period) -> tuple[Node, Node | None]:
    """The line the address names and the one above it; one's own is there before it has a target."""
    key = str(request.GET.get("subject", ""))
    tops = queries.grid(request.user, metric, year, singles.named(key))
    own = queries.person_key(request.user.pk)
    if key == own and all(node.subject.key != own for top in tops for node in top.walk()):
        if not access.may(request.user, "view", Target):
            raise Http404
        subject = queries.Subject(Level.PERSON.value, request.user.pk)
        months = year.split("month")
        blank: list[int | None] = [None] * 12
        return Node(subject, request.user.name, 0, periods=months, months=blank, locked=[False] * 12), None
    found = find(tops, key)
    every = (each for top in tops for each in top.walk())
    return found, next((each for each in every if any(child is found for child in each.children)), None)


def _shape(request: HttpRequest, metric: Metric, year: Period, node: Node) -> HttpResponse:
    """Let the days of a line, and of the lines below it if asked, weigh in another way."""
    by = request.POST["days"]
    if by not in shaping.SHAPES:
        raise Http404
    parts = [each.subject for each in node.walk() if each is not node] if "below" in request.POST else []
    done = shaping.shape_days(metric, node.subject, parts, year, by, actor=request.user)
    words = {"name": node.name, "how": shaping.SHAPES[by]}
    toasts.tell(request, _("Days of %(name)s go %(how)s") % words, done.change)
    return redirect(table.line_url(node.subject, metric, year))


def _terms(request: HttpRequest, metric: Metric) -> dict[str, Any]:
    """The fields of the form that were sent: rates in per cent, tiers as a rate or a number, words as they are."""
    found: dict[str, Any] = {}
    if (raw := request.POST.get("over")) is not None:
        found["over"] = _rate("over", raw) or 0
    for name in TIERS:
        raw = request.POST.get(name)
        if raw is None or raw == request.POST.get(f"was|{name}"):  # it shows fewer digits than it holds
            continue
        if raw.strip() and not raw.strip().endswith(("%", "\uff05")):
            found[f"{name}_to"] = _number(metric, name, raw)
        else:
            found[name] = _rate(name, raw)
    for name in WORDS:
        if (raw := request.POST.get(name)) is not None:
            found[name] = raw.strip()
    return found


def _rate(name: str, raw: str) -> int | None:
    field = Target._meta.get_field(name)
    try:
        value: int | None = kinds.of(field).parse(raw, field)
    except kinds.Unparsable:
        raise Invalid({name: [_("Type how much on top, 10 for ten per cent more.")]}) from None
    return value


def _number(metric: Metric, name: str, raw: str) -> int | None:
    """A tier as the number of the year."""
    try:
        return number(metric, raw)
    except kinds.Unparsable:
        raise Invalid({name: [_("Type a rate such as 10%, or the number of the year.")]}) from None


def _months(request: HttpRequest, metric: Metric, year: Period) -> list[int | None]:
    """The twelve cells of a proposal; an empty one says nothing."""
    found = []
    for month in year.split("month"):
        raw = request.POST.get(f"m|{month.code}", "")
        shown = request.POST.get(f"s|{month.code}", "")
        try:
            exact = int(request.POST.get(f"x|{month.code}") or -1)
        except ValueError:
            exact = -1
        try:  # a cell shows fewer digits than it holds: only another text is another number
            found.append(exact if raw.strip() == shown and exact >= 0 else number(metric, raw))
        except kinds.Unparsable:
            raise Invalid({"": [_("“%(text)s” is no number.") % {"text": raw}]}) from None
    return found


def _context(request: HttpRequest, metric: Metric, year: Period, node: Node, above: Node | None) -> dict[str, Any]:
    because = "the line was found among those the reader sees"
    rows = list(
        access.everything(Target, because=because).filter(
            metric=metric.code, subject=node.subject.key, start__range=(year.start, year.end)
        )
    )
    terms = rows[0] if rows else Target(metric=metric.code)
    own = {row.start: row for row in rows if row.kind == "month"}
    said = _rounds(request, metric, year, node)
    days = daily.vectors(metric, year, [node.subject.key]).get(node.subject.key)
    today = clock.today()
    now = None if days is None or today not in year else days.total(*[(today - year.start).days] * 2)
    return {
        "page_title": _("%(name)s, %(year)s: %(metric)s")
        % {"name": node.name, "year": year.code, "metric": metric.label},
        "metric": metric,
        "metrics": told_to(request.user),
        "year": year,
        "years": [year.previous(), year, year.next()],
        "node": node,
        "terms": terms,
        "has_targets": bool(rows),
        "over_typed": _typed(terms.over) if node.children else None,
        "over_field": terms._meta.get_field("over"),
        "tier_fields": [(name, terms._meta.get_field(name), _tier_typed(metric, rows, terms, name)) for name in TIERS],
        "shapes": shaping.SHAPES.items(),
        "shape": shaping.shape_of(metric, node.subject, year),
        "months": [_month(metric, node, at, own) for at in range(12)],
        "whole": wording.told(metric, node.year),
        "tiers": [
            (label, wording.told(metric, value))
            for label, value in ((_("Stretch"), _tier(rows, "stretch")), (_("Challenge"), _tier(rows, "challenge")))
            if value is not None
        ],
        "over": render.percent(node.over) if node.over else "",
        "handed_out": wording.told(metric, node.whole) if node.over else "",
        "today": wording.told(metric, now) if now else "",
        "unit": wording.unit(metric),
        "back": address(metric, year, "month"),
        "above": above,
        "misses": _misses(metric, node, above, said.get("last")),
        **said,
    }


def _typed(rate: int | None) -> str:
    """A rate as a form shows it: 10 for 10 %."""
    return "" if rate is None else f"{rate / 1000:.3f}".rstrip("0").rstrip(".")


def _tier_typed(metric: Metric, rows: Sequence[Target], terms: Target, name: str) -> str:
    """A tier as its field shows it: 10% for a rate, else the number of the year."""
    if getattr(terms, f"{name}_to") is None:
        rate = _typed(getattr(terms, name))
        return f"{rate}%" if rate else ""
    return table.shown(metric, _tier(rows, name))


def _tier(rows: Sequence[Target], name: str) -> int | None:
    """A tier over the year: the sum of what the targets of the finest kind say; None where none says any."""
    months = [row for row in rows if row.kind == "month"] or rows
    values = [row.tier(name) for row in months]
    if not values or any(value is None for value in values):
        return None
    return sum(value or 0 for value in values)


def _month(metric: Metric, node: Node, at: int, rows: Mapping[dt.date, Target]) -> dict[str, Any]:
    row = rows.get(node.periods[at].start)
    return {
        "code": node.periods[at].code,
        "value": wording.shown(metric, node.months[at]),
        "locked": node.locked[at],
        "stretch": wording.shown(metric, row.tier("stretch") if row else None),
        "challenge": wording.shown(metric, row.tier("challenge") if row else None),
    }


def _rounds(request: HttpRequest, metric: Metric, year: Period, node: Node) -> dict[str, Any]:
    """What both sides said, whose turn it is, and what stands in the twelve cells now."""
    if node.subject.level != Level.PERSON:
        return {"person": None}
    person = Person.objects.get(pk=node.subject.pk)
    known = agreeing.rounds(person, metric, year)
    last = known[0] if known else None
    me = person.pk == request.user.pk
    values = last.months if last is not None and last.step != Step.AGREED else node.months
    return {
        "person": person,
        "me": me,
        "last": last,
        "rounds": [_round(metric, row, before) for row, before in zip(known, [*known, None][1:], strict=True)],
        "may_propose": me,
        "may_answer": node.may_set and not me and last is not None and last.step == Step.PROPOSED,
        "may_accept": me and last is not None and last.step == Step.COUNTERED,
        "cells": [
            {"code": month.code, "shown": table.shown(metric, value), "exact": "" if value is None else value}
            for month, value in zip(node.periods, values, strict=True)
        ],
    }


def _misses(metric: Metric, node: Node, above: Node | None, last: Round | None) -> str:
    """How far the line above would be from its whole with what was said; empty where it would be even or unknown."""
    if above is None or last is None or last.step == Step.AGREED or not metric.additive or above.partial:
        return ""
    whole, below = above.whole, above.below
    if whole is None:
        return ""
    said = sum((own if new is None else new) or 0 for new, own in zip(last.months, node.months, strict=True))
    gap = (below or 0) - (node.year or 0) + said - whole
    words = _("%(name)s would then be %(gap)s over.") if gap > 0 else _("%(name)s would then be %(gap)s short.")
    return words % {"name": above.name, "gap": table.shown(metric, abs(gap))} if gap else ""


def _round(metric: Metric, row: Round, before: Round | None) -> dict[str, Any]:
    """One round with its sum and how far that is from the one before."""
    known = [value for value in row.months if value is not None]
    earlier = [value for value in before.months if value is not None] if before is not None else None
    change = ""
    if earlier is not None and metric.additive and (step := sum(known) - sum(earlier)):
        change = f"{'+' if step > 0 else '−'}{table.shown(metric, abs(step))}"
    return {
        "row": row,
        "sum": wording.told(metric, sum(known)) if metric.additive else "",
        "change": change,
        "silent": 12 - len(known),
    }
