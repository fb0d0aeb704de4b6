"""Targets agreed by both sides, out to Excel and back, and set by the five questions of SMART."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals import achievable, agreeing, navigation, queries
from xiaoguan.apps.goals.actions import lock, set_targets
from xiaoguan.apps.goals.models import Round, Target
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import clock
from xiaoguan.kit.action import create
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.undo import undo

from tests.cast import Cast
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)


def _person(someone: Any) -> Subject:
    return Subject("person", someone.pk)


@pytest.mark.parametrize("start", [1, 10])
def test_both_sides_come_to_an_agreement(cast: Cast, start: int) -> None:
    """Proposed, countered with a reason, proposed again, confirmed: set, locked, shared out, every round kept."""
    calendar = FiscalCalendar(start)
    type(cast.company).objects.update(fiscal_year_start=start)
    year = calendar.year(dt.date(2027, 3, 1))
    months = year.split("month")
    team, mine, peer = Subject("team", cast.tigers.pk), _person(cast.seller), _person(cast.peer)
    for month in months:
        set_targets(WON_AMOUNT, {(team, month): 1000, (mine, month): 500, (peer, month): 500}, actor=cast.director)
    said: Any = [400] * 11 + [None]
    agreeing.propose(WON_AMOUNT, year, said, "two customers closed", actor=cast.seller)
    assert agreeing.waiting(cast.again("manager")).count() == 1
    assert agreeing.waiting(cast.again("other_manager")).count() == 0
    assert Notice.objects.filter(person=cast.manager, kind="target_proposed").count() == 1
    with pytest.raises(Denied):
        agreeing.confirm(cast.seller, WON_AMOUNT, year, actor=cast.other_manager)
    with pytest.raises(Denied):
        agreeing.confirm(cast.seller, WON_AMOUNT, year, actor=cast.seller)
    with pytest.raises(Invalid):
        agreeing.counter(cast.seller, WON_AMOUNT, year, [450] * 12, " ", actor=cast.manager)
    for _again in range(2):
        said_so = agreeing.counter(cast.seller, WON_AMOUNT, year, [450] * 12, "one came back", actor=cast.manager)
        assert said_so.change is not None
        if not _again:
            undo(said_so.change, actor=cast.again("manager"))
    with pytest.raises(Refusal):
        agreeing.confirm(cast.seller, WON_AMOUNT, year, actor=cast.manager)
    agreeing.propose(WON_AMOUNT, year, [430, 0] + [430] * 9 + [None], "in the middle", actor=cast.seller)
    found = queries.targets(WON_AMOUNT, year.start, year.end)
    assert found.of(mine.key, months[0]) == 500
    done = agreeing.confirm(cast.seller, WON_AMOUNT, year, actor=cast.manager, share_out=True)
    found = queries.targets(WON_AMOUNT, year.start, year.end)
    assert [found.of(mine.key, month) for month in months] == [430, 0, *[430] * 9, 500]
    assert [found.of(peer.key, month) for month in months] == [570, 1000, *[570] * 9, 500]
    assert found.locked == {(mine.key, month.start) for month in months[:11]}
    assert [row.step for row in agreeing.rounds(cast.seller, WON_AMOUNT, year)] == [
        "agreed", "proposed", "countered", "proposed",
    ]  # fmt: skip
    assert Round.objects.filter(latest=True, deleted_at=None).count() == 1
    assert done.change is not None
    undo(done.change, actor=cast.again("director"))
    assert queries.targets(WON_AMOUNT, year.start, year.end).of(peer.key, months[0]) == 500
    assert agreeing.waiting(cast.again("manager")).count() == 1


def test_the_page_of_a_line(cast: Cast, client: Client) -> None:
    """The person proposes on his page; what he does not answer stays open; the manager answers on the same page."""
    year = queries.calendar().year(clock.today())
    client.force_login(cast.seller)
    where = f"?subject=person:{cast.seller.pk}&metric=won_amount&year={year.code}"
    page = client.get(reverse("goals:line") + where)
    assert page.status_code == 200
    first, second = (month.code for month in year.split("month")[:2])
    answer = client.post(reverse("goals:talk") + where, {"act": "propose", f"m|{first}": "12", f"m|{second}": "0"})
    assert answer.status_code == 302
    row = Round.objects.get()
    assert row.months[1] == 0
    assert row.months[2] is None
    assert client.post(reverse("goals:talk") + where, {"act": "confirm"}).status_code == 403
    client.force_login(cast.manager)
    assert cast.seller.name in client.get(reverse("goals:proposals")).content.decode()
    assert client.get(reverse("goals:line") + where).status_code == 200
    assert client.post(reverse("goals:talk") + where, {"act": "confirm"}).status_code == 302
    assert Target.objects.filter(person=cast.seller, locked=True).count() == 2
    client.force_login(cast.peer)
    assert client.get(reverse("goals:line") + where).status_code == 404


@pytest.mark.parametrize("start", [1, 4])
def test_out_to_excel_and_in_again(cast: Cast, client: Client, start: int) -> None:
    """What was edited is shown, what can't be is refused with its reason, and all is one change that is undone."""
    type(cast.company).objects.update(fiscal_year_start=start)
    year = FiscalCalendar(start).year(dt.date(2027, 6, 1))
    months, subject = year.split("month"), _person(cast.seller)
    exact = 123_456_789_01
    set_targets(WON_AMOUNT, {(subject, month): exact for month in months}, actor=cast.director)
    lock(WON_AMOUNT, [(subject, months[1])], actor=cast.director)
    client.force_login(cast.director)
    where = f"?metric=won_amount&year={year.code}"
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("goals:file") + where).content))
    page = book.worksheets[0]
    row = next(row for row in page.iter_rows(min_row=2) if row[0].value == subject.key)
    assert row[2].value == exact / 100
    row[2].value, row[3].value, row[4].value, row[5].value, row[6].value = 100.5, 7, "a lot", 5, None
    set_targets(WON_AMOUNT, {(subject, months[3]): 1}, actor=cast.director)
    kept = io.BytesIO()
    book.save(kept)
    upload = SimpleUploadedFile("plan.xlsx", kept.getvalue())
    shown = client.post(reverse("goals:file_back") + where, {"file": upload})
    assert shown.status_code == 200
    assert shown.context["count"] == 2
    assert len(shown.context["bad"]) == 3
    assert queries.targets(WON_AMOUNT, year.start, year.end).of(subject.key, months[0]) == exact
    sent = {"cells": shown.context["cells"], "apply": "1"}
    assert client.post(reverse("goals:file_back") + where, sent).status_code == 302
    found = queries.targets(WON_AMOUNT, year.start, year.end)
    assert [found.of(subject.key, month) for month in months[:6]] == [100_50, exact, exact, 1, None, exact]
    assert client.post(reverse("goals:file_back") + where, sent).status_code == 422
    other = SimpleUploadedFile("other.csv", b"a,b\n1,2\n")
    assert client.post(reverse("goals:file_back") + where, {"file": other}).status_code == 422


