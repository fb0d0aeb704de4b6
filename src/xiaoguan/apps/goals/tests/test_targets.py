"""Targets: parts sum to the whole to the fen through the database, locks hold, rights hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings, strategies as st

from xiaoguan.apps.goals import queries
from xiaoguan.apps.goals.actions import lock, set_targets, split_down, split_year
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.subject import COMPANY, Subject
from xiaoguan.apps.metrics.shipped import NEW_CUSTOMERS, WIN_RATE, WON_AMOUNT
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.undo import undo

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
YEAR = FiscalCalendar().parse("2026")
MONTHS = YEAR.split("month")
FEN = st.integers(0, 10**13)


def _person(someone: Any) -> Subject:
    return Subject("person", someone.pk)


def _read(subject: Subject) -> queries.Targets:
    return queries.targets(WON_AMOUNT, YEAR.start, YEAR.end, [subject.key])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(total=FEN, weights=st.lists(st.integers(0, 999), min_size=12, max_size=12), kept=st.integers(0, 11))
def test_a_year_split_around_a_lock_sums_exactly(cast: Cast, total: int, weights: list[int], kept: int) -> None:
    """Twelve months, one of them locked, always sum to the year."""
    subject = _person(cast.seller)
    Target.objects.all().delete()
    held = total // 7
    set_targets(WON_AMOUNT, {(subject, MONTHS[kept]): held}, actor=cast.director)
    lock(WON_AMOUNT, [(subject, MONTHS[kept])], actor=cast.director)
    split_year(WON_AMOUNT, subject, YEAR, total, weights, actor=cast.director)
    found = _read(subject)
    values = [found.of(subject.key, month) for month in MONTHS]
    assert sum(value or 0 for value in values) == total == found.of(subject.key, YEAR)
    assert values[kept] == held
    assert all((found.of(subject.key, quarter) or 0) >= 0 for quarter in YEAR.split("quarter"))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(total=FEN, first=st.integers(0, 99), second=st.integers(0, 99))
def test_a_team_split_among_its_people_sums_in_every_month(cast: Cast, total: int, first: int, second: int) -> None:
    """Each month of the team equals its people's, so the years do too."""
    Target.objects.all().delete()
    team = Subject("team", cast.tigers.pk)
    people = [_person(cast.seller), _person(cast.peer)]
    months = {month: total // 12 + place for place, month in enumerate(MONTHS)}
    set_targets(WON_AMOUNT, {(team, month): value for month, value in months.items()}, actor=cast.director)
    split_down(WON_AMOUNT, months, people, dict(zip(people, (first, second), strict=True)), actor=cast.director)
    found = queries.targets(WON_AMOUNT, YEAR.start, YEAR.end)
    for month, value in months.items():
        assert sum(found.of(person.key, month) or 0 for person in people) == value
    assert sum(found.of(person.key, YEAR) or 0 for person in people) == found.of(team.key, YEAR)


def test_one_change_however_many_cells_and_undo_takes_all_back(cast: Cast) -> None:
    """Setting a year is one entry in the log; taking it back leaves nothing."""
    subject = _person(cast.seller)
    before = Change.objects.count()
    done = set_targets(WON_AMOUNT, {(subject, month): 100 for month in MONTHS}, actor=cast.director)
    assert Change.objects.count() == before + 1
    assert done.change is not None
    assert done.change.count == 12
    undo(done.change, actor=cast.director)
    assert _read(subject).of(subject.key, YEAR) is None


def test_a_month_replaces_the_year_it_belongs_to(cast: Cast) -> None:
    """Finer numbers win: a year typed in one piece gives way to its months."""
    set_targets(WON_AMOUNT, {(COMPANY, YEAR): 1200}, actor=cast.director)
    assert _read(COMPANY).of(COMPANY.key, YEAR) == 1200
    set_targets(WON_AMOUNT, {(COMPANY, MONTHS[0]): 90}, actor=cast.director)
    assert _read(COMPANY).of(COMPANY.key, YEAR) == 90


def test_a_rate_is_never_summed(cast: Cast) -> None:
    """Twelve monthly win rates make no yearly one."""
    set_targets(WIN_RATE, {(COMPANY, month): 30_000 for month in MONTHS}, actor=cast.director)
    found = queries.targets(WIN_RATE, YEAR.start, YEAR.end)
    assert found.of(COMPANY.key, MONTHS[3]) == 30_000
    assert found.of(COMPANY.key, YEAR) is None


def test_locked_cells_refuse_and_too_much_lock_says_so(cast: Cast) -> None:
    """A locked cell can't be typed over; a total below what is locked has no split."""
    subject = _person(cast.seller)
    set_targets(WON_AMOUNT, {(subject, MONTHS[0]): 500}, actor=cast.director)
    lock(WON_AMOUNT, [(subject, MONTHS[0])], actor=cast.director)
    with pytest.raises(Invalid):
        set_targets(WON_AMOUNT, {(subject, MONTHS[0]): 600}, actor=cast.director)
    with pytest.raises(Invalid):
        split_year(WON_AMOUNT, subject, YEAR, 400, [1] * 12, actor=cast.director)
    assert _read(subject).of(subject.key, MONTHS[0]) == 500


def test_who_may_set_whose(cast: Cast) -> None:
    """A manager sets his people's, not his own nor his team's; a seller nobody's; a stranger's not at all."""
    cell = MONTHS[0]
    set_targets(WON_AMOUNT, {(_person(cast.seller), cell): 1}, actor=cast.again("manager"))
    refused = [
        (cast.manager, _person(cast.manager)),
        (cast.manager, Subject("team", cast.tigers.pk)),
        (cast.manager, _person(cast.other_seller)),
        (cast.manager, COMPANY),
        (cast.seller, _person(cast.seller)),
        (cast.outsider, _person(cast.seller)),
    ]
    before = Target.objects.count(), Change.objects.count()
    for actor, subject in refused:
        with pytest.raises(Denied):
            set_targets(WON_AMOUNT, {(subject, cell): 2}, actor=actor)
    assert (Target.objects.count(), Change.objects.count()) == before


def test_the_grid_shows_each_his_own(cast: Cast) -> None:
    """The director sees the company, the manager his team, the seller his line."""
    everyone = [cast.seller, cast.peer, cast.other_seller]
    set_targets(NEW_CUSTOMERS, {(_person(one), MONTHS[0]): 3 for one in everyone}, actor=cast.director)

    def names(actor: Any) -> set[str]:
        return {node.name for top in queries.grid(actor, NEW_CUSTOMERS, YEAR) for node in top.walk()}

    assert {one.name for one in everyone} <= names(cast.again("director"))
    assert names(cast.again("manager")) >= {cast.seller.name, cast.peer.name}
    assert cast.other_seller.name not in names(cast.again("manager"))
    assert cast.peer.name not in names(cast.again("seller"))


def test_who_sees_a_part_of_a_team_is_told_of_no_gap(cast: Cast) -> None:
    """The parts of a team add up for who sees them all; to a seller, who sees his own, nothing is said."""
    team = Subject("team", cast.tigers.pk)
    cells = {(team, YEAR): 1_000_00, (_person(cast.seller), YEAR): 400_00, (_person(cast.peer), YEAR): 500_00}
    set_targets(WON_AMOUNT, cells, actor=cast.director)

    def gaps(actor: Any) -> dict[str, int | None]:
        nodes = [node for top in queries.grid(actor, WON_AMOUNT, YEAR) for node in top.walk()]
        return {node.subject.key: node.difference for node in nodes if node.children}

    assert gaps(cast.again("manager"))[team.key] == -100_00
    assert set(gaps(cast.again("seller")).values()) <= {None}


def test_typing_into_the_grid(cast: Cast, client: Client) -> None:
    """A changed cell is stored in the unit it was shown in; the others stay exact; nonsense stores nothing."""
    subject = _person(cast.seller)
    set_targets(WON_AMOUNT, {(subject, MONTHS[0]): 123_456_789}, actor=cast.director)
    assert client.login(username="director", password=PASSWORD)
    url = reverse("goals:grid") + "?year=2026"
    page = client.get(url)
    assert page.status_code == 200
    first, second = (f"c|{subject.key}|{month.code}" for month in MONTHS[:2])
    assert first in page.content.decode()
    answer = client.post(url, {first: "123.46", second: "66.5"})
    assert answer.status_code == 302
    found = _read(subject)
    assert found.of(subject.key, MONTHS[0]) == 123_456_789
    assert found.of(subject.key, MONTHS[1]) == 66_500_000
    answer = client.post(url, {first: "many", second: "1"})
    assert answer.status_code == 422
    assert _read(subject).of(subject.key, MONTHS[1]) == 66_500_000


def test_the_grid_asks_a_fixed_number_of_questions(cast: Cast, django_assert_max_num_queries: Any) -> None:
    """More targets, same queries."""
    cells = {(_person(one), month): 5 for one in (cast.seller, cast.peer, cast.other_seller) for month in MONTHS}
    set_targets(WON_AMOUNT, cells, actor=cast.director)
    actor = cast.again("director")
    with django_assert_max_num_queries(9):
        queries.grid(actor, WON_AMOUNT, YEAR)
