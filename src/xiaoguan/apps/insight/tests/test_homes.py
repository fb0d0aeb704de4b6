"""Homes: everybody gets the one of what he does, figures equal those computed by hand, strangers get nothing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.activities.models import Feedback, Voice
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.dashboards.models import Dashboard
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.subject import COMPANY, Subject
from xiaoguan.apps.insight import homes, outlook
from xiaoguan.apps.metrics.pages import behind
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.shipped import RECEIPTS, WON_AMOUNT, metrics
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.models import Company
from xiaoguan.kit import action, clock
from xiaoguan.kit.action import create
from xiaoguan.kit.form import RecordForm

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
PARTS = ["director", "manager", "seller", "hr", "finance", "service", "administrator", "auditor", "outsider"]


@pytest.fixture
def sold(cast: Cast) -> Cast:
    """Two sellers with a won deal each this month, an open one, and targets."""
    today = clock.today()
    won, open_ = Stage.objects.get(code="after_sales"), Stage.objects.get(code="contracting")
    for seller, amount in ((cast.seller, 30_000_000), (cast.other_seller, 50_000_000)):
        customer = create(Customer, {"name": f"{seller.name} Works", "owner": seller}, actor=seller)
        base = {"customer": customer, "owner": seller, "opened_on": today - dt.timedelta(days=40)}
        create(Deal, {**base, "name": "Won", "stage": won, "amount": amount, "won_on": today}, actor=seller)
        create(Deal, {**base, "name": "Open", "stage": open_, "amount": amount, "expected_on": today}, actor=seller)
    month = homes.period_of("month")
    cells = {(Subject("person", one.pk), month): 100_000_000 for one in (cast.seller, cast.other_seller)}
    cells |= {(Subject("team", cast.tigers.pk), month): 100_000_000, (COMPANY, month): 200_000_000}
    set_targets(WON_AMOUNT, cells, actor=cast.director)
    return cast


@pytest.mark.parametrize("part", PARTS)
def test_everybody_has_a_home(sold: Cast, client: Client, part: str) -> None:
    """One page each, in both languages."""
    assert client.login(username=part, password=PASSWORD)
    for language in ("zh-hans", "en"):
        answer = client.get("/", headers={"accept-language": language})
        assert answer.status_code == 200


def test_a_sellers_outlook_by_hand(sold: Cast) -> None:
    """Done, attainment, open deals and the probability of one deal that alone would not do."""
    month = homes.period_of("month")
    one = outlook.of_people(sold.seller, month, [sold.seller.pk])[sold.seller.pk]
    assert (one.done, one.wins, one.target) == (30_000_000, 1, 100_000_000)
    assert one.attainment == 30_000
    assert (one.pipeline.count, one.pipeline.full) == (1, 30_000_000)
    assert one.probability == 0.0
    assert one.landing.low >= one.done


def test_the_company_is_the_sum_of_its_people(sold: Cast) -> None:
    """The director's figures equal the two deals, and the team's its own."""
    whole = homes.director(sold.again("director"), "month")["whole"]
    assert whole.done == 80_000_000
    assert whole.target == 200_000_000
    team = homes.manager(sold.again("manager"), sold.tigers, "month")
    assert team["whole"].done == 30_000_000
    assert team["lines"][0].name == sold.seller.name
    assert {line.outlook.done for line in team["lines"]} == {0, 30_000_000}


SAID = {
    "opportunities.deal": {"zh-hans": ("30.00", "50.00", "80.00"), "en": ("300.0", "500.0", "800.0")},
    "goals.target": {"zh-hans": ("100.00", "200.00"), "en": ("1,000.0", "2,000.0")},
}
"""How amounts won and aimed at look on pages."""


@pytest.mark.once
@pytest.mark.parametrize("part", ["director", "manager", "seller"])
def test_masked_amounts_are_in_no_figure(sold: Cast, client: Client, part: str) -> None:
    """Neither homes nor pivot, drill-down or targets tell what a mask hides, in figures, charts or sentences."""
    assert client.login(username=part, password=PASSWORD)
    seller, role = sold.seller.pk, sold.again(part).roles.get()
    urls = ["/", f"/homes/teams/{sold.tigers.pk}/", f"/homes/people/{seller}/"]
    urls += [f"/{page}metric=won_amount" for page in ("insight/pivot/?", "insight/pivot/file/?as=csv&", "targets/?")]
    urls += [f"/metrics/won_amount/records/?person={seller}"]

    def found(name: str) -> set[str]:
        said = set()
        for url in urls:
            for language, words in SAID[name].items():
                text = client.get(f"{url}", headers={"accept-language": language}).content.decode()
                cents = {"30000000", "50000000", "80000000"} if name == "opportunities.deal" else {"100000000"}
                said |= {f"{url} {word}" for word in (*words, *cents) if word in text}
        return said

    for name in SAID:
        assert found(name), "these pages tell them to who may see"
        action.update(role, {"masks": {name: ["amount"]}}, actor=sold.system)
        assert not found(name)
        action.update(role, {"masks": {}}, actor=sold.system)


def test_who_may_look_over_whose_shoulder(sold: Cast, client: Client) -> None:
    """The manager sees his seller's home, not another team's; a peer sees nobody's."""
    urls = {name: reverse("insight:person", args=[getattr(sold, name).pk]) for name in ("seller", "other_seller")}
    expected = {
        "manager": {"seller": 200, "other_seller": 404},
        "other_manager": {"seller": 404, "other_seller": 200},
        "director": {"seller": 200, "other_seller": 200},
        "peer": {"seller": 404, "other_seller": 404},
        "outsider": {"seller": 404, "other_seller": 404},
    }
    for part, answers in expected.items():
        assert client.login(username=part, password=PASSWORD)
        assert {name: client.get(url).status_code for name, url in urls.items()} == answers, part


