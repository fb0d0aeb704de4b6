"""The process report: counted by hand it is the same, and every figure opens as many records as it says."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities import actions
from xiaoguan.apps.opportunities.models import Deal, Pipeline, StageEntry
from xiaoguan.apps.process.queries import DIMENSIONS, Question, breakdown, flow, outcomes
from xiaoguan.kit import action, clock, memo

from tests.cast import Cast
from tests.world import client_of

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 9, 1, 2, 0, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 18, 2, 0, tzinfo=dt.UTC)
FIGURE = re.compile(r'<a href="(/(?:stage-history|deals)/\?[^"]+)">(?:<[^>]+>)*([\d,]+)(?:<[^>]+>)*</a>')


def walk(owner, *codes: str, product=None, days: int = 25) -> Deal:
    """A deal on its way, some days at each stage."""
    with clock.at(START):
        about = {"amount": 100_00, "expected_on": clock.today(), "product": product}
        deal = company.deal(owner, customer=company.customer(owner, name=f"Firm {Deal.objects.count()}"), **about)
    for at, code in enumerate(codes, 1):
        with clock.at(START + dt.timedelta(days=days * at)):
            actions.move(company.again(deal), actor=owner, to=company.stage(code), loss_reason=company.reason())
    return deal


@pytest.fixture
def ways(cast: Cast) -> Question:
    """Five deals on different ways: straight, over a stage, back, lost early, still at the start."""
    lamp = company.product(cast.director)
    walk(cast.seller, "needs", "solution", product=lamp)
    walk(cast.seller, "solution", "after_sales", days=10)
    walk(cast.peer, "needs", "prospecting", days=5)
    walk(cast.other_seller, "lost", days=3)
    walk(cast.other_seller)
    with clock.at(NOW):
        return Question(Pipeline.objects.get(code="default"), dt.date(2026, 9, 1), dt.date(2026, 11, 18))


def test_steps_and_moves_are_those_of_the_history(cast: Cast, ways: Question) -> None:
    with clock.at(NOW):
        found = flow(cast.director, ways)
        first, needs, solution, _contracting = found.steps
        assert (first.on, first.lost, first.back, first.still) == (3, 1, 0, 2)
        assert (needs.on, needs.back, needs.still) == (1, 1, 0)
        assert (solution.on, solution.still) == (1, 1)
        assert first.days == {25: 1, 10: 1, 5: 1, 3: 1}
        rows = StageEntry.objects.filter(stage__outcome="open")
        assert sum(found.moves.values()) == rows.count() == sum(step.entered for step in found.steps)
        assert flow(cast.seller, ways).steps[0].entered == 2
        assert flow(cast.manager, ways).steps[0].entered == 4
        told = {each.code: each for each in outcomes(cast.director, ways).deviations}
        assert told["skipped"].with_it == (1, 1) and told["skipped"].without == (0, 1)
        for dimension in DIMENSIONS:
            by = breakdown(cast.director, ways, dimension)
            assert sum(row.entered for row in by) == rows.count()
            took = sorted(days for row in by for days, count in row.days.items() for _each in range(count))
            assert took == sorted(rows.exclude(way="").values_list("days", flat=True))
        gone = Deal.objects.filter(owner=cast.peer).get()
        action.remove(gone, actor=cast.peer)
        memo.forget()
        assert flow(cast.director, ways).steps[0].entered == 4


@pytest.mark.parametrize("part", ["director", "manager", "seller", "hr"])
def test_every_figure_opens_as_many_records(cast: Cast, ways: Question, part: str) -> None:
    client = client_of(getattr(cast, part))
    with clock.at(NOW), translation.override("en"):
        asked = [f"?by={each.code}" for each in DIMENSIONS] + [f"?by=person&person={cast.seller.pk}"]
        opened = 0
        for query in asked:
            page = client.get(f"/insight/process/{query}&from=2026-09-01&to=2026-11-18").content.decode()
            for url, figure in dict(FIGURE.findall(page)).items():
                listing = client.get(unescape(url)).context["listing"]
                assert not listing.problems, (url, listing.problems)
                assert listing.totals.count == int(figure.replace(",", "")), url
                opened += 1
        assert opened > 20


def test_it_costs_the_same_queries_however_many_deals(cast: Cast, ways: Question) -> None:
    def queries() -> int:
        memo.forget()
        with (
            clock.at(NOW),
            CaptureQueriesContext(
                connection,
            ) as caught,
        ):
            assert client_of(cast.director).get("/insight/process/").status_code == 200
        return len(caught)

    before = queries()
    for owner in (cast.seller, cast.peer, cast.other_peer):
        walk(owner, "needs", "solution", "contracting")
    assert queries() == before


def test_words_and_numbers_that_make_no_sense_are_left_aside(cast: Cast) -> None:
    client = client_of(cast.director)
    for query in (
        "from=x&to=2026-13-01",
        "person=abc&team=-1&kind=999999999999999999999",
        "pipeline=0&by=nothing",
        "region=%00",
    ):
        assert client.get(f"/insight/process/?{query}").status_code == 200
