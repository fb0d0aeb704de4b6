"""The target grid: who aims at what, month by month, and whether the parts make the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext, pgettext

from xiaoguan.apps.goals import agreeing, guiding, here, queries, singles, table, weights
from xiaoguan.apps.goals.actions import Cell, lock, set_targets
from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.models.target import value_field
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.models import MarketSize
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Person
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, kinds, render, toasts
from xiaoguan.kit.errors import Denied
from xiaoguan.lexicon import workdays
from xiaoguan.lexicon.numerals import UNIT_OF

ALL_AT_ONCE = 300
"""So many lines are drawn at once; of more, people are opened team by team."""


def told_to(actor: Any) -> list[Metric]:
    """The metrics whose targets may be told to an actor."""
    return [metric for metric in metrics.values() if not queries.is_hidden(actor, metric)]


def chosen(request: HttpRequest) -> tuple[Metric, Period, str]:
    """Metric, year and depth of the address; not found on nonsense."""
    told = told_to(request.user)
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


def address(metric: Metric, year: Period, show: str, **more: str) -> str:
    """The address of the grid, with the team that is `open` and the period that a phone is `at`."""
    words = {"metric": metric.code, "year": year.code, "show": show, **more}
    return f"{reverse('goals:grid')}?{urlencode({name: value for name, value in words.items() if value})}"


def _place(request: HttpRequest) -> dict[str, str]:
    """What an address says beside metric, year and depth."""
    return {name: str(request.GET.get(name, "")) for name in ("open", "at")}


def grid(request: HttpRequest) -> HttpResponse:
    """Show the grid, or store the cells that were changed in it."""
    if not access.may(request.user, "view", Target):
        raise Denied("view", Target)
    metric, year, show = chosen(request)
    also = singles.asked(request.GET)
    tops = queries.grid(request.user, metric, year, also)
    for subject in also:
        find(tops, subject.key)
    errors: dict[str, str] = {}
    if request.method == "POST":
        if "unlock" in request.POST:
            return _unlock(request, metric, year, show)
        cells, errors = _changes(request, metric, tops)
        if not errors:
            done = set_targets(metric, cells, actor=request.user)
            text = ngettext("%(n)d target is set", "%(n)d targets are set", len(cells)) % {"n": len(cells)}
            toasts.tell(request, text, done.change)
            return redirect(address(metric, year, show, **_place(request)))
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
            found[node.subject, period] = number(metric, raw)
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


def number(metric: Metric, raw: str) -> int | None:
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
    every = [node for top in tops for node in top.walk()]
    opened = opened_team(request, every)
    lines = [node for top in tops for node in table.in_sight(top, opened)]
    wrong = [node for node in lines if node.difference]
    at = here.asked(str(request.GET.get("at", "")), year, show)
    look = table.Look(metric, year, show, at, here.told(request.user, metric, at, lines), opened)
    return {
        "page_title": _("%(year)s targets: %(metric)s") % {"year": year.code, "metric": metric.label},
        "metric": metric,
        "metrics": told_to(request.user),
        "year": year,
        "years": [year.previous(), year, year.next()],
        "show": show,
        "shows": [("year", _("Year")), ("quarter", _("Quarter")), ("month", _("Month"))],
        "spans": [("week", _("Week")), ("day", pgettext("length of a column", "Day"))],
        "head": table.head(year, show),
        "body": table.body(tops, look),
        "at": at,
        "at_named": here.named(at),
        "steps": [_step(request, metric, show, period) for period in (at.previous(), at.next())],
        "folded": opened is not None,
        "count": len(every),
        "empty": not lines,
        "may_set": any(node.may_set for node in lines),
        "may_export": access.may(request.user, "export", Target),
        "pickers": singles.pickers(request.user),
        "market_url": _market(request.user, metric, year),
        "may_import": access.may(request.user, "import", Target),
        "may_hire": access.may(request.user, "import", Person),
        "unit": "%" if metric.unit == "rate" else wording.unit(metric),
        "wrong": wrong,
        "first_wrong": wrong[0] if wrong else None,
        "over": render.percent(wrong[0].over) if wrong else "",
        "gap": table.shown(metric, abs(wrong[0].difference or 0)) if wrong else "",
        "locked": sum(sum(node.locked) for node in lines),
        "splittable": [node for node in lines if node.may_set and node.year is not None],
        "parents": [node for node in lines if node.children and any(child.may_set for child in node.children)],
        "along": weights.offered(request.user, metric, weights.ALONG).items(),
        "down": weights.offered(request.user, metric, weights.DOWN).items(),
        "today": clock.today(),
        "calendar_known": workdays.covers(year.end.year),
        "hint": None
        if errors
        else guiding.hint(request.user, metric, year, lines, split=request.GET.get("then") == "days"),
        "errors": errors,
        "waiting": agreeing.waiting(request.user).count() + agreeing.mine(request.user).count(),
        "my_line": table.line_url(Subject(Level.PERSON.value, request.user.pk), metric, year),
    }


def _step(request: HttpRequest, metric: Metric, show: str, period: Period) -> tuple[str, str]:
    """The name of a neighbouring period, and the address that shows it on a phone."""
    more = {**_place(request), "at": period.code}
    return here.named(period), address(metric, period.within("year"), show, **more)


def _market(actor: Any, metric: Metric, year: Period) -> str:
    """Where the shares wanted of single markets stand; empty for another metric, or who may not see them."""
    if metric.code != "market_share" or not access.may(actor, "view", MarketSize):
        return ""
    return f"{reverse('metrics:market')}?year={year.start.year}"


def opened_team(request: HttpRequest, lines: list[Node]) -> str | None:
    """The team whose people are drawn; None where there are few enough lines to draw all of them."""
    if sum(line.subject.level not in singles.MODELS for line in lines) <= ALL_AT_ONCE:
        return None
    asked = str(request.GET.get("open", ""))
    own = queries.team_key(request.user.unit_id) if request.user.unit_id else ""
    return asked or own


def find(tops: list[Node], key: str) -> Node:
    """The line of a subject among those a reader sees; not found otherwise."""
    for top in tops:
        for node in top.walk():
            if node.subject.key == key:
                return node
    raise Http404


def locks(request: HttpRequest) -> HttpResponse:
    """Lock every month of a line that has a target."""
    metric, year, show = chosen(request)
    key = str(request.POST.get("subject", ""))
    node = find(queries.grid(request.user, metric, year, singles.named(key)), key)
    cells = [(node.subject, month) for month, value in zip(node.periods, node.months, strict=True) if value is not None]
    done = lock(metric, cells, actor=request.user)
    toasts.tell(request, _("%(name)s is locked; splits leave it alone") % {"name": node.name}, done.change)
    return redirect(address(metric, year, show, **_place(request)))


def _unlock(request: HttpRequest, metric: Metric, year: Period, show: str) -> HttpResponse:
    key, _mark, code = request.POST["unlock"].rpartition("|")
    try:
        cell = (Subject.parse(key), queries.calendar().parse(code))
    except (ValueError, PeriodError):
        raise Http404 from None
    done = lock(metric, [cell], actor=request.user, locked=False)
    toasts.tell(request, _("Unlocked"), done.change)
    return redirect(address(metric, year, show, **_place(request)))