@pytest.mark.parametrize("part", ["director", "manager", "seller", "other_seller", "finance", "auditor"])
def test_shown_and_hidden_records_together_are_the_figure(sold: Cast, part: str) -> None:
    """What a person may open and what he may not add up to the number he reads."""
    month = homes.period_of("month")
    where = Slice(month.start, month.end)
    found = behind(sold.again(part), WON_AMOUNT, where)
    assert found.amount + found.hidden_amount == figures([WON_AMOUNT], where).value(WON_AMOUNT) == 80_000_000
    assert found.count + found.hidden_count == 2


def test_records_behind_a_figure_open(sold: Cast, client: Client) -> None:
    """The drill-down lists the seller's own deal and says that one more is not visible."""
    assert client.login(username="seller", password=PASSWORD)
    page = client.get(reverse("metrics:records", args=["won_amount"]), headers={"accept-language": "en"})
    assert page.status_code == 200
    assert page.context["found"].count == 1
    assert page.context["found"].hidden_amount == 50_000_000
    assert client.get(reverse("metrics:records", args=["nonsense"])).status_code == 404
    assert client.get(reverse("metrics:records", args=["receipts"]) + "?from=soon").status_code == 404


def test_the_pivot_adds_up(sold: Cast, client: Client) -> None:
    """Rows, columns and the corner are the same money; the file carries it in yuan."""
    assert client.login(username="director", password=PASSWORD)
    page = client.get(reverse("insight:pivot"))
    table = page.context["table"]
    assert table.total == sum(row.total.value or 0 for row in table.rows) == sum(value or 0 for value in table.sums)
    assert table.total == 80_000_000
    file = client.get(reverse("insight:pivot_file") + "?as=csv")
    assert file["Content-Type"].startswith("text/csv")
    assert "800000.00" in file.content.decode("utf-8-sig")


@pytest.mark.parametrize(("part", "limit"), [("seller", 39), ("manager", 41), ("director", 46)])
def test_homes_ask_a_bounded_number_of_questions(
    sold: Cast, client: Client, part: str, limit: int, django_assert_max_num_queries: Any
) -> None:
    """However much there is to show."""
    assert client.login(username=part, password=PASSWORD)
    client.get("/")
    with django_assert_max_num_queries(limit):
        client.get("/")


def test_an_empty_company_is_taught_to_import(cast: Cast, client: Client) -> None:
    """The first page of a new installation offers the import, step by step."""
    assert client.login(username="administrator", password=PASSWORD)
    page = client.get("/")
    assert page.context["setup"].first is not None
    assert "/import/" in page.content.decode()
    create(Customer, {"name": "First Works", "owner": cast.seller}, actor=cast.seller)
    page = client.get("/", headers={"accept-language": "en"})
    assert page.context["setup"].first.ways[0].url == "/import/?as=deals"
    assert "Next: Deals" in page.content.decode()
    assert client.login(username="hr", password=PASSWORD)
    asked = {way.url for step in client.get("/").context["setup"].steps for way in step.ways}
    assert asked == {"/import/?as=people"}


@pytest.mark.once
def test_the_company_is_checked_and_one_is_back_at_the_first_steps(cast: Cast, client: Client) -> None:
    """Its form leads back to where it was opened from, unless that is no page of ours."""
    client.force_login(cast.administrator)
    found = re.search(r'href="(/company/[^"]*/edit/[^"]*)"', client.get("/").content.decode())
    assert found is not None and found[1].endswith("?_next=%2F")
    form = RecordForm(Company.entity, cast.administrator, row=cast.company)
    data = {each.name: each.raw for each in form.inputs.values()}
    for address, wanted in (
        (found[1], "/"),
        (f"{found[1]}%2Fevil.example", cast.company.entity.url("detail", cast.company)),
    ):
        version = Company.objects.get().version
        assert client.post(address, {**data, "_version": version})["Location"] == wanted


def test_receipts_are_part_of_the_strip(sold: Cast) -> None:
    """A month without receipts shows zero, not nothing."""
    context = homes.seller(sold.again("seller"), sold.seller)
    month = homes.period_of("month")
    assert context["receipts"] == figures([RECEIPTS], Slice(month.start, month.end)).value(RECEIPTS) == 0


@pytest.mark.once
def test_service_hears_customers_and_reads_no_money(cast: Cast, client: Client) -> None:
    """Open complaints on the home, figures of customers, its dashboard; amounts and deals are told nowhere."""
    customer = create(Customer, {"name": "Loud Works", "owner": cast.seller}, actor=cast.seller)
    said = {"customer": customer, "kind": Voice.COMPLAINT, "body": "The lamps flicker"}
    create(Feedback, said, actor=cast.seller)
    service = cast.again("service")
    told = {metric.code for metric in metrics.values() if not is_hidden(service, metric)}
    assert {"complaints", "complaint_days", "satisfaction", "retention", "visits"} <= told
    assert not told & {"won_amount", "won_count", "receipts", "repurchase_amount", "sales_expense", "invoiced"}
    assert client.login(username="service", password=PASSWORD)
    home = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert "The lamps flicker" in home and "Complaints not settled" in home
    board = Dashboard.objects.get(code="service")
    page = client.get(board.entity.url("detail", board), headers={"accept-language": "en"})
    assert page.status_code == 200 and not any("masked" in str(each.body) for each in page.context["drawn"])
    assert client.get(reverse("briefing:page")).status_code == 404
