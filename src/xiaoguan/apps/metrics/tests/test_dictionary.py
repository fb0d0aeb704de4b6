"""The dictionary as data: versions by day, mistakes explained, every figure opens what it is made of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.metrics import crediting, dimensions, versions
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.pages import behind
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import ABOUT, Metric, Slice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit import bulk, clock, history, job, undo, worker
from xiaoguan.kit.action import create, remove, update
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models.change import ChangeRow
from xiaoguan.kit.models.credit import Credit

from tests.cast import PASSWORD, Cast
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
JAN, FEB, MAR = ((dt.date(2026, month, 1), dt.date(2026, month, 28)) for month in (1, 2, 3))


@pytest.fixture
def sold(cast: Cast) -> Cast:
    """The company having sold."""
    return sell(cast)


def sell(cast: Cast) -> Cast:
    """Two sellers, customers of two tiers, deals won and lost in January, February and March, some of them again."""
    won, lost = Stage.objects.get(code="after_sales"), Stage.objects.get(code="lost")
    kind = CustomerKind.objects.order_by("pk").first()
    for number, seller in enumerate((cast.seller, cast.other_seller)):
        base = {"owner": seller, "tier": "AB"[number], "source": "tender", "province": "江苏省"}
        regular = create(Customer, {**base, "name": f"{seller.name} Works", "kind": kind}, actor=seller)
        other = create(Customer, {"owner": seller, "name": f"{seller.name} Site"}, actor=seller)
        for month, customer in ((1, regular), (2, regular), (2, other), (3, regular)):
            day = dt.date(2026, month, 10 + number)
            values = {
                "customer": customer,
                "owner": seller,
                "opened_on": dt.date(2026, 1, 2),
                "amount": 1000_00 * month,
            }
            stage = lost if (month, customer) == (3, regular) else won
            ended = {"lost_on" if stage is lost else "won_on": day}
            create(Deal, {**values, **ended, "stage": stage, "name": f"{month}"}, actor=seller)
        create(FollowUp, {"customer": other, "owner": seller, "kind": "meeting"}, actor=seller)
    return cast


def _define(cast: Cast, **values: Any) -> Definition:
    known = {"name": "Our figure", "code": "ours", "counts": "won", "how": "count"}
    return create(Definition, {**known, **values}, actor=cast.administrator)


def _value(metric: Metric, span: tuple[dt.date, dt.date], **more: Any) -> int | None:
    return figures([metric], Slice(*span, **more)).value(metric)


@pytest.mark.once
def test_last_years_score_can_be_recomputed(sold: Cast) -> None:
    """Another formula counts from its day: a period that began before is computed as it was, alone or in a row."""
    row = _define(sold)
    Definition.objects.filter(pk=row.pk).update(created_at=clock.now() - dt.timedelta(days=400))
    row.refresh_from_db()
    assert _value(metrics["ours"], JAN) == 2
    change = {"counts": "won lost", "counts_from": dt.date(2026, 3, 1), "why": "lost ones are work too"}
    done = update(Definition.objects.get(pk=row.pk), change, actor=sold.administrator).change
    assert [(each.counts, each.counts_from, each.set_by) for each in row.history()] == [
        ("won", None, sold.administrator),
        ("won lost", dt.date(2026, 3, 1), sold.administrator),
    ]
    ours = metrics["ours"]
    with translation.override("en"):
        told = versions.told(row, ours, sold.administrator)
    assert [(each.now, each.why, each.changed) for each in told] == [
        (True, "lost ones are work too", ["“Lost” counts too."]),
        (False, "", []),
    ]
    assert (_value(ours, JAN), _value(ours, FEB), _value(ours, MAR)) == (2, 4, 2)
    rows = ChangeRow.objects.filter(entity="metrics.definition", object_id=row.pk).order_by("-id")[:1]
    with translation.override("en"):  # its history tells words, not codes
        found = history.Reader(Definition.entity, sold.administrator, rows).differences(rows[0])
        assert {(each.before, each.after) for each in found if each.name == "counts"} == {("“Won”", "“Won”, “Lost”")}
    months = figures([ours], Slice(JAN[0], MAR[1]), by=["month"])
    assert [months.value(ours, (f"2026-0{month}-01",)) for month in (1, 2, 3)] == [2, 4, 2]
    assert months.total(ours) == _value(ours, (JAN[0], MAR[1])) == 6  # the quarter began with the first formula
    with pytest.raises(Invalid) as refused:
        earlier = {"counts": "lost", "counts_from": dt.date(2026, 2, 1)}
        update(Definition.objects.get(pk=row.pk), earlier, actor=sold.administrator)
    assert "counts_from" in refused.value.errors
    assert done is not None
    undo.undo(done, actor=sold.administrator)
    assert [each.counts for each in row.history()] == ["won"] and _value(metrics["ours"], MAR) == 0


@pytest.mark.once
def test_a_formula_that_has_counted_stays(sold: Cast) -> None:
    """Without a day another formula counts from this month on; the built-in metrics keep theirs before it."""
    row = Definition.objects.get(code="won_count")
    update(row, {"counts": "won lost"}, actor=sold.administrator)
    month = clock.today().replace(day=1)
    past = metrics["won_count"].past
    assert [formula.until for formula in past] == [month] and past[0].measure.facts == ("won",)
    assert metrics["won_count"].measure.facts == ("won", "lost")
    with pytest.raises(Refusal):
        remove(row, actor=sold.administrator)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"counts": "won lead_answered", "how": "sum"}, "counts"),
        ({"counts": "call", "how": "sum"}, "counts"),
        ({"counts": ""}, "counts"),
        ({"counts": "nonsense"}, "counts"),
        ({"code": "won_amount"}, "code"),
        ({"code": "Über uns"}, "code"),
        ({"narrowed": "colour=red"}, "narrowed"),
        ({"over_counts": "won", "over_how": "sum"}, "over_how"),
        ({"over_counts": "won"}, "over_counts"),
    ],
    ids=str,
)
@pytest.mark.once
def test_a_mistake_is_explained_at_its_field(cast: Cast, values: dict[str, str], where: str) -> None:
    """Mixed units, no amount, no fact, a code that is taken, nonsense, a number for each yuan, itself by itself."""
    with pytest.raises(Invalid) as refused:
        _define(cast, **values)
    assert where in refused.value.errors


@pytest.mark.parametrize("part", ["seller", "director"])
def test_shown_and_hidden_are_the_figure(sold: Cast, part: str) -> None:
    """For every shipped metric, cut by whatever may be asked of its customers."""
    actor = sold.again(part)
    spans = Slice(JAN[0], MAR[1])
    slices = [spans] + [
        Slice(spans.first, spans.last, only={code: [key]})
        for code in ABOUT
        for (key,) in figures(list(metrics.values()), spans, by=[code]).rows
    ]
    for where in slices:
        found = figures(list(metrics.values()), where)
        for metric in metrics.values():
            if any(found.exact((), measure) for measure in metric.measures):
                parts = behind(actor, metric, where)
                for measure in metric.measures:
                    assert sum(parts.exact(measure)) == found.exact((), measure), (metric.code, where.only)


def test_who_is_in_two_groups_counts_once(sold: Cast) -> None:
    """Different customers: the parts don't add up, the whole of them does; the groups are named in their order."""
    metric = metrics["customers_won"]
    months = figures([metric], Slice(JAN[0], MAR[1]), by=["month"])
    assert [months.value(metric, (f"2026-0{month}-01",)) for month in (1, 2)] == [2, 4]
    assert months.total(metric) == _value(metric, (JAN[0], MAR[1])) == 4
    assert _value(metrics["repurchase_rate"], FEB) == 50_000 and _value(metrics["repurchase_rate"], JAN) == 0
    tiers = figures([metric], Slice(JAN[0], MAR[1]), by=["tier"])
    named = dimensions.parts(sold.director, "tier", {key[0] for key in tiers.rows})
    assert [part.keys[0] for part in named] == ["A", "B", ""]


