"""Dashboards: each reader's own figures, few statements, arranging with a way back, files, who may share."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xiaoguan.apps.dashboards import groups, looking, looks, periods, tiles
from xiaoguan.apps.dashboards.actions import arrange
from xiaoguan.apps.dashboards.answers import Answers
from xiaoguan.apps.dashboards.models import Dashboard
from xiaoguan.apps.dashboards.tests.test_leaderboard import credit
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.subject import COMPANY
from xiaoguan.apps.metrics.dimensions import Part
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import access, action, clock, memo, undo
from xiaoguan.kit.errors import Refusal
from xiaoguan.kit.models.credit import Credit

from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROWS: list[dict[str, Any]] = [
    {"look": "number", "metrics": ["won_amount"]},
    {"look": "number", "metrics": ["leads"], "against": "year"},
    {"look": "number", "metrics": ["win_rate"], "against": "none"},
    {"look": "gauge", "metrics": ["won_amount"]},
    {"look": "columns", "metrics": ["won_amount"], "by": "time"},
    {"look": "line", "metrics": ["won_count", "leads"], "by": "time"},
    {"look": "stack", "metrics": ["won_amount"], "by": "unit"},
    {"look": "bars", "metrics": ["won_amount"], "by": "person"},
    {"look": "columns", "metrics": ["won_amount", "receipts"], "by": "unit"},
    {"look": "funnel", "metrics": ["leads", "won_count"]},
    {"look": "table", "metrics": ["won_amount", "won_count", "win_rate"], "by": "person"},
    {"look": "leaderboard", "metrics": ["won_amount"], "by": "person"},
]


def made(*rows: dict[str, Any]) -> list[tiles.Tile]:
    """Sound tiles with ids."""
    found: list[tiles.Tile] = []
    for row in rows:
        found = tiles.put(found, tiles.sound(row))
    return found


@pytest.fixture
def board(cast: Cast) -> Dashboard:
    """Everybody's dashboard of the director's with a tile of every kind; 500, 300 and 200 are won this month."""
    month = periods.running("month")
    amounts = [(cast.seller, 500), (cast.peer, 300), (cast.other_seller, 200)]
    rows = [credit(who, amount, month.start) for who, amount in amounts]
    rows += [credit(who, 0, month.start, "lead_received") for who, _amount in amounts]
    rows += [credit(cast.seller, 400, month.previous().start)]
    Credit.objects.bulk_create(rows)
    set_targets(WON_AMOUNT, {(COMPANY, month): 2000}, actor=cast.director)
    values = {"name": "Sales", "about": "company", "audience": "all", "tiles": [each.plain() for each in made(*ROWS)]}
    return action.create(Dashboard, values, actor=cast.director)  # type: ignore[no-any-return]


def drawn(actor: Any, dashboard: Dashboard, who: str = "", time: str = "") -> list[looks.Drawn]:
    """What one reader sees."""
    return looks.draw_all(dashboard.arranged, Answers(looking.look(actor, dashboard, who, time)))


def values(each: looks.Drawn) -> list[int | None]:
    """The first figures of the table behind a tile."""
    assert each.sheet is not None
    return [cells[0].value for _name, cells in each.sheet.lines]


def test_every_look_by_hand(cast: Cast, board: Dashboard) -> None:
    """Drawings and the tables behind them say what the credits say."""
    seen = drawn(cast.again("director"), board)
    assert [values(seen[place]) for place in (0, 1, 2, 3)] == [[1000], [3], [100_000], [1000]]
    assert sum(value or 0 for value in values(seen[4])) == 1000
    assert seen[3].sheet is not None and seen[3].sheet.lines[0][1][1].value == 2000, "the company's target"
    assert seen[6].sheet is not None and [cell.value for cell in seen[6].sheet.sums] == [800, 200]
    assert values(seen[7]) == [500, 300, 200]
    assert values(seen[8]) == [800, 200]
    assert values(seen[9]) == [3, 3]
    assert seen[10].sheet is not None and [cell.value for cell in seen[10].sheet.sums] == [1000, 3, 100_000]
    assert values(seen[11])[:3] == [500, 300, 200]
    alone = drawn(cast.again("director"), board, f"person:{cast.seller.pk}", "last_month")
    assert values(alone[0]) == [400]
    team = drawn(cast.again("director"), board, f"team:{cast.wolves.pk}")
    assert values(team[0]) == [200]


def test_the_readers_rights_decide(cast: Cast, board: Dashboard, client: Client) -> None:
    """The same dashboard: what is for all is the same, what is one's own is one's own, what is masked is masked."""
    own = drawn(cast.again("seller"), board)
    assert values(own[0]) == [1000], "won amounts are for everybody"
    assert values(own[1]) == [1] and own[1].note, "leads are one's own, and the tile says so"
    manager = drawn(cast.again("manager"), board)
    assert values(manager[1]) == [2]
    role = Role.objects.get(code="salesperson")
    action.update(role, {"masks": {"opportunities.deal": ["amount"]}}, actor=cast.system)
    hidden = drawn(cast.again("seller"), board)
    assert all(each.sheet is None for each in (hidden[0], hidden[3], hidden[7], hidden[11]))
    assert values(hidden[1]) == [1]
    client.force_login(cast.seller)
    page = client.get(f"/dashboards/{board.pk}/").content.decode()
    assert (
        "1,000" not in page.replace("tile-1,000", "") and client.get(f"/dashboards/{board.pk}/file/").status_code == 200
    )
    assert client.get(f"/dashboards/{board.pk}/?who=person:{cast.peer.pk}").status_code == 404
    assert client.get(f"/dashboards/{board.pk}/?who=team:{cast.tigers.pk}").status_code == 404
    assert client.get(f"/dashboards/{board.pk}/?period=2026-99").status_code == 404


def test_twelve_tiles_in_few_statements(cast: Cast, board: Dashboard) -> None:
    """Cold in one query per days and cut; warm in none of figures, until a record behind them is written."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            drawn(director, board)
        return sum("kit_credit" in query["sql"] for query in asked.captured_queries)

    director = cast.again("director")
    memo.forget()
    assert statements() <= 9, "seven of days and cuts, two of the leaderboard"
    assert statements() == 0
    client = Client()
    client.force_login(cast.director)
    client.get(f"/dashboards/{board.pk}/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/dashboards/{board.pk}/").status_code == 200
    assert len(asked.captured_queries) <= 14, [query["sql"][:90] for query in asked.captured_queries]


