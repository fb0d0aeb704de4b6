"""A deal on its way: whatever people do to it in whatever order, its books agree."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities import actions
from xiaoguan.apps.opportunities.models import Deal, StageEntry
from xiaoguan.apps.opportunities.models.deal import STATUS_OF
from xiaoguan.kit import action, clock
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.models.credit import Credit
from xiaoguan.kit.undo import undo

from tests.cast import Cast, make_cast

CODES = ("prospecting", "needs", "solution", "contracting", "after_sales", "lost", "invalid")


class Way(RuleBasedStateMachine):
    """One deal, two sellers and a manager over some months."""

    house: Cast

    def __init__(self) -> None:
        super().__init__()
        self.now = dt.datetime(2026, 1, 5, 2, 0, tzinfo=dt.UTC)
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.stages = {code: company.stage(code) for code in CODES}
        self.last: Change | None = None

    def teardown(self) -> None:
        """Leave nothing behind for the next example."""
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def deal(self) -> Deal:
        return company.again(self.row)

    def run(self, verb, **values) -> None:
        with clock.at(self.now):
            self.last = verb(self.deal(), actor=self.house.manager, **values).change

    @initialize(code=st.sampled_from(CODES), amount=st.integers(1, 10**9))
    def begin(self, code, amount) -> None:
        with clock.at(self.now):  # what the stages ask for is there: the gates have tests of their own
            about = {"amount": amount, "expected_on": clock.today()}
            self.row = company.deal(self.house.seller, stage_code=code, **about)

    @rule(code=st.sampled_from(CODES), days=st.integers(0, 5), back=st.integers(0, 5))
    def move(self, code, days, back) -> None:
        self.now += dt.timedelta(days=days, minutes=7)
        deal, to = self.deal(), self.stages[code]
        ending = to.outcome != "open" and deal.is_open and deal.status != STATUS_OF[to.outcome]
        on = max(deal.opened_on, clock.local(self.now).date() - dt.timedelta(days=back)) if ending else None
        self.run(actions.move, to=to, loss_reason=company.reason(), on=on)

    @precondition(lambda self: self.deal().is_open)
    @rule()
    def win(self) -> None:
        self.run(actions.win)

    @precondition(lambda self: self.deal().is_open)
    @rule()
    def lose(self) -> None:
        self.run(actions.lose, loss_reason=company.reason("competitor"), competitor="Other Lights")

    @rule()
    def reopen(self) -> None:
        self.run(actions.reopen)

    @rule(to_peer=st.booleans())
    def transfer(self, to_peer) -> None:
        self.run(actions.transfer, to=self.house.peer if to_peer else self.house.seller)

    @rule(amount=st.integers(1, 10**12))
    def reprice(self, amount) -> None:
        with clock.at(self.now):
            self.last = action.update(self.deal(), {"amount": amount}, actor=self.house.manager).change

    @precondition(lambda self: self.last is not None)
    @rule()
    def take_back(self) -> None:
        with clock.at(self.now):
            undo(self.last, actor=self.house.manager)
        self.last = None

    @invariant()
    def status_is_that_of_the_stage(self) -> None:
        deal = self.deal()
        assert deal.status == STATUS_OF[deal.stage.outcome]
        assert (deal.won_on is not None) == (deal.status == "won")
        assert (deal.lost_on is not None) == (deal.status == "lost")
        assert deal.closed_on == (deal.won_on or deal.lost_on)
        assert deal.is_open or deal.probability == deal.stage.probability
        assert deal.loss_reason is None or deal.status == "lost"

    @invariant()
    def history_is_contiguous(self) -> None:
        deal = self.deal()
        rows = list(StageEntry.objects.filter(deal=deal, deleted_at__isnull=True).order_by("pk"))
        for earlier, later in itertools.pairwise(rows):
            assert earlier.left_at == later.entered_at >= earlier.entered_at
            assert earlier.left_on == later.entered_on >= earlier.entered_on
            assert earlier.days == (earlier.left_on - earlier.entered_on).days
            assert earlier.stage_id != later.stage_id
        assert rows[-1].left_at is rows[-1].left_on is rows[-1].days is None
        assert (rows[-1].stage_id, rows[-1].entered_on) == (deal.stage_id, deal.stage_since)
        assert deal.stage_since <= clock.local(self.now).date()

    @invariant()
    def credits_are_what_the_facts_say(self) -> None:
        deal = self.deal()
        stored = Credit.objects.filter(entity="opportunities.deal", object_id=deal.pk)
        wanted = {
            (credit.fact, credit.person_id, credit.on, credit.split, credit.amount)
            for fact in Deal.entity.facts
            for credit in fact.credits(deal)
        }
        found = list(stored.values_list("fact", "person_id", "on", "split", "amount"))
        assert sorted(found) == sorted(wanted)
        assert all(unit == self.house.seller.unit_id for unit in stored.values_list("unit_id", flat=True))

    @invariant()
    def an_open_deal_earns_for_its_owner(self) -> None:
        deal = self.deal()
        if deal.is_open:
            assert deal.credited_id == deal.owner_id


@pytest.mark.django_db
def test_books_agree_on_every_way():
    Way.house = make_cast()
    run_state_machine_as_test(
        Way,
        settings=settings(
            max_examples=50, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
