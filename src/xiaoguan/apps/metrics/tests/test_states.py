"""What is measured each night: a state with a past, quality and retention by hand, market shares."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.metrics import readings
from xiaoguan.apps.metrics.models import MarketSize
from xiaoguan.apps.metrics.pages import behind
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Product, Stage
from xiaoguan.kit import clock, job, worker
from xiaoguan.kit.action import create, update
from xiaoguan.kit.models.credit import Credit

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def _month(today: dt.date) -> Slice:
    return Slice(today.replace(day=1), today)


def _measure() -> None:
    job.enqueue(readings.KIND)
    worker.drain()


def _values(where: Slice, *codes: str) -> dict[str, Any]:
    told = [metrics[code] for code in codes]
    found = figures(told, where)
    return {code: found.value(metrics[code]) for code in codes}


def _lists(page: Any) -> dict[str, int]:
    """The lists a drill-down opens, with how many records each has today."""
    return {each.label: each.count for each in page.context["measured"]["lists"]}


@pytest.fixture
def kept(cast: Cast) -> Cast:
    """Two customers of the seller: one looked after with right values, one bare with a wrong number."""
    base = {"owner": cast.seller}
    good = create(Customer, {**base, "name": "Good", "phone": "0512-55551234", "province": "江苏省"}, actor=cast.seller)
    bare = create(Customer, {**base, "name": "Bare", "phone": "12"}, actor=cast.seller)
    create(Contact, {"customer": bare, "name": "Li", "email": "li@nowhere"}, actor=cast.seller)
    create(FollowUp, {**base, "customer": good, "kind": "call"}, actor=cast.seller)
    late = clock.now() - dt.timedelta(days=5)
    create(FollowUp, {**base, "customer": good, "kind": "call", "happened_at": late}, actor=cast.seller)
    return cast


def test_quality_is_a_metric(kept: Cast, client: Client) -> None:
    """Right values, touch and promptness by hand; measured again after a change; page and drill-down tell it."""
    today = clock.today()
    where = _month(today)
    _measure()
    found = _values(where, "record_accuracy", "record_timeliness", "record_completeness", "record_duplicates")
    assert found["record_accuracy"] == 50_000  # phone and place right, number and mail wrong
    assert found["record_timeliness"] == 50_000 and found["record_duplicates"] == 0
    assert 0 < (found["record_completeness"] or 0) < 100_000
    if today.day > 5:
        assert _values(where, "followups_prompt") == {"followups_prompt": 50_000}
    bare = Customer.objects.get(name="Bare")
    update(bare, {"phone": "021-88886666"}, actor=kept.seller)
    assert _values(where, "record_accuracy") == {"record_accuracy": 50_000}
    _measure()
    assert _values(where, "record_accuracy") == {"record_accuracy": 75_000}
    mine = Credit.objects.filter(entity=readings.ENTITY, fact="values_right")
    assert {credit.unit_id for credit in mine} == {kept.tigers.pk}
    parts = behind(kept.again("director"), metrics["record_accuracy"], where)
    assert sum(parts.exact(metrics["record_accuracy"].measure)) == 3 and not parts.hidden_count
    assert client.login(username="manager", password=PASSWORD)
    page = client.get(reverse("insight:quality"), headers={"accept-language": "en"})
    assert page.status_code == 200 and "Record accuracy" in page.content.decode()
    lines = client.get(reverse("metrics:records", args=["record_accuracy"]), headers={"accept-language": "en"})
    assert "As measured for" in lines.content.decode()
    assert _lists(lines) == {"Customers with a wrong value": 1}
    opened = client.get(lines.context["measured"]["lists"][0].url)
    assert [row.name for row in opened.context["listing"].rows] == ["Bare"]
    update(Contact.objects.get(), {"email": "li@nowhere.example"}, actor=kept.seller)
    again = client.get(lines.request["PATH_INFO"], headers={"accept-language": "en"})
    assert _lists(again) == {"Customers with a wrong value": 0}, "what is corrected is gone at once"
    if today.day > 5:
        late = client.get(reverse("metrics:records", args=["followups_prompt"]), headers={"accept-language": "en"})
        assert _lists(late) == {"Follow-ups written down later than the day after": 1, "Follow-ups of the month": 2}
    quiet = client.get(reverse("metrics:records", args=["record_timeliness"]), headers={"accept-language": "en"})
    assert _lists(quiet) == {"Customers nobody was in touch with for 90 days": 1, "Customers looked after": 2}


@pytest.mark.once
def test_reports_are_in_time_by_the_working_calendar(cast: Cast) -> None:
    """A visit of Friday may be written down until Monday evening; one that another person enters is nobody's delay."""
    friday = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    customer = create(Customer, {"owner": cast.seller, "name": "Works"}, actor=cast.seller)
    for day, actor, kind in ((23, cast.seller, "visit"), (24, cast.seller, "call"), (27, cast.manager, "meeting"),
                             (27, cast.seller, "message")):  # fmt: skip
        with clock.at(friday.replace(day=day)):
            values = {"customer": customer, "owner": cast.seller, "kind": kind, "happened_at": friday}
            create(FollowUp, values | {"credited": cast.seller}, actor=actor)
    found = figures([metrics["report_on_time"]], Slice(friday.date(), friday.date()), by=["person"])
    assert found.value(metrics["report_on_time"], (cast.seller.pk,)) == 66_667
    late = FollowUp.objects.get(kind="call")
    update(late, {"happened_at": friday.replace(day=23)}, actor=cast.seller)
    month = Slice(friday.date(), friday.date().replace(day=30))
    assert figures([metrics["report_on_time"]], month).value(metrics["report_on_time"]) == 100_000


