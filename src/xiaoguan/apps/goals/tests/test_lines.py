"""Targets beside figures that are cut: by person, team and territory, whole or by the days somebody was there."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.lines import of_people_in
from xiaoguan.apps.goals.queries import person_key, targets_of
from xiaoguan.apps.goals.subject import COMPANY, Subject
from xiaoguan.apps.metrics.shipped import WIN_RATE, WON_AMOUNT, metrics
from xiaoguan.apps.org.models import Membership
from xiaoguan.apps.territories.models import Assignment, Territory
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import action, clock

from tests.cast import Cast
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
YEAR = FiscalCalendar().parse("2026")
NOVEMBER = YEAR.split("month")[10]


def test_lines_stand_against_targets(cast: Cast, client: Client) -> None:
    """Each reader sees the targets he may see, also of whom nothing is won of yet; the questions stay the same."""
    with clock.at(NOON):
        won = {"stage_code": "after_sales", "won_on": dt.date(2026, 11, 3), "opened_on": dt.date(2026, 10, 1)}
        company.deal(cast.seller, customer=company.customer(cast.seller), amount=600, **won)
        row = action.create(Territory, {"name": "East"}, actor=cast.director)
        action.create(Assignment, {"territory": row, "person": cast.seller}, actor=cast.director)
        other = action.create(Territory, {"name": "West"}, actor=cast.director)
        whose = [("person", each.pk) for each in (cast.seller, cast.peer, cast.other_seller)]
        whose += [("team", cast.tigers.pk), ("territory", row.pk), ("territory", other.pk)]
        cells: Any = {(Subject(level, pk), NOVEMBER): 1000 for level, pk in whose} | {(COMPANY, NOVEMBER): 3000}
        set_targets(WON_AMOUNT, cells, actor=cast.director)
        page = f"{reverse('insight:metric', args=['won_amount'])}?period=2026-11"

        def told(more: str) -> dict[str, str]:
            lines = client.get(f"{page}&{more}", headers={"accept-language": "en"}).context["lines"]
            return {line["name"]: str(line["reached"]) for line in lines if line["aimed"]}

        seller, peer, other_seller = (each.name for each in (cast.seller, cast.peer, cast.other_seller))
        client.force_login(cast.again("director"))
        assert told("by=person") == {seller: "60.0%", peer: "0%", other_seller: "0%"}
        assert told("by=unit") == {"Lumen Works": "20.0%", "Tigers": "60.0%"}
        assert told("by=territory") == {"East": "0%", "West": "0%"}
        assert told(f"by=person&team={cast.tigers.pk}") == {seller: "60.0%", peer: "0%"}
        assert told("by=person&tier=A") == {}
        file = client.get(reverse("insight:pivot_file") + "?as=csv&year=2026", headers={"accept-language": "en"})
        assert "Target,Reached" in file.content.decode() and f"{seller},Tigers" in file.content.decode()
        assert ",6.00,10.00,60" in file.content.decode()
        path = f"metric-definitions/{metrics.row_of('won_amount')}/figures?by=unit&from=2026-11-01&to="
        answers = [Api(cast.again("director")).ask("GET", f"{path}2026-11-{last}").json()["data"] for last in (29, 30)]
        assert [[row.get("target") for row in data] for data in answers] == [[None], [1000]]
        client.force_login(cast.again("manager"))
        assert told("by=person") == {seller: "60.0%", peer: "0%"} and told("by=unit") == {"Tigers": "60.0%"}
        table = client.get("/insight/pivot/?by=territory&year=2026").context["table"]
        assert {each.name: each.target for each in table.rows}.items() >= {"East": 1000, "West": None}.items()
        client.force_login(cast.again("other_seller"))
        assert told("by=person") == {other_seller: "0%"} and told("by=unit") == {}

        def asked() -> list[int]:
            found = []
            for more in ("by=person", "by=unit", "by=territory", f"by=person&team={cast.tigers.pk}"):
                with CaptureQueriesContext(connection) as caught:
                    client.get(f"{page}&{more}")
                found.append(len(caught))
            return found

        client.force_login(cast.again("director"))
        asked()
        before = asked()
        more = {(Subject("person", cast.other_peer.pk), NOVEMBER): 7, (Subject("team", cast.wolves.pk), NOVEMBER): 7}
        set_targets(WON_AMOUNT, more, actor=cast.director)
        company.deal(cast.other_seller, customer=company.customer(cast.other_seller, "Hengcen"), amount=6, **won)
        asked()
        assert asked() == before and max(before) <= 30


def test_days_in_teams_are_the_whole(cast: Cast) -> None:
    """Whoever changes teams on any day: what he bears in each of them is his target to the fen, of any period."""
    chance = random.Random(7)
    subject, every = person_key(cast.seller.pk), {cast.tigers.pk, cast.wolves.pk}
    membership = Membership.objects.get(person=cast.seller)
    for moved in [dt.date(2026, 11, 16), *(YEAR.start + dt.timedelta(chance.randrange(1, 364)) for _n in range(6))]:
        months = {(Subject("person", cast.seller.pk), month): chance.randrange(10**9) for month in YEAR.split("month")}
        set_targets(WON_AMOUNT, dict(months), actor=cast.director)
        Membership.objects.filter(pk=membership.pk).update(end=moved - dt.timedelta(days=1))
        later = Membership.objects.create(person=cast.seller, team=cast.wolves, start=moved)
        calendar = YEAR.calendar
        for period in (YEAR, calendar.of("quarter", moved), calendar.of("month", moved), calendar.of("week", moved)):
            whole = targets_of(WON_AMOUNT, period, [subject])[subject]
            parts = [of_people_in(WON_AMOUNT, period, [cast.seller.pk], {team})[cast.seller.pk] for team in every]
            assert sum(part or 0 for part in parts) == whole
            assert of_people_in(WON_AMOUNT, period, [cast.seller.pk], every) == {cast.seller.pk: whole}
            assert None not in parts or moved == period.start
        later.delete()
    assert of_people_in(WIN_RATE, NOVEMBER, [cast.peer.pk], {cast.tigers.pk}) == {cast.peer.pk: None}
