"""The wall screen: full, dark, without navigation, turning through its boards; and the links that open it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xiaoguan.apps.dashboards import walls
from xiaoguan.apps.dashboards.actions import LONGEST, make_link, revoke
from xiaoguan.apps.dashboards.board_pages import load
from xiaoguan.apps.dashboards.models import Dashboard, WallLink
from xiaoguan.apps.dashboards.sharing import may_share
from xiaoguan.apps.dashboards.walls import Wall
from xiaoguan.kit import access, clock, render, toasts
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.pages import answers

TURN, ALONE = 30, 60
"""Seconds until the next board, and until a single one is drawn anew."""
USUAL_DAYS = 90


def _ids(raw: list[str]) -> list[int]:
    return [int(each) for each in raw if each.isascii() and each.isdigit() and len(each) < 19]


def wall(request: HttpRequest, pk: int) -> HttpResponse:
    """The wall of whoever has signed in: this board, and those of `also` in turn."""
    first = load(request, pk)
    also = _ids(request.GET.getlist("also"))
    shown = Wall(request.user, walls.of_boards(request.user, first, also))
    return _answer(request, shown, reverse("boards:wall", args=[pk]), {"also": also})


@require_GET
def linked(request: HttpRequest, key: str) -> HttpResponse:
    """The wall behind a link: figures with its maker's rights, nothing to open. A link that has ended shows nothing."""
    shown = walls.by_key(key)
    if shown is None:
        if request.headers.get("HX-Request"):  # a screen that hangs there: its last figures go, too
            return TemplateResponse(request, "dashboards/wall_ended.html", {})
        raise Http404
    response = _answer(request, shown, reverse("boards:linked", args=[key]), {})
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _answer(request: HttpRequest, shown: Wall, here: str, query: dict[str, Any]) -> HttpResponse:
    raw = request.GET.get("turn", "0")
    turn = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 0
    board = shown.at(turn)
    now, since = clock.now(), _moment(request.GET.get("since", ""))
    following = {**query, "turn": (turn + 1) % len(shown.boards), "since": now.isoformat()}
    context = {
        "page_title": str(board),
        "board": board,
        "drawn": shown.drawn(board),
        "dense": walls.rows_of(board) > walls.DENSE,
        "boards": shown.boards,
        "place": turn % len(shown.boards),
        "now": now,
        "wins": [(deal, _said(deal)) for deal in walls.wins(shown.actor, since)] if since else [],
        "next": f"{here}?{urlencode(following, doseq=True)}",
        "seconds": TURN if len(shown.boards) > 1 else ALONE,
        "signed_in": shown.link is None,
    }
    part = answers.targets(request, "wall") if hasattr(request, "htmx") else False
    return TemplateResponse(request, "dashboards/wall_part.html" if part else "dashboards/wall.html", context)


def _moment(raw: str) -> datetime | None:
    try:
        found = parse_datetime(raw)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _said(deal: Any) -> str:
    """Who won, and how much where the amount is told."""
    words = {"name": deal.owner.name if deal.owner else _("nobody"), "amount": render.money_text(deal.amount)}
    if deal.amount is None:
        return _("%(name)s won a deal") % words
    return _("%(name)s won %(amount)s") % words


# Links --------------------------------------------------------------------------------------------------------------


def links(request: HttpRequest, pk: int) -> HttpResponse:
    """The links of a board, and making one: its address stands on the page this once."""
    dashboard = load(request, pk)
    if not may_share(request.user):
        raise Denied("publish", dashboard)
    address = ""
    if request.method == "POST":
        days = request.POST.get("days", "")
        _link, key = make_link(
            dashboard,
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0,
            label=" ".join(request.POST.get("label", "").split()),
            also=[row.pk for row in walls.of_boards(request.user, dashboard, _ids(request.POST.getlist("also")))[1:]],
            actor=request.user,
        )
        address = request.build_absolute_uri(reverse("boards:linked", args=[key]))
    mine = WallLink.objects.filter(dashboard=dashboard, deleted_at__isnull=True).select_related("owner")
    if not access.may(request.user, "change", dashboard):
        mine = mine.filter(owner=request.user)
    context = {
        "page_title": _("On a wall: %(name)s") % {"name": dashboard},
        "dashboard": dashboard,
        "address": address,
        "links": [(row, row.holds(clock.now())) for row in mine.order_by("-pk")[:50]],
        "others": access.visible(Dashboard, request.user).exclude(pk=pk).order_by("pk")[:50],
        "days": USUAL_DAYS,
        "longest": LONGEST,
    }
    return TemplateResponse(request, "dashboards/links.html", context)


def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a link at once."""
    link = WallLink.objects.filter(pk=pk, deleted_at__isnull=True).select_related("dashboard").first()
    if link is None or not access.visible(Dashboard, request.user).filter(pk=link.dashboard_id).exists():
        raise Http404
    if link.owner_id != request.user.pk and not access.may(request.user, "change", link.dashboard):
        raise Http404
    revoke(link, actor=request.user)
    toasts.tell(request, _("The link %(name)s has ended") % {"name": link})
    return redirect("boards:links", pk=link.dashboard_id)