def test_smart_asks_and_remembers_the_answer(cast: Cast, client: Client) -> None:
    """Above the best ever, without a parent or a sentence: shown, not set without a reason, and the reason stays."""
    client.force_login(cast.director)
    month = queries.calendar().month(clock.today()).next()
    sent = {"metric": "won_amount", "subject": f"person:{cast.seller.pk}", "period": month.code, "value": "88"}
    page = client.post(reverse("goals:new"), {**sent, "act": "check"})
    assert page.status_code == 200
    assert {doubt.letter for doubt in page.context["doubts"]} >= {"S", "R"}
    assert client.post(reverse("goals:new"), {**sent, "act": "set"}).status_code == 422
    assert not Target.objects.exists()
    words = {"purpose": "Every institute specifies our lamps", "reason": "Three frame contracts start"}
    assert client.post(reverse("goals:new"), {**sent, **words, "act": "set"}).status_code == 302
    row = Target.objects.get()
    assert (row.value, row.purpose, row.reason) == (880_000_00, words["purpose"], words["reason"])
    assert client.post(reverse("goals:new"), {**sent, "value": "much", "act": "set"}).status_code == 422


def test_evidence_is_what_the_records_say(cast: Cast) -> None:
    """Best month, last year and the probability: open deals exactly, what is opened later from the past."""
    with clock.at(NOON):
        won = Stage.objects.get(code="after_sales")
        customer = create(Customer, {"name": "Halden"}, actor=cast.seller)
        for back in range(1, 14):
            day = dt.date(2026 - (back > 10), (11 - back - 1) % 12 + 1, 20)
            deal = {
                "customer": customer,
                "stage": won,
                "amount": 1000_00,
                "opened_on": day - dt.timedelta(days=1),
                "won_on": day,
            }
            create(Deal, deal, actor=cast.seller)
        month = queries.calendar().month(NOON.date())
        told = achievable.evidence(WON_AMOUNT, _person(cast.seller), month, 1000_00)
        assert told.best == 1000_00
        assert told.last_year == 1000_00
        assert not told.beyond_best
        assert told.probability == 1.0
        assert told.working_days == 21
        more = achievable.evidence(WON_AMOUNT, _person(cast.seller), month, 1000_01)
        assert more.beyond_best
        assert more.unlikely
        assert more.probability == 0.0


