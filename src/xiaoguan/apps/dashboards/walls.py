"""What hangs on a wall: the boards it turns through, with whose rights, and the deals won since it was last drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from xiaoguan.apps.dashboards import looking, looks
from xiaoguan.apps.dashboards.answers import Answers
from xiaoguan.apps.dashboards.models import Dashboard, WallLink
from xiaoguan.apps.dashboards.models.link import digest_of
from xiaoguan.apps.dashboards.sharing import may_share
from xiaoguan.apps.opportunities.models import Deal, StageEntry, Status
from xiaoguan.kit import access, clock

COLUMNS = 12
DENSE = 5
"""More rows than this are drawn smaller, so that a screen shows them all."""
LONGEST = timedelta(hours=2)
"""A wall that slept longer tells no old wins."""
WINS = 3


@dataclass(frozen=True)
class Wall:
    """Boards in their turn, for whoever has signed in or, through a link, with its maker's rights and no more."""

    actor: Any
    boards: list[Dashboard]
    link: WallLink | None = None

    def at(self, turn: int) -> Dashboard:
        """The board of a turn."""
        return self.boards[turn % len(self.boards)]

    def drawn(self, board: Dashboard) -> list[looks.Drawn]:
        """Its tiles; behind a link no figure leads anywhere."""
        look = looking.look(self.actor, board, "", "")
        look.opens = self.link is None
        return looks.draw_all(board.arranged, Answers(look))


def of_boards(actor: Any, first: Dashboard, also: list[int]) -> list[Dashboard]:
    """The first board and the others an actor may look at, in the order named."""
    rows = {row.pk: row for row in access.visible(Dashboard, actor).filter(pk__in=also)}
    return [first, *(rows[pk] for pk in dict.fromkeys(also) if pk in rows and pk != first.pk)]


def by_key(key: str) -> Wall | None:
    """The wall a key opens: while the link holds and its maker still may share what it shows."""
    link = WallLink.objects.filter(digest=digest_of(key)).select_related("dashboard", "owner").first()
    if link is None or not link.holds(clock.now()):
        return None
    maker = link.owner
    if maker is None or not maker.is_active or not may_share(maker):
        return None
    if not access.visible(Dashboard, maker).filter(pk=link.dashboard_id).exists():
        return None
    return Wall(maker, of_boards(maker, link.dashboard, link.also), link)


def rows_of(board: Dashboard) -> int:
    """How many rows of the grid its tiles take."""
    rows, left, tallest = 0, 0, 0
    for tile in board.arranged:
        if tile.width > left:
            rows, left, tallest = rows + tallest, COLUMNS, 0
        left -= tile.width
        tallest = max(tallest, tile.height)
    return rows + tallest


def wins(actor: Any, since: datetime) -> list[Deal]:
    """Deals that were won after a moment, as the actor may see them: newest first, an amount only where it is told."""
    now = clock.now()
    entered = StageEntry.objects.filter(entered_at__gt=max(since, now - LONGEST), entered_at__lte=now)
    recently = clock.today() - timedelta(days=1)
    rows = access.visible(Deal, actor).filter(status=Status.WON, won_on__gte=recently)
    found = rows.filter(pk__in=entered.values("deal")).select_related("owner").order_by("-won_on", "-pk")
    return access.covered(actor, *found[:WINS])
