"""One person, one month: every page, file and program says the same figure and the same target."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.dashboards import tiles
from xiaoguan.apps.dashboards.models import Dashboard
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.insight import outlook
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit import action, clock
from xiaoguan.kit.action import create

from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TODAY = dt.date(2026, 11, 18)
AMOUNTS = ((3, 12_345_678), (9, 100_001), (17, 77_777_777))
DONE, TARGET = sum(amount for _day, amount in AMOUNTS), 123_456_700
EN = {"accept-language": "en"}


@pytest.fixture
def sold(cast: Cast) -> Cast:
    """Three odd amounts of the seller's this month, one the month before, one of a colleague's; his target."""
    won = Stage.objects.get(code="after_sales")
    rows = [(cast.seller, dt.date(2026, 11, day), amount) for day, amount in AMOUNTS]
    rows += [(cast.seller, dt.date(2026, 10, 30), 5_555_555), (cast.peer, dt.date(2026, 11, 4), 44_444_444)]
    for who, day, amount in rows:
        with clock.at(dt.datetime.combine(day, dt.time(10), tzinfo=clock.zone())):
            customer = create(Customer, {"name": f"{who.name} {day}", "owner": who}, actor=who)
            values = {"customer": customer, "owner": who, "stage": won, "amount": amount, "name": f"Hall {amount}"}
            create(Deal, {**values, "opened_on": day, "won_on": day}, actor=who)
    set_targets(WON_AMOUNT, {(Subject("person", cast.seller.pk), calendar().month(TODAY)): TARGET}, actor=cast.director)
    return cast


def test_every_page_says_the_same(sold: Cast, client: Client) -> None:
    """902.2 k of 1,234.6 k at home, on the board, in explorer, pivot, leaderboard, briefing, file and API."""
    pk, director = sold.seller.pk, sold.director
    month = calendar().month(TODAY)
    rows = [{"look": "gauge", "metrics": ["won_amount"]}, {"look": "table", "metrics": ["won_amount"], "by": "person"}]
    made: list[tiles.Tile] = []
    for row in rows:
        made = tiles.put(made, tiles.sound(row))
    with clock.at(dt.datetime.combine(TODAY, dt.time(10), tzinfo=clock.zone())):
        values = {"name": "Same", "about": "company", "tiles": [tile.plain() for tile in made]}
        board = action.create(Dashboard, values, actor=director)
        assert outlook.of_people(director, month, [pk])[pk].done == DONE
        definition = Definition.objects.get(code="won_amount").pk
        both = {
            f"/homes/people/{pk}/": True,
            f"/dashboards/{board.pk}/?who=person:{pk}&period=2026-11": True,
            f"/metrics/won_amount/?period=2026-11&person={pk}": True,
            f"/metrics/won_amount/records/?first=2026-11-01&last=2026-11-30&person={pk}": False,
            "/insight/pivot/?metric=won_amount&year=2026": False,
            "/leaderboard/?metric=won_amount&period=2026-11": False,
        }
        assert client.login(username="director", password=PASSWORD)
        for address, aimed in both.items():
            said = client.get(address, headers=EN).content.decode().replace("\N{NO-BREAK SPACE}", " ")
            assert "902.2" in said, address
            assert "1,234.6" in said or not aimed, address
        book = client.get(f"/dashboards/{board.pk}/file/?who=person:{pk}&period=2026-11").content
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
        assert sheet[1][1:3] == [DONE / 100, TARGET / 100]
        client.force_login(sold.administrator)
        told = client.get(f"/api/v1/metric-definitions/{definition}/figures?by=person&from=2026-11-01&to=2026-11-30")
        assert str(DONE) in told.content.decode()
        client.force_login(director)
        grid = client.get("/targets/?metric=won_amount&year=2026", headers=EN).content.decode()
        assert "1,234.6" in grid or "1234.567" in grid
        assert client.login(username="seller", password=PASSWORD)
        for address in ("/", "/briefing/?kind=month&of=2026-11"):
            said = client.get(address, headers=EN).content.decode().replace("\N{NO-BREAK SPACE}", " ")
            assert "902.2" in said and "1,234.6" in said, address
