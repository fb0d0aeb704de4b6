"""Adding and changing a tile: metric, how to look at it, a preview with the reader's own figures, its place."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.dashboards import looks, periods, stage_funnel, tiles
from xiaoguan.apps.dashboards.actions import arrange
from xiaoguan.apps.dashboards.answers import Answers
from xiaoguan.apps.dashboards.board_pages import CHOSEN, load, look_of
from xiaoguan.apps.dashboards.models import Dashboard
from xiaoguan.apps.dashboards.tiles import AGAINST, LOOKS, TIME, Tile
from xiaoguan.apps.metrics import dimensions
from xiaoguan.apps.metrics.queries import is_hidden
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.kit import access, toasts
from xiaoguan.kit.errors import Denied

WIDTHS = {
    3: gettext_lazy("A quarter"),
    4: gettext_lazy("A third"),
    6: gettext_lazy("Half"),
    8: gettext_lazy("Two thirds"),
    12: gettext_lazy("The whole width"),
}
NAMES = ("look", "by", "title", "span", "against", "width", "height", "most", "pipeline")


def tile(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with its preview; posting stores the tile at its place, at the end for a new one."""
    dashboard = load(request, pk)
    if not access.may(request.user, "change", dashboard):
        raise Denied("change", dashboard)
    old = _old(dashboard, request.GET.get("tile") or request.POST.get("tile", ""))
    sent = request.POST if request.method == "POST" else request.GET
    values = _values(sent, old)
    made, problems = _made(values)
    if request.method == "POST" and made is not None:
        done = arrange(dashboard, tiles.put(dashboard.arranged, made), actor=request.user)
        toasts.tell(request, _("%(tile)s is on the dashboard") % {"tile": made.heading}, done.change)
        state = {name: request.GET[name] for name in CHOSEN if request.GET.get(name)}
        return redirect(f"{reverse('dashboards:detail', args=[pk])}?{urlencode({**state, 'arrange': 1})}")
    context = _context(request, dashboard, values, old, made, problems)
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "dashboards/tile_form.html", context, status=status)


def _old(dashboard: Dashboard, pk: str) -> Tile | None:
    if not pk:
        return None
    found = next((tile for tile in dashboard.arranged if tile.id == pk), None)
    if found is None:
        raise Http404
    return found


def _values(sent: QueryDict, old: Tile | None) -> dict[str, Any]:
    """What was chosen so far, else what the tile is, else a number of the first metric."""
    if "look" in sent:
        found: dict[str, Any] = {name: sent.get(name, "") for name in NAMES}
        found["metrics"] = [code for code in sent.getlist("metrics") if code]
        if old is None and sent.get("look") != sent.get("was"):  # another look has another usual size
            found["width"] = found["height"] = ""
        return {**found, "id": old.id if old else ""}
    return old.plain() if old is not None else {"look": "number", "metrics": [], "id": ""}


def _made(values: dict[str, Any]) -> tuple[Tile | None, dict[str, str]]:
    """The tile, or what is missing, by the name of the value."""
    try:
        return tiles.sound(values), {}
    except ValidationError as problem:
        return None, {name: " ".join(texts) for name, texts in problem.message_dict.items()}


def _context(
    request: HttpRequest,
    dashboard: Dashboard,
    values: dict[str, Any],
    old: Tile | None,
    made: Tile | None,
    problems: dict[str, str],
) -> dict[str, Any]:
    actor = request.user
    look = LOOKS.get(str(values.get("look")), LOOKS["number"])
    chosen = list(values.get("metrics", []))
    cuts = dimensions.offered(actor)
    by = values.get("by") or look.by[0]
    drawn = looks.draw_all([made], Answers(look_of(request, dashboard)))[0] if made is not None else None
    return {
        "page_title": _("Change a tile") if old else _("Add a tile"),
        "dashboard": dashboard,
        "old": old,
        "values": values,
        "made": made,
        "drawn": drawn,
        "problems": problems if chosen or not look.most else {},
        "begun": bool(chosen) or not look.most,
        "pipelines": []
        if look.most
        else [(row.pk, row, str(row.pk) == str(values.get("pipeline"))) for row in stage_funnel.pipelines(actor)],
        "look": look,
        "looks": LOOKS.values(),
        "choices": _choices(actor),
        "places": [chosen[place] if place < len(chosen) else "" for place in range(min(look.most, len(chosen) + 1))],
        "cuts": [
            (code, _("Time") if code == TIME else capfirst(str(cuts[code].label)), code == by)
            for code in look.by
            if code == TIME or code in cuts
        ],
        "spans": [(code, label, code == values.get("span")) for code, label in periods.WORDS.items()],
        "against": [(code, label, code == (values.get("against") or "before")) for code, label in AGAINST.items()],
        "widths": [(code, label, made is not None and code == made.width) for code, label in WIDTHS.items()],
        "heights": [
            (code, label, made is not None and code == made.height)
            for code, label in ((1, _("Low")), (2, _("Usual")), (3, _("High")))
        ],
        "most": values.get("most") or 10,
        "counts": made is not None and made.look in ("bars", "table", "columns", "leaderboard") and made.by != TIME,
        "compares": look.code == "number",
        "query": urlencode({name: request.GET[name] for name in CHOSEN if request.GET.get(name)}),
    }


def _choices(actor: Any) -> list[Metric]:
    """The metrics an actor may be told, in the order of the dictionary."""
    return [each for each in metrics.values() if not is_hidden(actor, each)]
