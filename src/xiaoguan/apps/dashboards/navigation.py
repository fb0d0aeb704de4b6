"""Where dashboards stand, what their list says while it is empty, and how a change of tiles reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.dashboards import ranking, tiles
from xiaoguan.apps.dashboards.models import Dashboard
from xiaoguan.apps.org.role_grid import FURTHER
from xiaoguan.kit import access, history, nav, views
from xiaoguan.kit.history import Difference
from xiaoguan.kit.pages import emptiness


def reads_figures(actor: Any) -> bool:
    """Whether somebody reads any figures at all."""
    return access.grants(actor).scope("metrics.figures", "view") != "none"


def ranks(actor: Any) -> bool:
    """Whether somebody has a leaderboard."""
    return reads_figures(actor) and ranking.shown_at_all()


@history.tell("dashboards.dashboard", "tiles")
def told(_reader: Any, before: Any, after: Any) -> Iterable[Difference]:
    """The tiles by their names; what moved or changed its size is said in one word."""
    was, now = (tiles.read(each or []) for each in (before, after))
    names = [[tile.heading for tile in row] for row in (was, now)]
    label = gettext("Tiles")
    if sorted(names[0]) != sorted(names[1]):
        gone = [name for name in names[0] if name not in names[1]]
        added = [name for name in names[1] if name not in names[0]]
        yield Difference("tiles", label, _list(gone, len(was)), _list(added, len(now)))
    elif was != now:
        yield Difference("tiles", label, SafeString("—"), format_html("{}", gettext("arranged anew")))


def _list(names: list[str], count: int) -> SafeString:
    if names:
        return format_html("{}", gettext(", ").join(names))
    return format_html("{}", ngettext("%(n)d tile", "%(n)d tiles", count) % {"n": count})


FURTHER["dashboards.dashboard"] = {"publish": _("show to others, hang on a wall")}
nav.page("insight", _("Dashboards"), "boards:index", icon="layout-grid", position=5, shown=reads_figures)
nav.page("insight", _("Leaderboard"), "boards:leaderboard", icon="trophy", position=20, shown=ranks)
views.view(Dashboard, "all", _("All"), "sort=name", position=10)
views.view(Dashboard, "mine", _("My own"), "owner=me&sort=name", position=20)
emptiness.teach(
    Dashboard,
    _(
        "A dashboard is a page of tiles: a metric, how to look at it, its place. Make one, or open one that was shared "
        "with you; everybody sees on it just the figures his own rights allow."
    ),
)
