"""A dashboard as a page: looking, arranging, one sheet per tile as a file. What is chosen lives in its address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.dashboards import looking, looks, periods, ranking, tiles
from xiaoguan.apps.dashboards.actions import arrange
from xiaoguan.apps.dashboards.answers import Answers
from xiaoguan.apps.dashboards.models import Dashboard
from xiaoguan.apps.dashboards.sharing import may_share
from xiaoguan.apps.dashboards.tabs import beside_home
from xiaoguan.apps.dashboards.tiles import Tile
from xiaoguan.kit import access, clock, toasts
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.pages import answers, detail
from xiaoguan.transfer.table_file import answer_sheets

CHOSEN = ("period", "who")
RECORD = ("panel", "tab", "record")
"""What asks for the record of a dashboard, its history and its rights, instead of for its figures."""


def load(request: HttpRequest, pk: int) -> Dashboard:
    """The dashboard of an address, for whoever reads figures at all."""
    if access.grants(request.user).scope("metrics.figures", "view") == "none":
        raise Http404
    found: Dashboard = answers.get(Dashboard.entity, request.user, pk)
    return found


def look_of(request: HttpRequest, dashboard: Dashboard) -> looking.Looking:
    """Whose figures and which time the address asks for; a time of one's own comes as two days."""
    time = request.GET.get("period", "")
    if request.GET.get("first") and request.GET.get("last"):
        time = f"{request.GET['first']}..{request.GET['last']}"
    return looking.look(request.user, dashboard, request.GET.get("who", ""), time)


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """All tiles for one look; the record itself for the side panel and behind «about this dashboard»."""
    if answers.targets(request, "panel-body") or any(name in request.GET for name in RECORD):
        return detail.detail(request, Dashboard.entity, pk)
    dashboard = load(request, pk)
    look = look_of(request, dashboard)
    drawn = looks.draw_all(dashboard.arranged, Answers(look))
    return TemplateResponse(request, "dashboards/board.html", _context(request, dashboard, look, drawn))


def _context(
    request: HttpRequest, dashboard: Dashboard, look: looking.Looking, drawn: list[looks.Drawn]
) -> dict[str, Any]:
    actor = request.user
    may_change = access.may(actor, "change", dashboard)
    arranging = may_change and "arrange" in request.GET
    tabs = beside_home(actor)
    here = reverse("dashboards:detail", args=[dashboard.pk])
    state = {name: request.GET[name] for name in CHOSEN if request.GET.get(name)}
    if ".." in look.time.code:
        state["period"] = look.time.code

    def link(**changed: str) -> str:
        found = {name: value for name, value in {**state, **changed}.items() if value}
        return f"{here}?{urlencode(found)}" if found else here

    return {
        "page_title": str(dashboard),
        "dashboard": dashboard,
        "look": look,
        "drawn": drawn,
        "here": link(),
        "state": state,
        "query": urlencode(state),
        "may_change": may_change,
        "tabs": tabs if any(row.pk == dashboard.pk for row in tabs) else [],
        "starred": any(row.pk == dashboard.pk for row in tabs),
        "entity": Dashboard.entity,
        "row": dashboard,
        "may_share": may_share(actor),
        "may_copy": access.may(actor, "create", Dashboard),
        "arranging": arranging,
        "arrange_url": link(arrange="1"),
        "now": clock.now(),
        "times": [(label, link(period=code), code == look.time.code) for code, label in periods.WORDS.items()],
        "everybody": (_("The whole company"), link(who="company"), look.whose.kind == "company"),
        "teams": [
            (row.name, link(who=f"team:{row.pk}"), look.whose.code == f"team:{row.pk}")
            for row in ranking.teams_to_choose(actor)
        ],
        "people": [
            (row.name, link(who=f"person:{row.pk}"), look.whose.code == f"person:{row.pk}")
            for row in looking.people_to_choose(actor)
        ],
    }


# Arranging ----------------------------------------------------------------------------------------------------------