def test_arranging_and_the_way_back(cast: Cast, board: Dashboard, client: Client) -> None:
    """Order, size and taking away are stored at once and undone as one; whoever only looks can't."""
    client.force_login(cast.director)
    url = f"/dashboards/{board.pk}/layout/"
    before = board.tiles

    def stored() -> list[dict[str, Any]]:
        return Dashboard.objects.get(pk=board.pk).tiles  # type: ignore[no-any-return]

    client.post(url, {"order": "t3,t1"}, headers={"HX-Request": "true"})
    assert [tile["id"] for tile in stored()[:3]] == ["t3", "t1", "t2"]
    client.post(url, {"tile": "t3", "width": "7", "height": "9"})
    assert (stored()[0]["width"], stored()[0]["height"]) == (6, 3)
    for step in ("later", "wider", "lower", "remove"):
        answer = client.post(url, {"tile": "t3", "step": step}, headers={"HX-Request": "true"})
        assert (answer.status_code, "undo" in answer["HX-Trigger"]) == (204, True)
    assert len(stored()) == len(before) - 1
    row = Dashboard.objects.get(pk=board.pk)
    change = arrange(row, tiles.read(before), actor=cast.director).change
    assert change is not None
    undo.undo(change, actor=cast.director)
    assert len(stored()) == len(before) - 1
    client.force_login(cast.seller)
    assert client.post(url, {"order": "t2"}).status_code == 403
    assert "data-layout" not in client.get(f"/dashboards/{board.pk}/?arrange=1").content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_adding_a_tile(cast: Cast, board: Dashboard, client: Client, language: str) -> None:
    """The preview follows the choices, a mistake is explained, posting puts it at the end."""
    client.force_login(cast.director)
    url, said = f"/dashboards/{board.pk}/tile/", {"accept-language": language}
    chosen = {"metrics": ["won_amount"], "look": "bars", "by": "person", "was": "number"}
    assert client.get(url, headers=said).status_code == 200
    assert b"data-chart" in client.get(url, chosen, headers=said).content
    wrong = client.post(url, {**chosen, "look": "stack", "metrics": ["win_rate"]}, headers=said)
    assert wrong.status_code == 422 and b"field-error" in wrong.content
    assert client.post(url, chosen, headers=said).status_code == 302
    last = Dashboard.objects.get(pk=board.pk).tiles[-1]
    assert (last["look"], last["metrics"], last["id"]) == ("bars", ["won_amount"], "t13")
    changed = client.post(url, {**chosen, "tile": "t13", "was": "bars", "width": "12", "title": "Who"}, headers=said)
    assert changed.status_code == 302
    row = Dashboard.objects.get(pk=board.pk)
    assert (row.tiles[-1]["title"], row.tiles[-1]["width"], len(row.tiles)) == ("Who", 12, 13)
    with pytest.raises(ValidationError):
        tiles.check_all([{"id": "x", "look": "pie"}])