@pytest.mark.once
def test_defining_shows_what_it_gives_before_saving(sold: Cast, client: Client) -> None:
    """The page explains, computes last month without storing anything, saves, and the metric is there at once."""
    assert client.login(username="administrator", password=PASSWORD)
    form = {"facts": ["won"], "how": "sum", "only_tier": ["A"], "over_facts": ["won"], "over_how": "count",
            "name": "Deal of tier A", "code": "tier_a", "direction": "up", "seen_by": "all",
            "category": "own"}  # fmt: skip
    tried = client.post(reverse("metrics:attempt"), form, headers={"accept-language": "en"})
    assert "nothing to divide by" in tried.content.decode() and not Definition.objects.filter(code="tier_a")
    wrong = client.post(reverse("metrics:attempt"), form | {"facts": ["won", "won_cycle"]})
    assert wrong.context["problems"]
    assert client.get(reverse("metrics:new")).status_code == 200
    saved = client.post(reverse("metrics:new"), form)
    assert saved.status_code == 302 and _value(metrics["tier_a"], FEB) == 500_00
    assert client.post(reverse("metrics:new"), form).status_code == 422
    own = Definition.entity
    assert own.url("new") == reverse("metrics:new"), "the dictionary has no other form"
    assert client.post(own.url("new"), {"name": "Raw", "counts": "won", "how": "count"}).status_code == 422
    page = client.get(saved["Location"] + "?period=2026-02&by=tier", headers={"accept-language": "en"})
    assert page.status_code == 200 and "Tier A" in page.content.decode()
    row = Definition.objects.get(code="tier_a")
    edit = own.url("edit", row)
    assert client.post(edit, form | {"_version": "1", "name": "Deals of A", "active": "1"}).status_code == 302
    assert str(metrics["tier_a"].label) == "Deals of A"
    second = client.post(edit, form | {"_version": "1", "serves": "growth", "active": "1"})
    assert second.status_code == 409 and second.context["values"]["serves"] == "growth", "nothing typed is lost"
    assert client.post(own.url("cell", row) + "?field=counts", {"value": "lost"}).status_code == 409
    told = Api(sold.administrator).ask("PATCH", f"{own.slug}/{row.pk}", {"counts": "won won_cycle"})
    assert told.status_code == 422 and "counts" in told.content.decode()
    ticked = {"ids": str(row.pk), "_set": "counts", "counts": "lost", "_confirmed": "1"}
    assert "Tick at least one" in client.post(own.url("bulk", "edit"), ticked, headers={"accept-language": "en"}).text
    assert not {"counts", "narrowed", "over_counts"} & {*bulk.fields(own, sold.administrator)}
    assert Definition.objects.get(pk=row.pk).counts == "won"
    assert client.login(username="seller", password=PASSWORD)
    assert client.get(edit).status_code == 403


