"""Targets down to the day: what is given on top, tiers, days that sum, days that stay, people who move, new ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.goals import daily, queries, weights
from xiaoguan.apps.goals.actions import lock, set_targets, set_terms, split_down
from xiaoguan.apps.goals.models import DayPlan, Target
from xiaoguan.apps.goals.shaping import shape_days
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.shipped import FIRST_RESPONSE, WIN_RATE, WON_AMOUNT
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org.models import CalendarDay, Company, Membership
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import clock, job
from xiaoguan.kit.action import create, update
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.undo import undo

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)


def _person(someone: Any) -> Subject:
    return Subject("person", someone.pk)


def _year(cast: Cast, start: int) -> Any:
    """The fiscal year around November 2026 of a company whose year begins in a month."""
    if start != 1:
        update(cast.company, {"fiscal_year_start": start}, actor=cast.administrator)
    return FiscalCalendar(start).year(NOON.date())


@pytest.mark.parametrize("start", [1, 4])
def test_days_sum_to_weeks_months_quarters_and_the_year(cast: Cast, start: int) -> None:
    """Whatever mix of months, a quarter and a year there is: each day belongs to one, and all sums hold to the fen."""
    with clock.at(NOON):
        year = _year(cast, start)
        months, subject = year.split("month"), _person(cast.seller)
        quarter = year.split("quarter")[3]
        cells: Any = {(subject, month): 1_000_003 + at for at, month in enumerate(months[:9])}
        set_targets(WON_AMOUNT, {**cells, (subject, quarter): 999_999}, actor=cast.director)
        for month in months[:9]:
            days = [queries.targets_of(WON_AMOUNT, day, [subject.key])[subject.key] for day in month.split("day")][:3]
            assert all(value is not None for value in days)
        vector = daily.vectors(WON_AMOUNT, year, [subject.key])[subject.key]
        for month, at in zip(months[:9], range(9), strict=True):
            first = (month.start - year.start).days
            assert vector.total(first, first + month.days - 1) == 1_000_003 + at
        first = (quarter.start - year.start).days
        assert vector.total(first, first + quarter.days - 1) == 999_999
        works = working_calendar().works
        assert not any(value for day, value in zip(year.each_day(), vector.values, strict=True) if not works(day))
        week = year.calendar.week(NOON.date())
        told = queries.targets_of(WON_AMOUNT, week, [subject.key])[subject.key]
        assert told == sum(
            queries.targets_of(WON_AMOUNT, day, [subject.key])[subject.key] or 0 for day in week.split("day")
        )
        assert DayPlan.objects.filter(subject=subject.key, start=year.start).count() == 1


def test_a_calendar_that_changes_moves_coming_days_only(cast: Cast) -> None:
    """A day off next week: days that are over and locked months stay, sums stay, the day off has nothing."""
    with clock.at(NOON):
        year, subject = FiscalCalendar().parse("2026"), _person(cast.seller)
        november, december = year.split("month")[10:]
        set_targets(WON_AMOUNT, {(subject, november): 2_100_000, (subject, december): 2_300_000}, actor=cast.director)
        lock(WON_AMOUNT, [(subject, december)], actor=cast.director)
        before = daily.vectors(WON_AMOUNT, year, [subject.key])[subject.key].values.copy()
        for day in (dt.date(2026, 11, 25), dt.date(2026, 12, 2), dt.date(2026, 11, 4)):
            create(CalendarDay, {"day": day, "working": False}, actor=cast.administrator)
        waiting = job.claim(names=["goals.respread"])
        assert waiting is not None
        assert daily.store(WON_AMOUNT, year) == 1
        after = daily.vectors(WON_AMOUNT, year, [subject.key])[subject.key].values
        today = (NOON.date() - year.start).days
        assert (after[:today] == before[:today]).all()
        off = (dt.date(2026, 11, 25) - year.start).days
        assert before[off] > 0
        assert after[off] == 0
        assert after[today] > before[today]
        first = (december.start - year.start).days
        assert (after[first:] == before[first:]).all()
        assert after.sum() == before.sum() == 4_400_000


def test_days_follow_every_change_and_its_undo(cast: Cast) -> None:
    """What is read is always what the targets say, also where nothing is stored (an older database)."""
    with clock.at(NOON):
        year, subject = FiscalCalendar().parse("2027"), _person(cast.seller)
        month = year.split("month")[0]
        set_targets(WON_AMOUNT, {(subject, month): 100_00}, actor=cast.director)
        done = set_targets(WON_AMOUNT, {(subject, month): 150_00}, actor=cast.director)
        assert daily.of(WON_AMOUNT, year.calendar.week(dt.date(2027, 1, 13)), [subject.key])[subject.key] is not None
        assert daily.vectors(WON_AMOUNT, year)[subject.key].values.sum() == 150_00
        assert done.change is not None
        undo(done.change, actor=cast.director)
        assert daily.vectors(WON_AMOUNT, year)[subject.key].values.sum() == 100_00
        DayPlan.objects.all().delete()
        assert daily.vectors(WON_AMOUNT, year)[subject.key].values.sum() == 100_00
        set_targets(WON_AMOUNT, {(subject, month): None}, actor=cast.director)
        assert daily.vectors(WON_AMOUNT, year) == {}
        set_targets(WIN_RATE, {(subject, month): 30_000}, actor=cast.director)
        assert queries.targets_of(WIN_RATE, year.calendar.of("day", month.start), [subject.key])[subject.key] == 30_000


@pytest.mark.parametrize("start", [1, 7])
def test_parts_make_the_target_and_what_is_given_on_top(cast: Cast, start: int) -> None:
    """A team of 1,000.01 that gives out 10 % more: its people make 1,100.01 in every month, and that is equal."""
    year = _year(cast, start)
    team, people = Subject("team", cast.tigers.pk), [_person(cast.seller), _person(cast.peer)]
    months = {month: 100_001 + at for at, month in enumerate(year.split("month"))}
    set_targets(WON_AMOUNT, {(team, month): value for month, value in months.items()}, actor=cast.director)
    set_terms(WON_AMOUNT, team, year, {"over": 10_000}, actor=cast.director)
    split_down(WON_AMOUNT, months, people, {people[0]: 2, people[1]: 1}, actor=cast.director, over=10_000)
    found = queries.targets(WON_AMOUNT, year.start, year.end)
    for month, value in months.items():
        parts = sum(found.of(person.key, month) or 0 for person in people)
        assert parts == value + (value * 10_000 + 50_000) // 100_000
    tops = queries.grid(cast.again("director"), WON_AMOUNT, year)
    line = next(node for top in tops for node in top.walk() if node.subject == team)
    assert line.difference == 0
    assert line.year == sum(months.values())
    assert line.open == [0] * 12
    set_targets(WON_AMOUNT, {(people[1], next(iter(months))): None}, actor=cast.director)
    tops = queries.grid(cast.again("director"), WON_AMOUNT, year)
    line = next(node for top in tops for node in top.walk() if node.subject == team)
    assert line.open[0] == -(line.difference or 0) > 0


def test_tiers_are_carried_and_never_reversed(cast: Cast) -> None:
    """Stretch and challenge go with every target of the year; a challenge below the stretch is refused."""
    year, subject = FiscalCalendar().parse("2027"), _person(cast.seller)
    months = year.split("month")
    set_targets(WON_AMOUNT, {(subject, months[0]): 1000}, actor=cast.director)
    set_terms(WON_AMOUNT, subject, year, {"stretch": 10_000, "challenge": 25_000}, actor=cast.director)
    set_targets(WON_AMOUNT, {(subject, months[1]): 2000}, actor=cast.director)
    row = Target.objects.get(subject=subject.key, start=months[1].start)
    assert (row.tier("stretch"), row.tier("challenge")) == (2200, 2500)
    with pytest.raises(Invalid):
        set_terms(WON_AMOUNT, subject, year, {"challenge": 5_000}, actor=cast.director)
    with pytest.raises(Denied):
        set_terms(WON_AMOUNT, subject, year, {"over": 5_000}, actor=cast.seller)
    less = Target(metric=FIRST_RESPONSE.code, number=100, stretch=10_000)
    assert less.tier("stretch") == 90


def test_who_changes_teams_counts_by_days(cast: Cast) -> None:
    """Half the year with the tigers, then with the wolves: each team has the days he was there."""
    year = FiscalCalendar().parse("2026")
    moved, months = dt.date(2026, 7, 1), year.split("month")
    people = (cast.seller, cast.peer, cast.other_seller)
    set_targets(WON_AMOUNT, {(_person(one), month): 3000 for one in people for month in months}, actor=cast.director)
    teams = {Subject("team", team.pk): 0 for team in (cast.tigers, cast.wolves)}
    set_targets(WON_AMOUNT, {(team, month): 6000 for team in teams for month in months}, actor=cast.director)
    Membership.objects.filter(person=cast.seller).update(end=moved - dt.timedelta(days=1))
    Membership.objects.create(person=cast.seller, team=cast.wolves, start=moved)
    type(cast.seller).objects.filter(pk=cast.seller.pk).update(unit=cast.wolves)
    tops = queries.grid(cast.again("director"), WON_AMOUNT, year)
    lines = {node.subject: node for top in tops for node in top.walk()}
    tigers, wolves = (lines[team] for team in teams)
    assert tigers.below == 12 * 3000 + 6 * 3000
    assert wolves.below == 12 * 3000 + 6 * 3000
    assert tigers.open[:7] == [0] * 6 + [3000]
    assert wolves.open[:7] == [3000] * 6 + [0]


def test_somebody_new_bears_a_part(cast: Cast) -> None:
    """Who comes in March bears 30, then 60 per cent, nothing before; his days begin when he comes."""
    year = FiscalCalendar().parse("2027")
    months = year.split("month")
    type(cast.peer).objects.filter(pk=cast.peer.pk).update(joined_on=dt.date(2027, 3, 10))
    team = Subject("team", cast.tigers.pk)
    set_targets(WON_AMOUNT, {(team, month): 16_000 for month in months}, actor=cast.director)
    tops = queries.grid(cast.again("director"), WON_AMOUNT, year)
    line = next(node for top in tops for node in top.walk() if node.subject == team)
    shares = weights.of_children(WON_AMOUNT, line, year, "even")
    split_down(WON_AMOUNT, dict.fromkeys(months, 16_000), list(shares), shares, actor=cast.director)
    found = queries.targets(WON_AMOUNT, year.start, year.end)
    got = [found.of(_person(cast.peer).key, month) for month in months[:5]]
    assert got == [0, 0, 3692, 6000, 8000]
    days = daily.vectors(WON_AMOUNT, year)[_person(cast.peer).key]
    assert days.total(59, 59 + 8) == 0
    assert days.total(59, 59 + 30) == 3692
    assert Company.objects.get().ramp == "30 60"


def test_a_split_is_shown_before_it_is_made(cast: Cast, client: Client) -> None:
    """Weights of one's own, who would get what; nothing is set until it is applied, then it is exact and one change."""
    year = FiscalCalendar().parse("2027")
    team, months = Subject("team", cast.tigers.pk), year.split("month")
    set_targets(WON_AMOUNT, {(team, month): 400 for month in months}, actor=cast.director)
    client.force_login(cast.director)
    url = reverse("goals:split") + "?metric=won_amount&year=2027"
    people = [_person(cast.seller), _person(cast.peer)]
    sent = {"subject": team.key, "direction": "down", "method": "given"}
    given = {f"w|{people[0].key}": "3", f"w|{people[1].key}": "1"}
    page = client.post(url, sent | given)
    assert page.status_code == 200
    assert cast.seller.name in page.content.decode()
    assert not Target.objects.filter(level="person").exists()
    assert client.post(url, sent | given | {"apply": "1"}).status_code == 302
    found = queries.targets(WON_AMOUNT, year.start, year.end)
    assert [found.of(person.key, months[5]) for person in people] == [300, 100]
    for method in weights.DOWN:
        assert client.post(url, {**sent, "method": method}).status_code == 200, method
    for method in weights.ALONG:
        assert client.post(url, {**sent, "direction": "time", "method": method}).status_code == 200, method
    assert client.post(url, sent | {f"w|{people[0].key}": "x"}).status_code == 422


