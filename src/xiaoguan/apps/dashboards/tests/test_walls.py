"""Walls: a link opens figures with its maker's rights and nothing else, until it ends; a win is told once."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

import pytest
from django.test import Client

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.dashboards.actions import make_link
from xiaoguan.apps.dashboards.models import Dashboard, WallLink
from xiaoguan.apps.dashboards.tests.test_dashboards import board  # noqa: F401  the dashboard of every look
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit import action, clock
from xiaoguan.kit.action import create
from xiaoguan.kit.errors import Denied

from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_link_shows_its_makers_figures_and_no_way_further(cast: Cast, board: Dashboard, client: Client) -> None:  # noqa: F811
    """The address is told once; without signing in it shows figures only; ended, revoked or unknown it shows none."""
    client.force_login(cast.director)
    made = client.post(f"/dashboards/{board.pk}/wall/", {"days": "30", "label": "Hall"})
    assert made.status_code == 200, made.content.decode()[-600:]
    page = made.content.decode()
    link = WallLink.objects.get()
    start = page.index("/wall/link/")
    address = page[start : page.index('"', start)]
    assert link.digest not in page and "/wall/link/" not in client.get(f"/dashboards/{board.pk}/wall/").content.decode()
    stranger = Client()
    shown = stranger.get(address)
    assert shown.status_code == 200 and shown["Cache-Control"] == "no-store"
    html = shown.content.decode()
    assert "Chen Siyuan" in html and "10.00" in html
    assert "/metrics/" not in html and "/dashboards/" not in html and "/deals/" not in html
    part = {"HX-Request": "true", "HX-Target": "wall"}
    assert stranger.get(address, headers=part).status_code == 200
    with pytest.raises(Denied):
        make_link(board, days=30, actor=cast.again("seller"))
    client.post(f"/wall/links/{link.pk}/end/")
    assert stranger.get(address).status_code == 404
    ended = stranger.get(address, headers=part)
    assert ended.status_code == 200 and "Chen Siyuan" not in ended.content.decode()
    row, key = make_link(board, days=1, actor=cast.again("director"))
    assert stranger.get(f"/wall/link/{key}/").status_code == 200
    WallLink.objects.filter(pk=row.pk).update(expires_at=clock.now() - dt.timedelta(seconds=1))
    assert stranger.get(f"/wall/link/{key}/").status_code == 404
    assert stranger.get("/wall/link/nobody/").status_code == 404
    _row, key = make_link(board, days=1, actor=cast.again("manager"))
    cast.manager.is_active = False
    cast.manager.save(update_fields=["is_active"])
    assert stranger.get(f"/wall/link/{key}/").status_code == 404


def test_a_win_is_told_once_as_far_as_its_reader_sees(cast: Cast, board: Dashboard, client: Client) -> None:  # noqa: F811
    """The banner names seller and amount of what was won since the last look; who may not see the deal gets none."""
    since = (clock.now() - dt.timedelta(minutes=1)).isoformat()
    customer = create(Customer, {"name": "Hall Works"}, actor=cast.seller)
    won = Stage.objects.get(code="after_sales")
    values = {"name": "Hall", "customer": customer, "stage": won, "amount": 30_000_000, "won_on": clock.today()}
    deal = create(Deal, values, actor=cast.seller)
    client.force_login(cast.director)
    said = client.get(f"/wall/{board.pk}/", {"since": since}).content.decode()
    assert "Chen Siyuan" in said and "wall-wins" in said and "30" in said
    later = (clock.now() + dt.timedelta(minutes=1)).isoformat()
    for moment in (later, "", "nonsense"):
        assert "wall-wins" not in client.get(f"/wall/{board.pk}/", {"since": moment}).content.decode()
    client.force_login(cast.other_seller)
    assert "wall-wins" not in client.get(f"/wall/{board.pk}/", {"since": since}).content.decode()
    role = cast.again("director").roles.get()
    action.update(role, {"masks": {"opportunities.deal": ["amount"]}}, actor=cast.system)
    client.force_login(cast.director)
    masked = client.get(f"/wall/{board.pk}/", {"since": since}).content.decode()
    assert "wall-wins" in masked and "30.00" not in masked and urlsplit(f"/deals/{deal.pk}/").path not in masked