def test_one_sheet_per_tile(cast: Cast, board: Dashboard, client: Client) -> None:
    """The workbook holds what the tables behind the tiles hold, money in yuan."""
    client.force_login(cast.director)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/dashboards/{board.pk}/file/").content))
    assert len(book.sheet_names) == len(ROWS)
    assert len({name.casefold() for name in book.sheet_names}) == len(ROWS)
    bars = book.get_sheet_by_name(book.sheet_names[7]).to_python()
    assert [row[1] for row in bars[1:4]] == [5, 3, 2]


def test_who_may_share(cast: Cast, board: Dashboard) -> None:
    """Sellers build for themselves; who leads shares with roles; a shared one is looked at, copied, not changed."""
    values = {"name": "Mine", "audience": "all"}
    with pytest.raises(Refusal):
        action.create(Dashboard, values, actor=cast.again("seller"))
    own = action.create(Dashboard, {"name": "Mine"}, actor=cast.again("seller"))
    with pytest.raises(Refusal):
        action.update(own, {"audience": "all"}, actor=cast.again("seller"))
    role = str(Role.objects.get(code="salesperson").pk)
    shared = {"name": "Ours", "audience": "roles", "roles": [role]}
    ours = action.create(Dashboard, shared, actor=cast.again("manager"))
    seen = {part: set(access.visible(Dashboard, cast.again(part))) for part in ("seller", "finance", "peer")}
    assert ours in seen["seller"] and ours not in seen["finance"]
    assert own in seen["seller"] and own not in seen["peer"]
    assert not access.may(cast.again("seller"), "change", board)
    copied = Dashboard.entity.actions["copy_board"](board, actor=cast.again("seller")).result
    assert (copied.owner, copied.audience, copied.tiles) == (cast.seller, "private", board.tiles)


def test_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A running period is compared with as many days of the one before; a cut counts each key once."""
    at: Callable[[], dt.date] = lambda: dt.date(2026, 3, 30)  # noqa: E731
    monkeypatch.setattr(clock, "today", at)
    month = periods.stretch("this_month")
    assert (month.before().first, month.before().last) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert month.year_before().last == dt.date(2025, 3, 30)
    assert periods.stretch("last_month").before().last == dt.date(2026, 1, 31)
    own = periods.stretch("2026-03-01..2026-03-10")
    assert (own.before().first, own.grain, len(own.points)) == (dt.date(2026, 2, 19), "day", 10)
    assert (len(periods.stretch("last_12_months").points), periods.stretch("2026-Q1").grain) == (12, "week")
    parts = [Part("All", (1, 2, 3), {"team": 1}), Part("A", (2,), {"team": 2}, depth=1)]
    found = groups.disjoint(parts, {1, 2, 3})
    assert [(each.name, set(each.keys), each.query) for each in found] == [
        ("All", {1, 3}, None),
        ("A", {2}, {"team": 2}),
    ]