def test_agreeing_never_overrides_what_was_locked_meanwhile(cast: Cast) -> None:
    """A month locked after the proposal refuses with the difference; unlocked, or at the same number, it goes."""
    year = FiscalCalendar().parse("2027")
    months, mine = year.split("month"), _person(cast.seller)
    set_targets(WON_AMOUNT, {(mine, month): 500 for month in months}, actor=cast.director)
    agreeing.propose(WON_AMOUNT, year, [400_00, 500, *[450_00] * 10], "", actor=cast.seller)
    with clock.at(clock.now() + dt.timedelta(minutes=5)):
        lock(WON_AMOUNT, [(mine, month) for month in months[:2]], actor=cast.director)
        with pytest.raises(Refusal) as refused:
            agreeing.confirm(cast.seller, WON_AMOUNT, year, actor=cast.manager)
        assert refused.value.code == "goals.locked_meanwhile"
        assert len(refused.value.ways_out) == 2
        assert months[0].code in str(refused.value.cause)
        assert months[1].code not in str(refused.value.cause)
        found = queries.targets(WON_AMOUNT, year.start, year.end)
        assert [found.of(mine.key, month) for month in months] == [500] * 12
        lock(WON_AMOUNT, [(mine, months[0])], actor=cast.director, locked=False)
        agreeing.confirm(cast.seller, WON_AMOUNT, year, actor=cast.manager)
        assert queries.targets(WON_AMOUNT, year.start, year.end).of(mine.key, months[0]) == 400_00


def test_rounds_and_days_for_programs(cast: Cast) -> None:
    """Propose, see it wait, counter, accept, and read the days; strangers find nothing, a seller confirms nothing."""
    seller, manager = Api(cast.seller), Api(cast.manager)
    months = [210_00] * 12
    said = seller.ask("POST", "goals/rounds", {"act": "propose", "year": "2027", "months": months})
    assert (said.status_code, said.json()["step"], said.json()["months"]) == (201, "proposed", months)
    waits = manager.ask("GET", "goals/rounds").json()["data"]
    assert [row["person"] for row in waits] == [cast.seller.pk]
    assert navigation.waiting(cast.again("manager")) == 1
    about = {"year": "2027", "person": cast.seller.pk}
    refused = Api(cast.peer).ask("POST", "goals/rounds", {"act": "confirm", **about})
    assert refused.status_code == 404
    assert manager.ask("POST", "goals/rounds", {"act": "counter", **about, "months": [1]}).status_code == 422
    more = {"act": "counter", **about, "months": [220_00] * 12, "reason": "a frame contract starts"}
    assert manager.ask("POST", "goals/rounds", more).json()["step"] == "countered"
    agreed = seller.ask("POST", "goals/rounds", {"act": "accept", "year": "2027"})
    assert agreed.json()["step"] == "agreed"
    assert navigation.waiting(cast.again("seller")) == 0
    told = seller.ask("GET", "goals/days?month=2027-03").json()
    assert (told["target"], sum(day["target"] for day in told["days"])) == (220_00, 220_00)
    assert all(day["works"] for day in told["days"] if day["target"])
    listed = manager.ask("GET", f"goals/rounds?person={cast.seller.pk}&year=2027").json()
    assert [row["number"] for row in listed["data"]] == [3, 2, 1]
    assert Api(cast.peer).ask("GET", f"goals/days?person={cast.seller.pk}").status_code == 404
    assert seller.ask("GET", "goals/days?month=2027-Q1").status_code == 400
