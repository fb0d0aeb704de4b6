"""Leads: who sees and gets them, the clock of the first answer, questions, conversion, and forms for the public."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.leads import actions, alike, queries
from xiaoguan.apps.leads.conversion import convert
from xiaoguan.apps.leads.models import Lead, Question, Touch, WebForm
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import FIRST_RESPONSE
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.territories.models import Assignment, Territory
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import access, action, allowance, clock, timeline, undo
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models.credit import Credit

from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 4, tzinfo=dt.UTC)  # a Wednesday, 12:00 at the company
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with clock.at(NOON):
        yield


def lead(by: Any, company: str = "Harbour Steel", **values: Any) -> Lead:
    made: Lead = action.create(Lead, {"company": company, "name": "Ann Reed", **values}, actor=by)
    return made


def waiting(cast: Cast, company: str = "Harbour Steel", **values: Any) -> Lead:
    """One that nobody has, for the tigers."""
    return lead(cast.manager, company, owner=None, **values)


def test_a_waiting_lead_lies_open_to_its_team_and_to_whoever_takes_it(cast: Cast) -> None:
    found = waiting(cast)
    assert found.unit == cast.tigers

    def sees(person: Any) -> bool:
        return bool(access.visible(Lead, person).exists())

    assert sees(cast.seller) and sees(cast.peer) and sees(cast.manager) and not sees(cast.other_seller)
    also = Lead.objects.get(pk=found.pk)
    actions.take(found, actor=cast.seller)
    assert not sees(cast.peer)
    with pytest.raises(Refusal) as late:
        actions.take(also, actor=cast.director)
    assert late.value.code == "LEAD-TAKEN"
    assert cast.seller.name in late.value.cause


def test_shared_out_in_turn_until_there_is_no_room(cast: Cast) -> None:
    lead(cast.seller, "Old one")
    rows = [waiting(cast, f"Company {n}") for n in range(3)]
    actions.distribute(rows, actor=cast.manager, team=cast.tigers, most=2)
    owners = [Lead.objects.get(pk=row.pk).owner for row in rows]
    assert sorted(each.name for each in owners) == sorted([cast.peer.name, cast.peer.name, cast.seller.name])
    assert owners[0] == cast.peer
    told = Notice.objects.filter(kind="lead_assigned").order_by("count").values_list("person", "count")
    assert sorted(told) == sorted([(cast.peer.pk, 2), (cast.seller.pk, 1)])
    with pytest.raises(Refusal) as full:
        actions.distribute([waiting(cast, "Last")], actor=cast.manager, team=cast.tigers, most=2)
    assert full.value.code == "LEAD-CAPACITY"
    assert full.value.rule and full.value.ways_out


def test_the_clock_stops_once_and_counts_working_time_alone(cast: Cast) -> None:
    monday_morning = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
    friday_evening = dt.datetime(2026, 11, 20, 9, 45, tzinfo=dt.UTC)
    with clock.at(friday_evening):
        found = waiting(cast)
    with clock.at(monday_morning):
        actions.answer(found, actor=cast.seller, body="rings back", reached=False)
    found.refresh_from_db()
    assert (found.owner, found.status, found.response_minutes) == (cast.seller, "new", 15 + 30)
    assert found.answered_by == cast.seller
    with clock.at(monday_morning + HOUR):
        actions.answer(found, actor=cast.seller, body="wants lamps for a hall")
    found.refresh_from_db()
    assert (found.status, found.response_minutes) == ("contacted", 45)
    with pytest.raises(Invalid):
        actions.answer(found, actor=cast.seller, happened_at=monday_morning + 90 * HOUR)
    assert {(each.fact, each.person) for each in Credit.objects.filter(entity="leads.lead")} == {
        ("lead_received", cast.seller),
        ("lead_answered", cast.seller),
    }
    told = timeline.read(found, cast.seller).items
    assert sum(item.kind == "touch" for item in told) == 2


def test_answers_keep_the_points_they_had(cast: Cast) -> None:
    asks = {"text": "Is there a budget?", "kind": "yesno", "points": 20}
    budget = action.create(Question, asks, actor=cast.administrator)
    when = action.create(
        Question, {"text": "When?", "kind": "choice", "options": "this year = 30\nlater = 5"}, actor=cast.administrator
    )
    found = lead(cast.seller)
    said = {str(budget.pk): "yes", str(when.pk): "later"}
    actions.qualify(found, actor=cast.seller, answers=json.dumps(said))
    action.update(budget, {"points": 50}, actor=cast.administrator)
    found.refresh_from_db()
    assert (found.score, found.status) == (25, "qualified")
    for wrong in ('{"a": 1}', "nonsense", json.dumps({str(when.pk): "never"})):
        with pytest.raises(Invalid):
            actions.qualify(found, actor=cast.seller, answers=wrong)
    with pytest.raises(Invalid):
        action.create(Question, {"text": "Which?", "kind": "choice", "options": "one"}, actor=cast.administrator)


def test_converted_in_one_step_and_taken_back_as_one(cast: Cast) -> None:
    found = lead(cast.seller, mobile="138 0013 8000", wants="Lamps for hall 3\nsoon", amount=5_000_000, origin="form")
    actions.answer(found, actor=cast.seller)
    done = convert(found, actor=cast.seller)
    found.refresh_from_db()
    assert found.status == "converted"
    customer, contact, deal = found.customer, found.contact, found.deal
    assert (customer.name, customer.owner, customer.source) == ("Harbour Steel", cast.seller, "website")
    assert (contact.name, contact.mobile, contact.customer) == ("Ann Reed", "138 0013 8000", customer)
    assert (deal.name, deal.amount, deal.customer, deal.owner) == (
        "Lamps for hall 3", 5_000_000, customer, cast.seller,
    )  # fmt: skip
    assert any(item.kind == "lead" for item in timeline.read(customer, cast.seller).items)
    with pytest.raises(Refusal) as again:
        convert(found, actor=cast.seller)
    assert again.value.code == "LEAD-CLOSED"
    undo.undo(done.change, actor=cast.seller)
    found.refresh_from_db()
    assert (found.status, found.customer) == ("contacted", None)
    for model in (Customer, Contact, Deal):
        assert not access.visible(model, cast.seller).exists()


def test_converted_onto_a_customer_who_is_there(cast: Cast) -> None:
    there = action.create(Customer, {"name": "Harbour Steel", "phone": "0512 5555 1234"}, actor=cast.seller)
    ann = action.create(Contact, {"name": "Ann", "customer": there}, actor=cast.seller)
    found = lead(cast.seller, phone="0512 5555 1234")
    with pytest.raises(Refusal) as twin:
        convert(found, actor=cast.seller)
    assert twin.value.code == "CUSTOMER-TWIN"
    convert(found, actor=cast.seller, customer=there, contact=ann, deal=False)
    found.refresh_from_db()
    assert (found.customer, found.contact, found.deal) == (there, ann, None)
    assert Customer.objects.count() == 1


def test_the_form_asks_before_somebody_is_entered_twice(cast: Cast, client: Client) -> None:
    lead(cast.seller, mobile="13800138000")
    client.force_login(cast.peer)
    said = {"company": "Other Ltd", "name": "Bo", "mobile": "138-0013-8000", "origin": "manual"}
    refused = client.post(reverse("leads:new"), said)
    assert refused.status_code == 409
    assert "LEAD-TWIN" in refused.content.decode()
    assert "Harbour Steel" not in refused.content.decode()
    assert client.post(reverse("leads:new"), {**said, "_twin_reason": "another site"}).status_code == 302
    assert Lead.objects.filter(company="Other Ltd", owner=cast.peer).exists()


def test_the_pages_ask_and_convert(cast: Cast, client: Client) -> None:
    asked = action.create(Question, {"text": "Budget?", "points": 10}, actor=cast.administrator)
    found = lead(cast.seller, wants="Lamps")
    client.force_login(cast.seller)
    url = reverse("lead_pages:qualify", args=[found.pk])
    assert "Budget?" in client.get(url).content.decode()
    assert client.post(url, {f"q{asked.pk}": "yes"}).status_code == 302
    page = reverse("lead_pages:convert", args=[found.pk])
    assert client.get(page).status_code == 200
    posted = {"customer": "", "deal": "yes", "deal_name": "Lamps", "amount": "1,200.50"}
    assert client.post(page, posted).status_code == 302
    found.refresh_from_db()
    assert (found.score, found.deal.amount, found.status) == (10, 120_050, "converted")
    assert client.get(reverse("leads:board")).status_code == 200


def test_a_web_form_makes_leads_and_nothing_else(cast: Cast) -> None:
    about = {"name": "Fair", "consent": "We keep it.", "team": cast.tigers, "campaign": "Fair 2026"}
    form = action.create(WebForm, {**about, "sites": "https://www.example.com"}, actor=cast.administrator)
    browser = Client(enforce_csrf_checks=True)
    address = reverse("lead_form:show", args=[form.token])
    page = browser.get(address)
    assert page.status_code == 200
    assert "frame-ancestors https://www.example.com" in page["Content-Security-Policy"]
    assert "script" not in page["Content-Security-Policy"]
    assert not page.cookies
    said = {"name": "Cy <b>", "mobile": "13900139000", "wants": "50 lamps", "consent": "1", "owner": cast.seller.pk}
    allowance.reset()
    assert browser.post(address, {**said, "consent": ""}).status_code == 422
    assert browser.post(address, {**said, "website": "spam"}).status_code == 302
    assert not Lead.objects.exists()
    assert browser.post(address, said).status_code == 302
    found = Lead.objects.get()
    assert (found.origin, found.campaign, found.unit, found.owner) == ("form", "Fair 2026", cast.tigers, None)
    assert set(Notice.objects.filter(kind="lead_waits").values_list("person", flat=True)) == {
        cast.seller.pk,
        cast.peer.pk,
    }
    answers = [browser.post(address, said).status_code for _n in range(8)]
    assert answers[-1] == 429
    action.update(form, {"active": False}, actor=cast.administrator)
    assert browser.get(address).status_code == 404
    with pytest.raises(Invalid):
        action.create(WebForm, {**about, "sites": "https://a.com; script-src *"}, actor=cast.administrator)


def test_a_form_may_share_out_in_turn(cast: Cast) -> None:
    about = {"name": "Fair", "consent": "We keep it.", "team": cast.tigers, "in_turn": True, "capacity": 1}
    form = action.create(WebForm, about, actor=cast.administrator)
    allowance.reset()
    for n in range(3):
        said = {"company": f"C {n}", "mobile": f"1390013900{n}", "consent": "1"}
        assert Client().post(reverse("lead_form:show", args=[form.token]), said).status_code == 302
    owners = list(Lead.objects.order_by("pk").values_list("owner", flat=True))
    assert set(owners[:2]) == {cast.seller.pk, cast.peer.pk}
    assert owners[2] is None


def test_who_looks_after_the_territory_comes_first(cast: Cast) -> None:
    east, wide = (
        action.create(Territory, {"name": name, "regions": places}, actor=cast.director)
        for name, places in (("Kunshan", "昆山"), ("Jiangsu", "江苏"))
    )
    theirs = [{"territory": east, "person": cast.manager}, {"territory": wide, "person": cast.manager}]
    theirs += [{"territory": east, "person": cast.other_seller, "helper": True}]
    action.create(Assignment, theirs, actor=cast.director)
    rows = [waiting(cast, f"C {n}", city=city) for n, city in enumerate(("昆山", "昆山", "南京", "杭州", "昆山"))]
    actions.distribute(rows, actor=cast.director, team=cast.tigers, most=2)
    owners = [Lead.objects.get(pk=row.pk).owner for row in rows]
    assert owners[:3] == [cast.other_seller, cast.other_seller, cast.manager]  # a seller there, else the responsible
    assert set(owners[3:]) == {cast.seller, cast.peer}  # in no territory, or nobody there is free: the team in turn
    about = {"name": "Fair", "consent": "We keep it.", "team": cast.tigers, "in_turn": True, "capacity": 9}
    form = action.create(WebForm, about, actor=cast.administrator)
    allowance.reset()
    said = {"company": "Harbour", "mobile": "13900139000", "city": "昆山", "consent": "1"}
    assert Client().post(reverse("lead_form:show", args=[form.token]), said).status_code == 302
    assert Lead.objects.get(company="Harbour").owner == cast.other_seller


def test_the_first_answer_is_a_metric_in_the_companys_hours(cast: Cast, client: Client) -> None:
    action.update(company(), {"opens_at": dt.time(8), "closes_at": dt.time(12, 30)}, actor=cast.administrator)
    for n, minutes in enumerate((30, 90)):  # the office closes half an hour after they came
        found = lead(cast.seller, f"C {n}")
        with clock.at(NOON + dt.timedelta(minutes=minutes)):
            actions.answer(found, actor=cast.seller)
    with clock.at(NOON + 20 * HOUR):  # the next morning at eight
        actions.answer(lead(cast.seller, "Late", received_at=NOON), actor=cast.seller)
    where = Slice(NOON.date(), NOON.date() + dt.timedelta(days=1), people=[cast.seller.pk])
    assert figures([FIRST_RESPONSE], where).value(FIRST_RESPONSE) == 30
    month = FiscalCalendar().month(NOON.date())
    set_targets(FIRST_RESPONSE, {(Subject("person", cast.seller.pk), month): 60}, actor=cast.director)
    client.force_login(cast.director)
    grid = client.get("/targets/?metric=first_response&year=2026")
    assert f'name="c|person:{cast.seller.pk}|{month.code}" value="1"' in grid.content.decode()
    sent = {f"c|person:{cast.seller.pk}|{month.code}": "0.75"}
    assert client.post("/targets/?metric=first_response&year=2026", sent).status_code == 302
    assert Target.objects.get().number == 45
    behind = client.get(f"/metrics/first_response/records/?person={cast.seller.pk}&from=2026-11-01&to=2026-11-30")
    assert behind.context["found"].count == 3 and '0.5<span class="unit"> ' in behind.content.decode()


def test_how_fast_by_person_in_as_many_questions_for_many(cast: Cast, client: Client) -> None:
    for n, minutes in enumerate((10, 30, 50)):
        with clock.at(NOON - HOUR):
            found = lead(cast.seller, f"C {n}")
        with clock.at(NOON - HOUR + dt.timedelta(minutes=minutes)):
            actions.answer(found, actor=cast.seller)
    lead(cast.peer, "Slow")
    people, whole = queries.speeds(cast.manager, NOON.date(), NOON.date())
    by_name = {each.name: each for each in people}
    assert by_name[cast.seller.name].median == 30
    assert (by_name[cast.peer.name].waiting, whole.received, whole.answered) == (1, 4, 3)
    client.force_login(cast.manager)
    counts = []
    for more in (0, 6):
        for n in range(more):
            lead(cast.other_seller if n % 2 else cast.seller, f"More {n}")
        client.get(reverse("lead_pages:response"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("lead_pages:response"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_returned_discarded_and_taken_up_again(cast: Cast) -> None:
    found = lead(cast.seller)
    done = actions.give_back(found, actor=cast.seller, reason="not my region")
    found.refresh_from_db()
    assert (found.owner, found.unit, found.reason) == (None, cast.tigers, "not my region")
    undo.undo(done.change, actor=cast.seller)
    found = Lead.objects.get()
    assert found.owner == cast.seller
    with pytest.raises(Invalid):
        actions.move(found, actor=cast.seller, to="discarded")
    with pytest.raises(Refusal):
        actions.move(found, actor=cast.seller, to="converted")
    actions.discard(found, actor=cast.seller, reason="wrong number")
    found = Lead.objects.get()
    assert found.status == "discarded"
    actions.resume(found, actor=cast.seller)
    found.refresh_from_db()
    assert (found.status, found.reason) == ("new", "")
    assert not Touch.objects.exists()


def test_two_leads_of_one_person_become_one(cast: Cast) -> None:
    first, second = lead(cast.seller, mobile="13800138000"), lead(cast.seller, "Harbor", mobile="138 0013 8000")
    actions.answer(second, actor=cast.seller, body="said before")
    assert [row.pk for row, _why in alike.leads(first, cast.seller)] == [second.pk]
    Lead.entity.actions["merge"](first, actor=cast.seller, others=str(second.pk))
    assert Touch.objects.get().lead_id == first.pk
    assert list(access.visible(Lead, cast.seller)) == [first]