@pytest.mark.once
def test_old_records_get_the_credits_of_new_facts(sold: Cast) -> None:
    """After an upgrade nothing but the job has to run."""
    before = list(Credit.objects.order_by("fact", "object_id", "person").values_list("fact", "object_id", "amount"))
    Credit.objects.filter(fact__in=["won_cycle", "meeting"]).delete()
    assert {model.__name__ for model in crediting.lacking()} >= {"Deal", "FollowUp"}
    job.enqueue(crediting.KIND)
    worker.drain()
    after = Credit.objects.order_by("fact", "object_id", "person").values_list("fact", "object_id", "amount")
    assert list(after) == before and "Deal" not in {model.__name__ for model in crediting.lacking()}


@pytest.mark.once
def test_the_page_of_a_metric_asks_the_same_number_of_questions(sold: Cast, client: Client) -> None:
    """However much it counts, and whatever it is cut by; another program reads the same figure."""
    assert client.login(username="director", password=PASSWORD)
    url = reverse("insight:metric", args=["customers_won"])

    def asked(by: str) -> int:
        with CaptureQueriesContext(connection) as found:
            page = client.get(f"{url}?period=2026-Q1&by={by}", headers={"accept-language": "en"})
        assert page.status_code == 200 and page.context["value"] == "4"
        return len(found)

    for by in ("person", "unit", "kind", "turn"):
        asked(by)
    before = {by: asked(by) for by in ("person", "unit", "kind", "turn")}
    customers = list(Customer.objects.order_by("pk"))
    for number in range(12):
        values = {"customer": customers[number % 4], "stage": Stage.objects.get(code="after_sales"), "name": "more",
                  "won_on": dt.date(2026, 1 + number % 3, 20), "opened_on": dt.date(2026, 1, 2)}  # fmt: skip
        create(Deal, values | {"owner": sold.peer if number % 2 else sold.other_peer}, actor=sold.director)
    assert {by: asked(by) for by in before} == before
    assert max(before.values()) <= 26
    pk = metrics.row_of("customers_won")
    path = f"metric-definitions/{pk}/figures?from=2026-01-01&to=2026-03-31&by=tier"
    answer = Api(sold.director).ask("GET", path)
    assert answer.json()["value"] == 4 and {each["key"]["tier"] for each in answer.json()["data"]} == {"A", "B", ""}
