"""The leaderboard as a page: metric, period and scope live in its address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.dashboards import drawings, periods, ranking
from xiaoguan.apps.goals.here import named
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Company, Team
from xiaoguan.apps.org.models.company import Ranking
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock
from xiaoguan.kit.errors import Refusal, WayOut


def leaderboard(request: HttpRequest) -> HttpResponse:
    """People or teams from the first place on, by any metric the reader may rank."""
    actor = request.user
    if access.grants(actor).scope("metrics.figures", "view") == "none":
        raise Http404
    _must_be_shown(actor)
    by = request.GET.get("by", "person")
    metric, period = _metric(actor, request.GET.get("metric", ""), by), periods.parse(request.GET.get("period", ""))
    teams = ranking.teams_to_choose(actor)
    team = _team(teams, request.GET.get("team", ""))
    board = ranking.board(actor, metric, period, by, team)
    return TemplateResponse(request, "dashboards/leaderboard.html", _context(actor, board, team, teams))


def _must_be_shown(actor: Any) -> None:
    """Refuse while the company has switched the leaderboard off, and say who may switch it on."""
    if ranking.shown_at_all():
        return
    ways = [WayOut(_("Today"), reverse("home"), icon="home")]
    if access.may(actor, "change", Company):
        ways.insert(0, WayOut(_("Switch it on in the company's settings"), reverse("org:company"), icon="settings"))
    raise Refusal(
        _("There is no leaderboard"),
        _("The company has decided not to show who stands where."),
        code="leaderboard.off",
        rule=_("Company settings: leaderboard"),
        ways_out=ways,
    )


def _metric(actor: Any, code: str, by: str) -> Metric:
    if by not in ("person", "team"):
        raise Http404
    told = ranking.offered(actor, by)
    found = next((metric for metric in told if metric.code == code), None) if code else next(iter(told), None)
    if found is None:
        raise Http404
    return found


def _team(teams: list[Team], raw: str) -> Team | None:
    if not raw:
        return None
    found = next((team for team in teams if str(team.pk) == raw), None)
    if found is None:
        raise Http404
    return found


def _context(actor: Any, board: ranking.Board, team: Team | None, teams: list[Team]) -> dict[str, Any]:
    metric, period = board.metric, board.period
    state: dict[str, Any] = {"metric": metric.code, "period": period.code, "by": board.by}
    state |= {"team": team.pk} if team else {}

    def link(**changed: Any) -> str:
        return "?" + urlencode({name: value for name, value in {**state, **changed}.items() if value != ""})

    later = period.next()
    return {
        "page_title": _("Leaderboard: %(metric)s") % {"metric": metric.label},
        "board": board,
        "body": drawings.table_rows(board),
        "unit": wording.unit(metric),
        "named": named(period),
        "before": named(period.previous()),
        "team": team,
        "metrics": ranking.offered(actor, board.by),
        "state": state,
        "kinds": [
            (label, link(period=_same_day(period, kind)), kind == period.kind) for kind, label in periods.KINDS.items()
        ],
        "earlier": link(period=period.previous().code),
        "later": link(period=later.code) if later.start <= clock.today() else "",
        "ways": [
            (label, link(by=by), by == board.by)
            for by, label in (("person", _("People")), ("team", _("Teams")))
            if by == board.by or metric in ranking.offered(actor, by)
        ],
        "teams": [(_("All teams"), link(team=""))] + [(each.name, link(team=each.pk)) for each in teams],
        "own_only": ranking.setting() == Ranking.OWN,
        "total": wording.shown(metric, board.total) if board.total is not None else "",
    }


def _same_day(period: Period, kind: str) -> str:
    """The period of another length around the same time: around today where today lies in it."""
    day = clock.today() if clock.today() in period else period.start
    return period.calendar.of(kind, day).code
