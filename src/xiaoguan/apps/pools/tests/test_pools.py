"""The pool: who sees what waits there, who may take it, what goes along, and what a rule says to whom it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xiaoguan.apps.activities.models import FollowUp, Task
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers import twins
from xiaoguan.apps.customers.actions import transfer
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.pools import actions, recycling, standing
from xiaoguan.apps.pools.models import Holding, Pool, PoolEntry, PoolRule
from xiaoguan.kit import access, action, clock, job, undo, worker
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.models import Change
from xiaoguan.kit.tests.killing import let_leases_run_out
from xiaoguan.transfer import revert

from tests.cast import Cast
from tests.test_import_running import imported

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 18)
NOON = dt.datetime(2026, 11, 18, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with clock.at(NOON):
        yield


def pool(cast: Cast, **values: Any) -> Pool:
    """A pool of the tigers unless said otherwise."""
    made: Pool = action.create(Pool, {"name": "Tigers' pool", "team": cast.tigers} | values, actor=cast.administrator)
    return made


def rule(cast: Cast, **values: Any) -> PoolRule:
    """Thirty days without a follow-up."""
    said = {"trigger": "contact", "days": 30, "warn_days": 5} | values
    made: PoolRule = action.create(PoolRule, said, actor=cast.administrator)
    return made


def customer(owner: Any, name: str = "Bright Steel", **values: Any) -> Customer:
    made: Customer = action.create(Customer, {"name": name, **values}, actor=owner)
    return made


def returned(cast: Cast, **values: Any) -> PoolEntry:
    """A customer the seller gave back."""
    actions.give_back(customer(cast.seller, **values), actor=cast.seller, reason="no answer for months")
    return PoolEntry.objects.latest("pk")


def names(actor: Any) -> list[str]:
    return list(access.visible(PoolEntry, actor).order_by("pk").values_list("name", flat=True))


def run(name: str) -> dict[str, Any]:
    """A job from its start to its end."""
    row = job.enqueue(name)
    worker.drain()
    row.refresh_from_db()
    assert row.state == "done", row.trace
    found: dict[str, Any] = row.result
    return found


def test_the_pool_lies_open_to_its_team_alone(cast: Cast) -> None:
    pool(cast)
    entry = returned(cast)
    assert names(cast.peer) == names(cast.manager) == names(cast.director) == names(cast.seller) == ["Bright Steel"]
    assert names(cast.other_seller) == names(cast.hr) == []
    assert not access.visible(Customer, cast.peer).filter(pk=entry.customer_id).exists()
    with pytest.raises(Denied):
        actions.claim(entry, actor=cast.other_seller)
    with pytest.raises(Denied):
        actions.claim(entry, actor=cast.finance)


@pytest.mark.once
def test_a_contract_counts_from_its_last_day(cast: Cast) -> None:
    """One without an end counts from its signature; one that runs on keeps its customer until then."""
    pool(cast)
    rule(cast, trigger="contract", spare_receivables=False)
    held, signed = customer(cast.seller), {"amount": 100, "signed_on": TODAY - 90 * DAY}
    contract = action.create(Contract, {"customer": held, **signed}, actor=cast.seller)
    assert Holding.objects.get(customer=held).leaves_on == TODAY + 30 * DAY  # held since today
    action.update(contract, {"ends_on": TODAY + 40 * DAY}, actor=cast.seller)
    assert Holding.objects.get(customer=held).leaves_on == TODAY + 70 * DAY


def test_a_company_wide_pool_lies_open_to_every_seller(cast: Cast) -> None:
    pool(cast, team=None)
    returned(cast)
    assert names(cast.other_seller) == names(cast.peer) == ["Bright Steel"]


def test_claimed_with_all_that_waits_and_taken_back_as_one(cast: Cast) -> None:
    pool(cast)
    held = customer(cast.seller, credited=None)
    task = action.create(Task, {"title": "Call", "customer": held, "due_on": TODAY + DAY}, actor=cast.seller)
    said = action.create(FollowUp, {"kind": "call", "customer": held, "body": "busy"}, actor=cast.seller)
    actions.give_back(held, actor=cast.seller, reason="too far away")
    held.refresh_from_db()
    task.refresh_from_db()
    assert (held.owner, held.credited, held.unit, task.owner) == (None, cast.seller, cast.tigers, None)
    entry = PoolEntry.objects.get()
    assert (entry.previous_owner, entry.reason, entry.way, entry.times) == (cast.seller, "too far away", "returned", 0)
    done = actions.claim([entry], actor=cast.peer)
    for row in (held, task, said, entry):
        row.refresh_from_db()
    assert {held.owner, task.owner, said.owner, entry.taken_by} == {cast.peer}
    assert (held.credited, said.credited, entry.left_on, entry.claimed) == (cast.seller, cast.seller, TODAY, True)
    assert Notice.objects.filter(kind="pool_claimed", person=cast.seller).count() == 1
    undo.undo(done.change, actor=cast.peer)
    for row in (held, task, said, entry):
        row.refresh_from_db()
    assert (held.owner, task.owner, said.owner, entry.left_on) == (None, None, cast.seller, None)


def test_a_return_is_taken_back_by_who_made_it_and_by_nobody_else(cast: Cast) -> None:
    pool(cast)
    with clock.at(NOON - 90 * DAY):
        held = customer(cast.seller)
    before = Holding.objects.get(customer=held).since
    done = actions.give_back(held, actor=cast.seller, reason="a mistake")
    assert Holding.objects.get(customer=held).since == TODAY
    with pytest.raises(Http404):
        undo.undo(done.change, actor=cast.peer)
    undo.undo(done.change, actor=cast.seller)
    held.refresh_from_db()
    assert held.owner == cast.seller
    assert Holding.objects.get(customer=held).since == before < TODAY
    assert not access.visible(PoolEntry, cast.manager).exists()


def test_of_two_who_claim_the_second_is_told_who_was_first(cast: Cast) -> None:
    pool(cast)
    entry = returned(cast)
    also = PoolEntry.objects.get(pk=entry.pk)
    actions.claim(entry, actor=cast.peer)
    with pytest.raises(Refusal) as refused:
        actions.claim(also, actor=cast.manager)
    assert refused.value.code == "POOL-GONE"
    assert cast.peer.name in refused.value.cause


def test_who_enters_what_waits_in_his_pool_is_led_there(cast: Cast) -> None:
    pool(cast)
    returned(cast, name="Harbour Steel Works")
    found = twins.find({"name": "Harbour Steel Works"}, cast.peer)
    assert (found[0].row, found[0].way is not None) == (None, True)
    assert "Harbour Steel Works" in str(twins.refusal("x", found).ways_out[0].label)
    assert twins.find({"name": "Harbour Steel Works"}, cast.other_seller)[0].way is None


def test_every_refusal_names_its_rule_and_a_way_out(cast: Cast) -> None:
    """Cool-down, claims of a day, what a person and a team may hold, an open deal, no pool at all."""
    said: list[Refusal] = []

    def refuse(code: str, call: Any) -> None:
        with pytest.raises(Refusal) as caught:
            call()
        assert caught.value.code == code
        said.append(caught.value)

    held = customer(cast.seller, "Far Lamps")
    refuse("POOL-NONE", lambda: actions.give_back(held, actor=cast.seller, reason="x"))
    mine = pool(cast, cool_down_days=30, claims_per_day=1, counted_tiers="ba")
    first, second = (returned(cast, name=name, tier="A") for name in ("One", "Two"))
    refuse("POOL-COOL-DOWN", lambda: actions.claim(first, actor=cast.seller))
    actions.claim(first, actor=cast.peer)
    refuse("POOL-QUOTA", lambda: actions.claim(second, actor=cast.peer))
    action.update(mine, {"claims_per_day": None, "person_cap": 1}, actor=cast.administrator)
    refuse("POOL-CAP", lambda: actions.claim(second, actor=cast.peer))
    refuse("POOL-CAP", lambda: actions.assign(second, actor=cast.manager, to=cast.peer))
    mine.refresh_from_db()
    action.update(mine, {"person_cap": None, "team_cap": 1}, actor=cast.administrator)
    refuse("POOL-TEAM-CAP", lambda: actions.claim(second, actor=cast.manager))
    stage = Stage.objects.get(code="prospecting")
    action.create(Deal, {"name": "Hall", "stage": stage, "customer": held}, actor=cast.seller)
    refuse("POOL-OPEN-DEAL", lambda: actions.give_back(held, actor=cast.seller, reason="x"))
    mine.refresh_from_db()
    action.update(mine, {"active": False, "team_cap": None}, actor=cast.administrator)
    second = PoolEntry.objects.get(pk=second.pk)
    refuse("POOL-CLOSED", lambda: actions.claim(second, actor=cast.director))
    assert all(each.rule and each.ways_out and each.cause and each.title for each in said)


def test_the_rule_takes_what_is_due_and_nothing_else(cast: Cast) -> None:
    """A follow-up, an open deal, an exemption and a new owner keep a customer; dating ahead does not."""
    pool(cast)
    rule(cast)
    with clock.at(NOON - 40 * DAY):
        quiet, called, dealing, spared, moved, ahead = (
            customer(cast.seller, name) for name in ("Quiet", "Called", "Dealing", "Spared", "Moved", "Ahead")
        )
        stage = Stage.objects.get(code="prospecting")
        action.create(Deal, {"name": "Hall", "stage": stage, "customer": dealing}, actor=cast.seller)
        later = {"kind": "call", "happened_at": NOON + 90 * DAY}
        action.create(FollowUp, {**later, "customer": ahead}, actor=cast.seller)
    action.create(FollowUp, {"kind": "call", "customer": called}, actor=cast.seller)
    actions.spare(spared, actor=cast.manager, reason="waits for the tender")
    with pytest.raises(Denied):
        actions.spare(quiet, actor=cast.seller, reason="I like it")
    transfer(moved, actor=cast.seller, to=cast.peer)
    result = run("pools.recycle")
    assert result["taken"] == 2
    assert sorted(names(cast.manager)) == ["Ahead", "Quiet"]
    entry = PoolEntry.objects.get(name="Quiet")
    assert (entry.way, entry.previous_owner, entry.rule.days) == ("rule", cast.seller, 30)
    told = Notice.objects.get(kind="pool_lost")
    assert (told.person, told.count) == (cast.seller, 2)
    assert run("pools.recycle") == {"taken": 0, "change": None}
    undo.undo(Change.objects.get(pk=result["change"]), actor=cast.director)
    quiet.refresh_from_db()
    assert quiet.owner == cast.seller


def test_a_run_that_dies_goes_on_and_nobody_is_taken_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    pool(cast)
    rule(cast)
    with clock.at(NOON - 40 * DAY):
        for n in range(5):
            customer(cast.seller, f"Quiet {n}")
    monkeypatch.setattr(recycling, "TAKE", 2)
    whole, died = recycling.release, []

    def dies_once(*args: Any, **named: Any) -> Any:
        entries = whole(*args, **named)
        if len(entries) == 2 and PoolEntry.objects.count() == 4 and not died:
            died.append(True)
            raise job.LeaseLost
        return entries

    monkeypatch.setattr(recycling, "release", dies_once)
    row = job.enqueue("pools.recycle")
    worker.drain()
    assert (died, PoolEntry.objects.count()) == ([True], 2)
    let_leases_run_out()
    worker.drain()
    row.refresh_from_db()
    assert (row.state, row.result["taken"]) == ("done", 5)
    assert PoolEntry.objects.count() == PoolEntry.objects.values("customer").distinct().count() == 5
    assert Change.objects.filter(action="recycle").count() == 1
    assert Notice.objects.get(kind="pool_lost").count == 5


def test_owners_are_warned_once_before_the_day_and_see_what_goes(cast: Cast, client: Client) -> None:
    pool(cast)
    rule(cast)
    with clock.at(NOON - 26 * DAY):
        customer(cast.seller, "Soon")
    customer(cast.seller, "Fresh")
    assert run("pools.warn") == {"told": 1}
    assert run("pools.warn") == {"told": 0}
    client.force_login(cast.seller)
    page = client.get(reverse("public_pool:tonight")).content.decode()
    assert "Soon" in page
    assert "Fresh" not in page
    client.force_login(cast.other_seller)
    assert "Soon" not in client.get(reverse("public_pool:tonight")).content.decode()
    soon = client.get("/customers/?view=all&is=pool_soon")
    assert soon.status_code == 200


def test_another_rule_is_looked_at_beside_the_work(cast: Cast) -> None:
    pool(cast)
    with clock.at(NOON - 40 * DAY):
        held = customer(cast.seller)
    made = rule(cast, days=50)
    worker.drain()
    assert Holding.objects.get(customer=held).leaves_on == TODAY + 10 * DAY
    action.update(made, {"days": 60}, actor=cast.administrator)
    worker.drain()
    assert Holding.objects.get(customer=held).leaves_on == TODAY + 20 * DAY
    action.update(made, {"active": False}, actor=cast.administrator)
    worker.drain()
    assert Holding.objects.get(customer=held).leaves_on is None
    assert standing.rebuild() == "1"


def test_the_page_asks_as_many_questions_for_many_as_for_few(cast: Cast, client: Client) -> None:
    pool(cast)
    rule(cast)
    client.force_login(cast.manager)
    counts = []
    for names_ in (["One"], [f"Twelve {n}" for n in range(12)]):
        with clock.at(NOON - 40 * DAY):
            for name in names_:
                customer(cast.peer, name)
        client.get(reverse("public_pool:tonight"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("public_pool:tonight"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16


def test_a_column_of_the_sheet_puts_customers_into_a_pool(cast: Cast) -> None:
    pool(cast, team=None, name="公司公海")
    mine = customer(cast.seller, "同砌设计院")
    batch = imported(
        "客户名称,负责人,公海\n恒岑钢构,Chen Siyuan,公司公海\n同砌设计院,,公司公海\n观澜置业,Chen Siyuan,\n"
    )
    assert batch.counts["errors"] == 0
    waiting = PoolEntry.objects.order_by("pk").values_list("name", "way", "previous_owner")
    assert sorted(waiting) == sorted([("恒岑钢构", "imported", None), ("同砌设计院", "imported", cast.seller.pk)])
    mine.refresh_from_db()
    assert mine.owner is None
    assert Customer.objects.get(name="观澜置业").owner == cast.seller
    revert.start(batch)
    worker.drain()
    assert not access.visible(PoolEntry, cast.director).filter(name="恒岑钢构").exists()
