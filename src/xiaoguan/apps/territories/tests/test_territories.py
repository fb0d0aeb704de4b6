"""Territories: every customer finds its own, a new cut is previewed, applied and undone as one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.territories import actions, applying, drafts, placing, queries
from xiaoguan.apps.territories.models import Assignment, Placement, Recut, Territory
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import action, clock, job, undo, worker
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.models import Change, Job

from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 4, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MARCH = FiscalCalendar().parse("2026").split("month")[2]


def territory(cast: Cast, name: str, regions: str = "", **values: object) -> Territory:
    made: Territory = action.create(Territory, {"name": name, "regions": regions, **values}, actor=cast.director)
    return made


def customer(cast: Cast, name: str, city: str, **values: object) -> Customer:
    made: Customer = action.create(Customer, {"name": name, "city": city, **values}, actor=cast.seller)
    return made


def where(row: Customer) -> str:
    """The name of the territory a customer lies in."""
    held = Placement.objects.filter(customer=row, until__isnull=True).select_related("territory").first()
    return held.territory.name if held else ""


def test_customers_find_their_territory_and_keep_their_past(cast: Cast) -> None:
    steel = CustomerKind.objects.get(code="steel_company")
    with clock.at(NOON):
        a = customer(cast, "恒岑钢构", "昆山", kind=steel)
        b = customer(cast, "禾澜设计院", "杭州")
        east = territory(cast, "江苏", "江苏省")
        territory(cast, "钢构", "江苏", kinds="钢构公司")
        assert (where(a), where(b)) == ("钢构", "")
        with pytest.raises(Invalid, match="regions"):
            territory(cast, "错", "苏洲")
        with pytest.raises(Invalid, match="kinds"):
            territory(cast, "错", kinds="外星人")
    with clock.at(NOON + DAY):
        action.update(b, {"city": "苏州"}, actor=cast.seller)
        assert where(b) == "江苏"
        done = actions.name_customer(east, actor=cast.director, customer=a, reason="老客户")
        assert where(a) == "江苏"
        assert Placement.objects.get(customer=a, until=clock.today()).territory.name == "钢构"
        undo.undo(done.change, actor=cast.director)
        assert where(a) == "钢构"
        assert Placement.objects.filter(customer=a).count() == 1  # a stay taken back on its day never was
        actions.name_customer(east, actor=cast.director, customer=b, inside=False)
        assert where(b) == ""
        action.remove(a, actor=cast.seller)
        assert where(a) == ""


def test_overlaps_and_gaps_are_counted(cast: Cast) -> None:
    for number in range(3):
        customer(cast, f"恒岑{number}", "昆山")
    customer(cast, "杭州一", "杭州")
    customer(cast, "哪里", "")
    wide, near = territory(cast, "江苏", "江苏省"), territory(cast, "苏州", "苏州")
    overlaps, gaps = queries.checked(queries.cut(), cast.director)
    assert [(each.rivals, each.customers) for each in overlaps] == [((near.pk, wide.pk), 3)]
    assert {(each.region, each.customers) for each in gaps} == {("330100", 1), ("", 1)}
    assert queries.checked(queries.cut(), cast.other_seller) == ([], [])  # he sees none of them


def test_a_new_cut_is_previewed_applied_and_undone_as_one(cast: Cast) -> None:
    stage = Stage.objects.filter(outcome="open").order_by("position").first()
    with clock.at(NOON):
        a = customer(cast, "恒岑钢构", "昆山", annual_purchase=500)
        b = customer(cast, "禾澜设计院", "杭州", annual_purchase=70)
        action.create(Deal, {"customer": a, "stage": stage, "amount": 900}, actor=cast.seller)
        east, south = territory(cast, "江苏", "江苏省"), territory(cast, "浙江", "浙江省")
        for row, person in ((east, cast.seller), (south, cast.other_seller)):
            action.create(Assignment, {"territory": row, "person": person}, actor=cast.director)
    with clock.at(NOON + DAY):
        draft = {east.pk: {"regions": "无锡"}, south.pk: {"regions": "浙江省、苏州"}}
        effect = drafts.preview(draft)
        assert {pair: (each.customers, each.values[:2]) for pair, each in effect.moves.items()} == {
            (east.pk, south.pk): (1, (500, 900))
        }
        assert effect.after[cast.other_seller.pk].customers == 2
        assert (where(a), Territory.objects.get(pk=east.pk).regions) == ("江苏", "江苏省")  # nothing is stored
        with pytest.raises(Denied):
            actions.plan(draft, clock.today(), moves_owners=True, actor=cast.manager)
        with pytest.raises(Refusal):
            actions.plan({east.pk: {"regions": "江苏省"}}, clock.today(), moves_owners=False, actor=cast.director)
        done = actions.plan(draft, clock.today(), moves_owners=True, actor=cast.director)
        assert (where(a), where(b)) == ("浙江", "浙江")
        assert Customer.objects.get(pk=a.pk).owner == cast.other_seller
        assert Customer.objects.get(pk=a.pk).credited == cast.seller
        undo.undo(done.change, actor=cast.director)
        assert (where(a), Customer.objects.get(pk=a.pk).owner) == ("江苏", cast.seller)
        assert Territory.objects.get(pk=east.pk).regions == "江苏省"


def test_a_planned_cut_waits_for_its_day(cast: Cast) -> None:
    with clock.at(NOON):
        a = customer(cast, "恒岑钢构", "昆山")
        east = territory(cast, "江苏", "江苏省")
        action.create(Assignment, {"territory": east, "person": cast.seller}, actor=cast.director)
        draft = {east.pk: {"regions": "无锡", "person": cast.peer.pk}}
        actions.plan(draft, clock.today() + DAY, moves_owners=False, actor=cast.director)
        assert where(a) == "江苏"
        assert [row.state for row in actions.waiting()] == ["planned"]
    with clock.at(NOON + DAY):
        job.enqueue("territories.recut")
        worker.drain()
        assert where(a) == ""
        assert queries.responsible()[east.pk] == cast.peer
        assert queries.responsible(clock.today() - DAY)[east.pk] == cast.seller
        assert Recut.objects.get().state == "applied"
        assert not actions.waiting()


def test_many_customers_follow_a_cut_portion_by_portion(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "FEW", 2)
    monkeypatch.setattr(applying, "PORTION", 2)
    with clock.at(NOON):
        rows = [customer(cast, f"恒岑{number}", "昆山") for number in range(5)]
        east, south = territory(cast, "江苏", "江苏省"), territory(cast, "浙江", "浙江省")
        assert where(rows[0]) == ""
        worker.drain()
        assert {where(row) for row in rows} == {"江苏"}
        action.create(Assignment, {"territory": south, "person": cast.other_seller}, actor=cast.director)
    with clock.at(NOON + DAY):
        draft = {east.pk: {"regions": "无锡"}, south.pk: {"regions": "浙江省、苏州"}}
        done = actions.plan(draft, clock.today(), moves_owners=True, actor=cast.director)
        assert (where(rows[0]), Recut.objects.get().state) == ("江苏", "running")
        real, asked = applying.place, []

        def dies(*args: Any, **more: Any) -> int:
            asked.append(args)
            if len(asked) == 2:
                raise RuntimeError("pulled out")
            return real(*args, **more)

        monkeypatch.setattr(applying, "place", dies)
        worker.drain()
        assert [where(row) for row in rows] == ["浙江", "浙江", "江苏", "江苏", "江苏"]
        assert applying.under_way()[0][1] == 40
        Job.objects.filter(state="queued").update(run_after=clock.machine_now())
        worker.drain()
        assert len(asked) == 4 and Recut.objects.get().state == "applied"
        assert {(where(row), Customer.objects.get(pk=row.pk).owner) for row in rows} == {("浙江", cast.other_seller)}
        undo.undo(Change.objects.get(action="recut"), actor=cast.director)
        worker.drain()
        assert {(where(row), Customer.objects.get(pk=row.pk).owner) for row in rows} == {("江苏", cast.seller)}
        assert done.change is not None and Recut.objects.get().state == "dropped"


def test_the_map_costs_the_same_for_more_customers(cast: Cast, client: Client) -> None:
    territory(cast, "江苏", "江苏省")
    customer(cast, "恒岑钢构", "昆山", annual_purchase=5_000_000)
    client.force_login(cast.director)
    counts = []
    for more in (0, 12):
        for number in range(more):
            customer(cast, f"禾澜{number}", ("杭州", "无锡", "昆山")[number % 3])
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = client.get("/territories/map/")
        assert page.status_code == 200
        counts.append(len(asked))
    assert counts[0] >= counts[1]
    text = page.content.decode()
    assert "market-map" in text and "江苏" in text
    sent = {"regions-1": "江苏省", "on": "2020-01-01"}
    assert client.post("/territories/recut/", sent).status_code == 422
    sent = {f"regions-{Territory.objects.get().pk}": "浙江省", "on": clock.today().isoformat(), "apply": "1"}
    assert client.post("/territories/recut/", sent).status_code == 302
    assert Recut.objects.get().state == "applied"


def test_metrics_and_targets_follow_the_territory_of_the_day(cast: Cast, client: Client) -> None:
    stage, won = (Stage.objects.filter(outcome=each).order_by("position").first() for each in ("open", "after"))
    with clock.at(NOON):
        a = customer(cast, "恒岑钢构", "昆山")
        east, south = territory(cast, "江苏", "江苏省"), territory(cast, "浙江", "浙江省")
        part = territory(cast, "苏州", "苏州", parent=east)
        deal = {"customer": a, "stage": won, "expected_on": "2026-03-01"}
        action.create(Deal, {**deal, "amount": 700, "won_on": dt.date(2026, 3, 1)}, actor=cast.seller)
        cells = {(Subject("territory", row.pk), MARCH): 1000 for row in (east, south)}
        set_targets(WON_AMOUNT, cells, actor=cast.director)
        assert where(a) == "苏州"
    with clock.at(NOON + DAY):
        action.update(a, {"city": "杭州"}, actor=cast.seller)
        action.create(Deal, {**deal, "amount": 30, "won_on": dt.date(2026, 3, 3)}, actor=cast.seller)
        action.create(Deal, {**deal, "stage": stage, "amount": 5}, actor=cast.seller)
        found = figures([WON_AMOUNT], Slice(MARCH.start, MARCH.end), by=["territory"])
        assert {key[0]: found.value(WON_AMOUNT, key) for key in found.rows} == {part.pk: 700, south.pk: 30}
        client.force_login(cast.director)
        page = client.get("/insight/pivot/?by=territory&year=2026")
        table = page.context["table"]
        assert [(row.name, row.depth, row.total.value, row.target) for row in table.rows] == [
            ("江苏", 0, 700, 1000), ("苏州", 1, 700, None), ("浙江", 0, 30, 1000)
        ]  # fmt: skip
        assert table.total == 730 and "70.0%" in page.content.decode()
        for row in table.rows:
            behind = client.get(row.total.url).context
            assert behind["value"] == behind["found"].amount + behind["found"].hidden_amount == row.total.value
        with CaptureQueriesContext(connection) as few:
            assert b"territory=" in client.get(f"/territories/{east.pk}/?tab=results").content
        assert "江苏" in client.get("/targets/?year=2026").content.decode()
        for number in range(5):
            territory(cast, f"更多{number}", "安徽", parent=south)
        with CaptureQueriesContext(connection) as many:
            client.get(f"/territories/{east.pk}/?tab=results")
        assert len(many) == len(few)
        client.force_login(cast.outsider)
        assert client.get("/insight/pivot/?by=territory&year=2026").status_code == 404
        assert client.get(f"/metrics/won_amount/records/?territory={south.pk}").status_code == 404
