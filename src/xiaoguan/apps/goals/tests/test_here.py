"""What a phone shows of the grid: one period, where each line stands in it, and whether its parts make it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.goals import here, queries
from xiaoguan.apps.goals.actions import lock, set_targets, set_terms
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import clock
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.models.credit import Credit

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.timezone(dt.timedelta(hours=8)))
YEAR = FiscalCalendar().parse("2026")
NOVEMBER = FiscalCalendar().parse("2026-11")


def _aimed(cast: Cast) -> tuple[Subject, Subject]:
    """The tigers aim at 100 000 a month and give out a tenth on top; two sellers bear 60 000 and 45 000 of it."""
    team, person = Subject("team", cast.tigers.pk), Subject("person", cast.seller.pk)
    each = {team: 10_000_000, person: 6_000_000, Subject("person", cast.peer.pk): 4_500_000}
    months = YEAR.split("month")
    set_targets(
        WON_AMOUNT, {(one, month): value for one, value in each.items() for month in months}, actor=cast.director
    )
    set_terms(WON_AMOUNT, team, YEAR, {"over": RATE_ONE // 10}, actor=cast.director)
    rows = [(cast.seller, 3_000_000), (cast.peer, 1_000_000), (cast.other_seller, 500_000)]
    made: dict[str, Any] = {"fact": "won", "entity": "opportunities.deal", "object_id": 1, "split": RATE_ONE}
    Credit.objects.bulk_create(
        Credit(person=who, unit=who.unit, on=NOVEMBER.start, amount=amount, **made) for who, amount in rows
    )
    return team, person


def test_parts_of_a_month_a_quarter_and_a_year(cast: Cast) -> None:
    """What was given on top is part of what the parts are to make, in each period alike."""
    team, _person = _aimed(cast)
    tops = queries.grid(cast.again("director"), WON_AMOUNT, YEAR)
    node = next(each for top in tops for each in top.walk() if each.subject == team)
    for period, months in ((NOVEMBER, 1), (NOVEMBER.within("quarter"), 3), (YEAR, 12)):
        assert here.target(node, period) == 10_000_000 * months
        assert here.parts(node, period) == (10_500_000 * months, 11_000_000 * months)


def test_only_figures_that_may_be_read_are_told(cast: Cast) -> None:
    """A director is told of all, a manager of his team, a seller of himself; nobody of a month to come."""
    team, person = _aimed(cast)
    peer, wolves = Subject("person", cast.peer.pk), Subject("team", cast.wolves.pk)
    with clock.at(NOON):

        def told(part: str, period: Any = NOVEMBER) -> dict[str, int | None]:
            actor = cast.again(part)
            lines = [node for top in queries.grid(actor, WON_AMOUNT, YEAR) for node in top.walk()]
            return here.done(actor, replace(WON_AMOUNT, seen_by="team"), period, lines)

        everything = told("director")
        assert (everything["company"], everything[team.key]) == (4_500_000, 4_000_000)
        assert (everything[person.key], everything[peer.key]) == (3_000_000, 1_000_000)
        assert {key: value for key, value in everything.items() if key == wolves.key} in ({}, {wolves.key: 500_000})
        assert told("manager") == {team.key: 4_000_000, person.key: 3_000_000, peer.key: 1_000_000}
        assert told("seller") == {person.key: 3_000_000}
        assert told("director", NOVEMBER.next()) == {}


def test_one_period_of_the_page(cast: Cast, client: Client, django_assert_max_num_queries: Any) -> None:
    """The address says which; its cells are edited by the same form, locked ones aren't; saving leads back to it."""
    _team, person = _aimed(cast)
    lock(WON_AMOUNT, [(person, NOVEMBER)], actor=cast.director)
    assert client.login(username="director", password=PASSWORD)
    url = reverse("goals:grid") + "?year=2026&show=month&at="
    with clock.at(NOON):
        client.get(url)
        with django_assert_max_num_queries(26):
            text = client.get(url).content.decode()
        shown = re.findall(r'<td class="[^"]*is-here[^"]*">(.*?)</td>', text)
        assert all("2026-11" in cell for cell in shown if "<input" in cell)
        locked = [cell for cell in shown if "lock-button" in cell]
        assert len(locked) == 1 and f"{person.key}|2026-11" in locked[0]
        row = text[text.index(locked[0]) :]
        assert row.index("50.0%") < row.index("</tr>"), "reached of the target"
        cell = f"c|person:{cast.peer.pk}|2026-10"
        answer = client.post(f"{url}2026-10", {cell: "47"})
        assert answer.status_code == 302 and "at=2026-10" in answer["Location"]
        assert client.get(f"{url}2026-13").status_code == 404
