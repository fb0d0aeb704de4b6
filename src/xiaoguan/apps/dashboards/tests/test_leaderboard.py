"""The leaderboard: places by hand, and what each reader is told of the others."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from xiaoguan.apps.dashboards import periods, ranking
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.shipped import LEADS, WON_AMOUNT, metrics
from xiaoguan.kit import action
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def credit(person: object, amount: int, on: dt.date, fact: str = "won", number: int = 1) -> Credit:
    """A fact of somebody's, in his team of today."""
    made = {"fact": fact, "entity": "opportunities.deal", "object_id": number, "split": RATE_ONE}
    return Credit(person=person, unit=person.unit, on=on, amount=amount, **made)  # type: ignore[attr-defined]


@pytest.fixture
def sold(cast: Cast) -> Cast:
    """This month 5, 3, 3 and nothing; the month before the other way round; one target; a manager who sold most."""
    month = periods.running("month")
    before = month.previous().start
    amounts = [(cast.seller, 500, 100), (cast.peer, 300, 200), (cast.other_seller, 300, 300), (cast.manager, 900, 0)]
    rows = [credit(who, now, month.start) for who, now, _was in amounts]
    rows += [credit(who, was, before) for who, _now, was in amounts if was]
    rows += [credit(who, 0, month.start, "lead_received") for who in (cast.seller, cast.peer)]
    Credit.objects.bulk_create(rows)
    set_targets(WON_AMOUNT, {(Subject("person", cast.seller.pk), month): 1000}, actor=cast.director)
    return cast


def test_places_by_hand(sold: Cast) -> None:
    """Ties share a place, nothing sold has none, who leads isn't ranked; shares, targets and moves are exact."""
    board = ranking.board(sold.again("director"), WON_AMOUNT, periods.running("month"))
    told = [(row.pk, row.value, row.place, row.tied, row.moved, row.before) for row in board.rows]
    assert told[0] == (sold.seller.pk, 500, 1, False, 2, 100)
    assert {row[0]: row[1:] for row in told[1:3]} == {
        sold.peer.pk: (300, 2, True, 0, 200), sold.other_seller.pk: (300, 2, True, -1, 300),
    }  # fmt: skip
    assert told[3][0] == sold.other_peer.pk and told[3][1:3] == (0, None)
    assert (board.total, board.rows[0].share, board.rows[0].attainment) == (1100, 45_455, 50_000)
    teams = ranking.board(sold.again("director"), WON_AMOUNT, periods.running("month"), "team")
    assert [(row.name, row.value) for row in teams.rows] == [("Tigers", 1700), ("Wolves", 300)]
    month = periods.running("month")
    inside = ranking.board(sold.again("director"), WON_AMOUNT, month, team=sold.wolves)
    assert [row.pk for row in inside.rows] == [sold.other_seller.pk, sold.other_peer.pk]


def test_what_a_seller_is_told(sold: Cast, client: Client) -> None:
    """The upper half and himself; just himself; of a figure that is his own only, no place; or no board at all."""
    month = periods.running("month")

    def told(part: str, metric: str = "won_amount") -> list[tuple[int, int | None]]:
        board = ranking.board(sold.again(part), metrics[metric], month)
        return [(row.pk, row.place) for row in board.rows]

    assert len(told("seller")) == 3, "whoever sold nothing is not shown to others"
    assert sold.other_peer.pk in [pk for pk, _place in told("other_peer")]
    assert told("seller", LEADS.code) == [(sold.seller.pk, None)]
    assert len(told("manager", LEADS.code)) == 2
    action.update(sold.company, {"ranking": "own"}, actor=sold.administrator)
    assert told("peer") == [(sold.peer.pk, 2)]
    assert {pk for pk, _place in told("manager")} == {sold.seller.pk, sold.peer.pk}
    action.update(sold.company, {"ranking": "off"}, actor=sold.administrator)
    client.force_login(sold.director)
    assert client.get("/leaderboard/").status_code == 409


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_asks_the_same_however_many_there_are(
    sold: Cast, client: Client, language: str, django_assert_max_num_queries: object
) -> None:
    """One page for every kind of period, by people and by teams."""
    client.force_login(sold.director)
    for query in ("", "?by=team", "?period=2026-W03", f"?team={sold.tigers.pk}&period=year"):
        with django_assert_max_num_queries(22):  # type: ignore[operator]
            answer = client.get(f"/leaderboard/{query}", headers={"accept-language": language})
        assert answer.status_code == 200
    assert client.get("/leaderboard/?metric=nothing").status_code == 404
    assert client.get("/leaderboard/?period=2026-77").status_code == 404