def test_the_pages_of_days_and_weeks(cast: Cast, client: Client, django_assert_max_num_queries: Any) -> None:
    """Who has what today, in a fixed number of questions; a seller sees his own line."""
    with clock.at(NOON):
        year = FiscalCalendar().parse("2026")
        everyone = (cast.seller, cast.peer, cast.other_seller)
        cells: Any = {(_person(one), month): 2_100_000 for one in everyone for month in year.split("month")}
        set_targets(WON_AMOUNT, cells, actor=cast.director)
        assert client.login(username="director", password=PASSWORD)
        for show in ("day", "week"):
            client.get(reverse("goals:days"), {"show": show})
            with django_assert_max_num_queries(20):
                page = client.get(reverse("goals:days"), {"show": show})
            assert page.status_code == 200
            assert cast.other_seller.name in page.content.decode()
        client.force_login(cast.seller)
        text = client.get(reverse("goals:days"), {"show": "day", "on": "2026-11-18"}).content.decode()
        assert cast.seller.name in text
        assert cast.peer.name not in text
        assert client.get(reverse("goals:days"), {"on": "never"}).status_code == 404


def test_days_by_last_years_rhythm(cast: Cast) -> None:
    """Fridays brought all of last year: each month stays exact, Fridays bear most, and back by working days."""
    with clock.at(NOON):
        year, subject = FiscalCalendar().parse("2027"), _person(cast.seller)
        won = Stage.objects.get(code="after_sales")
        fridays = [day for day in year.year_before().each_day() if day.weekday() == 4 and day <= NOON.date()]
        for day in fridays:
            deal = {"name": "Hall", "stage": won, "amount": 1000_00, "opened_on": day, "won_on": day}
            create(Deal, deal, actor=cast.seller)
        months = year.split("month")
        set_targets(WON_AMOUNT, {(subject, month): 1_000_003 for month in months}, actor=cast.director)
        flat = daily.vectors(WON_AMOUNT, year, [subject.key])[subject.key].values.copy()
        with pytest.raises(Denied):
            shape_days(WON_AMOUNT, subject, [], year, "last_year", actor=cast.seller)
        shape_days(WON_AMOUNT, subject, [], year, "last_year", actor=cast.director)
        days = daily.vectors(WON_AMOUNT, year, [subject.key])[subject.key]
        for month in months:
            first = (month.start - year.start).days
            assert days.total(first, first + month.days - 1) == 1_000_003
        march = [
            (day.weekday(), value) for day, value in zip(year.each_day(), days.values, strict=True) if day.month == 3
        ]
        assert min(value for weekday, value in march if weekday == 4) > 3 * max(v for w, v in march if w == 0)
        shape_days(WON_AMOUNT, subject, [], year, "workdays", actor=cast.director)
        assert (daily.vectors(WON_AMOUNT, year, [subject.key])[subject.key].values == flat).all()