@pytest.mark.once
def test_who_stays_and_what_moves(cast: Cast, client: Client) -> None:
    """Of two customers of the year before one bought again; the stages a deal left are told with their days."""
    today = clock.today()
    won = Stage.objects.get(code="after_sales")
    for name, years in (("Stays", (1, 0)), ("Leaves", (1,))):
        customer = create(Customer, {"owner": cast.seller, "name": name}, actor=cast.seller)
        for back in years:
            day = today - dt.timedelta(days=400 * back + 2)
            values = {"customer": customer, "owner": cast.seller, "stage": won, "won_on": day, "opened_on": day}
            create(Deal, {**values, "name": f"{name} {back}", "amount": 100}, actor=cast.seller)
    stages = list(Stage.objects.filter(pipeline=won.pipeline_id, outcome="open").order_by("position")[:2])
    deal = create(Deal, {"owner": cast.seller, "name": "Moves", "stage": stages[0]}, actor=cast.seller)
    update(Deal.objects.get(pk=deal.pk), {"stage": stages[1]}, actor=cast.seller)
    update(Deal.objects.get(pk=deal.pk), {"owner": cast.peer}, actor=cast.manager)  # the seller moved it on
    _measure()
    found = _values(_month(today), "retention", "stages_forward", "stage_days")
    assert found == {"retention": 50_000, "stages_forward": 1, "stage_days": 0}
    assert client.login(username="manager", password=PASSWORD)
    wanted = {
        "retention": {"Customers who bought again": 1, "Customers who did not buy again": 1,
                      "Customers who bought in the twelve months before": 2},
        "stages_forward": {"Stages deals went on from": 1},
        "stage_days": {"Stages left by deals": 1},
    }  # fmt: skip
    for code, lists in wanted.items():
        at = reverse("metrics:records", args=[code]) + f"?person={cast.seller.pk}"
        assert _lists(client.get(at, headers={"accept-language": "en"})) == lists, code
    page = reverse("insight:metric", args=["stages_forward"])
    for whose in ("", f"&team={cast.tigers.pk}", f"&person={cast.seller.pk}"):
        told = client.get(f"{page}?by=stage{whose}")
        assert [str(line["value"]) for line in told.context["lines"]] == ["1"], whose
        assert str(told.context["value"]) == "1"
    assert client.get(told.context["lines"][0]["url"]).context["listing"].rows
    assert not client.get(f"{page}?by=stage&person={cast.peer.pk}").context["lines"]
    assert client.get(f"{page}?by=stage&period=day").context["by"].code == "person"
    assert client.get(f"{reverse('insight:metric', args=['won_count'])}?by=stage").status_code == 404


@pytest.mark.once
def test_market_share(cast: Cast, client: Client) -> None:
    """Ours of a province and a series, what the wanted share means in money, and the whole as a metric."""
    today = clock.today()
    lamp = create(Product, {"name": "spot", "category": "lamps"}, actor=cast.administrator)
    customer = create(Customer, {"owner": cast.seller, "name": "C", "province": "江苏省"}, actor=cast.seller)
    won = {"stage": Stage.objects.get(code="after_sales"), "won_on": today, "opened_on": today, "owner": cast.seller}
    create(Deal, {**won, "customer": customer, "name": "a", "amount": 30_000_00, "product": lamp}, actor=cast.seller)
    create(Deal, {**won, "customer": customer, "name": "b", "amount": 10_000_00}, actor=cast.seller)
    for region, series, size in (("", "", 4_000_000_00), ("320500", "", 400_000_00), ("320000", "lamps", 100_000_00)):
        values = {"year": today.year, "region": region, "category": series, "amount": size, "target": 40_000}
        create(MarketSize, values, actor=cast.director)
    assert client.login(username="manager", password=PASSWORD)
    page = client.get(reverse("metrics:market"), headers={"accept-language": "en"})
    told = {str(line["name"]): line for line in page.context["lines"]}
    assert [str(line["share"]) for line in told.values()] == ["1.0%", "10.0%", "30.0%"]
    lamps = next(line for name, line in told.items() if "lamps" in name)
    assert "40.0" in str(lamps["aim"]) and "10.0" in str(lamps["left"])
    assert client.get(lamps["records"]).context["found"].amount == 30_000_00
    worker.drain()
    where = Slice(today.replace(day=1), today)
    twelfth = 4_000_000_00 / 12
    assert abs((metrics_value(where) or 0) - round(40_000_00 * 100_000 / twelfth)) <= 1
    assert client.login(username="seller", password=PASSWORD)
    assert client.get(reverse("metrics:market")).status_code == 404


def metrics_value(where: Slice) -> int | None:
    """The market share of some days."""
    return figures([metrics["market_share"]], where).value(metrics["market_share"])