STEPS = {
    "earlier": lambda row, pk: tiles.moved(row, pk, -1),
    "later": lambda row, pk: tiles.moved(row, pk, 1),
    "wider": lambda row, pk: _changed(row, pk, lambda tile: tiles.stepped(tile, 1, 0)),
    "narrower": lambda row, pk: _changed(row, pk, lambda tile: tiles.stepped(tile, -1, 0)),
    "taller": lambda row, pk: _changed(row, pk, lambda tile: tiles.stepped(tile, 0, 1)),
    "lower": lambda row, pk: _changed(row, pk, lambda tile: tiles.stepped(tile, 0, -1)),
    "remove": lambda row, pk: [tile for tile in row if tile.id != pk],
}


def _changed(row: list[Tile], pk: str, change: Any) -> list[Tile]:
    return [change(tile) if tile.id == pk else tile for tile in row]


def layout(request: HttpRequest, pk: int) -> HttpResponse:
    """Store what was dragged, resized, moved by a key or taken away; saved at once, with the way back."""
    dashboard = load(request, pk)
    if not access.may(request.user, "change", dashboard):
        raise Denied("change", dashboard)
    row, words = _arranged(request, dashboard.arranged)
    done = arrange(dashboard, row, actor=request.user)
    if request.htmx:
        return toasts.attach(HttpResponse(status=204), words, done.change)
    toasts.tell(request, words, done.change)
    state = {name: request.POST[name] for name in CHOSEN if request.POST.get(name)}
    return redirect(f"{reverse('dashboards:detail', args=[pk])}?{urlencode({**state, 'arrange': 1})}")


def _arranged(request: HttpRequest, row: list[Tile]) -> tuple[list[Tile], str]:
    """The tiles after what was posted, and what is said of it."""
    sent = request.POST
    if "order" in sent:
        return tiles.ordered(row, sent["order"].split(",")), _("The tiles stand in another order")
    tile = next((tile for tile in row if tile.id == sent.get("tile")), None)
    if tile is None:
        raise Http404
    said = {"tile": tile.heading}
    if "width" in sent:
        size = [int(sent.get(name, "")) if sent.get(name, "").isdecimal() else 0 for name in ("width", "height")]
        return _changed(row, tile.id, lambda each: tiles.sized(each, *size)), _("%(tile)s has another size") % said
    step = sent.get("step", "")
    if step not in STEPS:
        raise Http404
    words = {"remove": _("%(tile)s is taken away"), "earlier": _("%(tile)s is moved"), "later": _("%(tile)s is moved")}
    return STEPS[step](row, tile.id), words.get(step, _("%(tile)s has another size")) % said


def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy of one's own, opened to be arranged."""
    dashboard = load(request, pk)
    done = Dashboard.entity.actions["copy_board"](dashboard, actor=request.user)
    toasts.tell(request, _("%(name)s is yours") % {"name": done.result}, done.change)
    return redirect(f"{reverse('dashboards:detail', args=[done.result.pk])}?arrange=1")


# A file -------------------------------------------------------------------------------------------------------------


def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Every tile as a sheet of one workbook, in yuan and plain numbers."""
    dashboard = load(request, pk)
    look = look_of(request, dashboard)
    sheets = [
        (capfirst(each.tile.heading), *each.sheet.file(each.total))
        for each in looks.draw_all(dashboard.arranged, Answers(look))
        if each.sheet is not None
    ]
    if not sheets:
        sheets = [(str(dashboard), [_("Nothing counted in this time.")], [])]
    return answer_sheets(f"{dashboard}-{look.time.code}", sheets)


# All of them --------------------------------------------------------------------------------------------------------


def index(request: HttpRequest) -> HttpResponse:
    """The dashboards somebody may open: his own first, then those shared with him."""
    actor = request.user
    if access.grants(actor).scope("metrics.figures", "view") == "none":
        raise Http404
    rows = list(access.visible(Dashboard, actor).select_related("owner").order_by("name", "pk"))
    own = [row for row in rows if row.owner_id == actor.pk]
    others = [row for row in rows if row.owner_id != actor.pk]
    others.sort(key=lambda row: (row.code is None, row.pk))
    context = {
        "page_title": _("Dashboards"),
        "own": own,
        "others": others,
        "may_create": access.may(actor, "create", Dashboard),
    }
    return TemplateResponse(request, "dashboards/index.html", context)