def test_a_tier_as_a_number_is_shared_exactly(cast: Cast) -> None:
    """A number for the year takes the place of the rate and sums over the months; reversed tiers are refused."""
    year, subject = FiscalCalendar().parse("2027"), _person(cast.seller)
    cells: Any = {(subject, month): 1000 + at for at, month in enumerate(year.split("month"))}
    set_targets(WON_AMOUNT, cells, actor=cast.director)
    set_terms(WON_AMOUNT, subject, year, {"stretch": 10_000}, actor=cast.director)
    set_terms(WON_AMOUNT, subject, year, {"stretch_to": 13_131, "challenge_to": 15_001}, actor=cast.director)
    rows = Target.objects.filter(subject=subject.key)
    assert [sum(row.tier(name) for row in rows) for name in ("stretch", "challenge")] == [13_131, 15_001]
    assert {row.stretch for row in rows} == {None}
    with pytest.raises(Invalid):
        set_terms(WON_AMOUNT, subject, year, {"challenge_to": 12_000}, actor=cast.director)
    set_terms(WON_AMOUNT, subject, year, {"stretch": 10_000, "challenge": None}, actor=cast.director)
    assert Target.objects.get(subject=subject.key, start=year.start).tier("stretch") == 1100


@pytest.mark.once
def test_the_page_leads_from_one_number_to_everybodys_days(cast: Cast, client: Client) -> None:
    """The hint above the grid: a number, its months, down to the people in one preview, the days; all to the fen.

    Somebody changes teams in the middle of July: each team's months are borne by who is there, by the day.
    """
    moved = dt.date(2026, 7, 16)
    Membership.objects.filter(person=cast.peer).update(end=moved - dt.timedelta(days=1))
    Membership.objects.create(person=cast.peer, team=cast.wolves, start=moved)
    type(cast.peer).objects.filter(pk=cast.peer.pk).update(unit=cast.wolves)
    assert client.login(username="director", password=PASSWORD)
    with clock.at(NOON):
        year, where = _year(cast, 1), "?metric=won_amount&year=2026"
        grid, split = reverse("goals:grid") + where, reverse("goals:split") + where
        hint = client.get(grid).context["hint"]
        assert hint.node is None and cast.company.name in hint.text
        client.post(grid, {"c|company|2026": "100.0001"})
        for direction in ("time", "down"):
            hint = client.get(grid).context["hint"]
            assert (hint.direction, hint.node.subject.level) == (direction, "company")
            sent = {
                "subject": "company",
                "direction": direction,
                "method": hint.method,
                "deep": "1" if hint.deep else "",
            }
            preview = client.post(split, sent)
            assert preview.context["total"] == preview.context["target"]
            answer = client.post(split, {**sent, "apply": "1"}, follow=True)
        assert answer.context["hint"].direction == "" and reverse("goals:days") in answer.content.decode()
        sellers = [
            queries.person_key(getattr(cast, name).pk) for name in ("seller", "peer", "other_seller", "other_peer")
        ]
        told = queries.targets(WON_AMOUNT, year.start, year.end)
        for month in year.split("month"):
            parts = [told.of(key, month) for key in sellers]
            assert None not in parts and sum(part or 0 for part in parts) == told.of("company", month)
        assert told.of("company", year) == 1_000_001_00
        lines = [node for top in queries.grid(cast.again("director"), WON_AMOUNT, year) for node in top.walk()]
        assert not any(node.difference for node in lines)
        assert {value for node in lines if node.subject.level == "team" for value in node.open} == {0}
