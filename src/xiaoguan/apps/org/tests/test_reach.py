"""The closure equals what one would compute by hand, after every change and from scratch."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Iterator

import pytest

from xiaoguan.apps.org import reach
from xiaoguan.apps.org.actions import (
    Joiner,
    appoint,
    join,
    join_many,
    leave,
    move_team,
    rejoin,
    set_deputy,
    transfer,
)
from xiaoguan.apps.org.models import Deputy, Membership, Person, Reach, Team, UnitReach
from xiaoguan.apps.org.models.membership import LEADING, Post
from xiaoguan.kit import clock, derived, undo
from xiaoguan.kit.action import create, remove, restore, update
from xiaoguan.kit.errors import Invalid, Refusal

from tests.cast import Cast

NOON = dt.datetime(2026, 11, 18, 4, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 18)
DAY = dt.timedelta(days=1)
Pairs = set[tuple[int, int]]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """All of it happens on one day."""
    with clock.at(NOON):
        yield


def stored() -> tuple[Pairs, set[tuple[int, int, bool]]]:
    """What the tables say."""
    return (
        set(Reach.objects.values_list("viewer_id", "person_id")),
        set(UnitReach.objects.values_list("viewer_id", "unit_id", "leads")),
    )


def naive(day: dt.date) -> tuple[Pairs, set[tuple[int, int, bool]]]:
    """The rule of the module told person by person and team by team, recursively, without a shared line of code."""
    teams = {team.pk: team for team in Team.objects.filter(deleted_at=None)}
    people = {person.pk: person for person in Person.objects.filter(deleted_at=None)}

    def lasts(row: Membership | Deputy, on: dt.date) -> bool:
        return (row.start is None or row.start <= on) and (row.end is None or row.end >= on)

    def at_work(person: Person) -> bool:
        return person.is_active and not (person.left_on and person.left_on < day)

    places = [
        row
        for row in Membership.objects.filter(deleted_at=None)
        if row.team_id in teams
        and row.person_id in people
        and lasts(row, min(day, people[row.person_id].left_on or day))
    ]

    def below(team: int) -> list[int]:
        return [team] + [one for child in teams.values() if child.parent_id == team for one in below(child.pk)]

    by_post: dict[int, set[int]] = {one: set() for one in people}
    led: dict[int, set[int]] = {one: set() for one in people}
    for row in places:
        if row.post in LEADING and at_work(people[row.person_id]) and lasts(row, day):
            led[row.person_id] |= set(below(row.team_id))
    for one in people:
        by_post[one] = {row.person_id for row in places if row.team_id in led[one]}
    pairs = {(one, one) for one in people} | {(one, seen) for one in people for seen in by_post[one]}
    units = {(one, team, True) for one in people for team in led[one]}
    for row in Deputy.objects.filter(deleted_at=None):
        if lasts(row, day) and row.deputy_id in people and row.person_id in people and at_work(people[row.deputy_id]):
            pairs |= {(row.deputy_id, seen) for seen in {row.person_id, *by_post[row.person_id]}}
            units |= {(row.deputy_id, team, True) for team in led[row.person_id]}
    leading = {(one, team) for one, team, _leads in units}
    for row in places:
        if at_work(people[row.person_id]) and (row.person_id, row.team_id) not in leading:
            units.add((row.person_id, row.team_id, False))
    return pairs, units


def maybe_day(dice: random.Random) -> dt.date | None:
    """A day near today, or none."""
    return dice.choice([None, TODAY + DAY * dice.randint(-3, 3)])


def one_step(dice: random.Random, cast: Cast) -> None:
    """Do one of the things that change who reaches whom, through the product's own actions."""
    people = list(Person.objects.filter(left_on=None, deleted_at=None))
    teams = list(Team.objects.filter(deleted_at=None))
    person, team = dice.choice(people), dice.choice(teams)
    day = TODAY + DAY * dice.randint(-3, 3)
    step = dice.randrange(9)
    if step == 0:
        transfer(person, actor=cast.system, team=team, day=day, post=dice.choice(list(Post)))
    elif step == 1:
        appoint(person, actor=cast.system, team=team, day=day, besides=dice.random() < 0.5)
    elif step == 2:
        move_team(team, actor=cast.system, parent=dice.choice([None, *teams]))
    elif step == 3:
        deputy = dice.choice([one for one in people if one != person])
        set_deputy(person, actor=cast.system, deputy=deputy, start=day, end=day + DAY * dice.randint(0, 3))
    elif step == 4:
        leave(person, actor=cast.system, day=day)
    elif step == 5:
        join(Joiner(name="New", team=team, start=maybe_day(dice), post=dice.choice(list(Post))), actor=cast.system)
    elif step == 6:
        create(Team, {"name": f"Team {Team.objects.count()}", "parent": team}, actor=cast.system)
    elif step == 7:
        row = dice.choice(list(Membership.objects.filter(deleted_at=None)))
        dice.choice([remove, lambda row, actor: update(row, {"post": dice.choice(list(Post))}, actor=actor)])(
            row, actor=cast.system
        )
    elif gone := list(Membership.objects.exclude(deleted_at=None)):
        restore(dice.choice(gone), actor=cast.system)


@pytest.mark.parametrize("seed", range(12))
def test_kept_step_by_step(cast: Cast, seed: int) -> None:
    """After each of many random changes the tables hold exactly what the rule says, and a rebuild finds nothing."""
    dice = random.Random(seed)
    for _step in range(25):
        try:
            one_step(dice, cast)
        except (Invalid, Refusal):
            continue
        assert stored() == naive(TODAY)
    repair = reach.rebuild()
    assert (repair.added, repair.removed, repair.moved) == (0, 0, 0)


def test_rebuild_repairs_whatever_is_wrong(cast: Cast) -> None:
    """Rows that are missing, made up or about the wrong team are put right."""
    before = stored()
    Reach.objects.filter(viewer=cast.director).delete()
    Reach.objects.create(viewer=cast.seller, person=cast.hr)
    UnitReach.objects.filter(viewer=cast.seller).update(leads=True)
    Person.objects.filter(pk=cast.peer.pk).update(unit=cast.wolves)
    repair = reach.rebuild()
    assert stored() == before
    assert (repair.added, repair.removed, repair.moved) == (8, 2, 1)
    assert Person.objects.get(pk=cast.peer.pk).unit == cast.tigers


def test_a_dated_move_waits_for_its_day(cast: Cast) -> None:
    """Until the day the old manager reaches him, from the day on the new one; the daily job does it."""
    transfer(cast.seller, actor=cast.hr, team=cast.wolves, day=TODAY + DAY)
    assert cast.seller.pk in cast.manager.reach_ids()
    assert cast.seller.pk not in cast.other_manager.reach_ids()
    reach.rebuild(TODAY + DAY)
    assert cast.seller.pk not in cast.manager.reach_ids()
    assert cast.seller.pk in cast.other_manager.reach_ids()
    assert Person.objects.get(pk=cast.seller.pk).unit == cast.wolves


def test_a_leaver_stays_in_sight_of_his_manager(cast: Cast) -> None:
    """What he looked after can be handed over; he himself reaches and may nothing any more."""
    leave(cast.manager, actor=cast.hr, day=TODAY)
    leave(cast.seller, actor=cast.hr, day=TODAY)
    reach.rebuild(TODAY + 30 * DAY)
    assert {cast.seller.pk, cast.manager.pk} <= set(cast.director.reach_ids())
    assert set(cast.manager.reach_ids()) == {cast.manager.pk}
    rejoin(cast.seller, actor=cast.hr, team=cast.wolves, day=TODAY + 2 * DAY)
    reach.rebuild(TODAY + 30 * DAY)
    assert cast.seller.pk in cast.other_manager.reach_ids()


def test_a_stand_in_reaches_for_his_days_only(cast: Cast) -> None:
    """He sees what the manager sees by post, not what the manager stands in for himself."""
    set_deputy(cast.manager, actor=cast.manager, deputy=cast.peer, start=TODAY, end=TODAY + DAY)
    set_deputy(cast.director, actor=cast.director, deputy=cast.manager, start=TODAY, end=TODAY)
    assert set(cast.peer.reach_ids()) == {cast.peer.pk, cast.manager.pk, cast.seller.pk}
    assert cast.other_seller.pk in cast.manager.reach_ids()
    reach.rebuild(TODAY + 2 * DAY)
    assert set(cast.peer.reach_ids()) == {cast.peer.pk}


def test_a_team_is_never_below_itself(cast: Cast) -> None:
    """Neither directly nor around a corner; nothing is stored."""
    for parent in (cast.sales, cast.tigers):
        with pytest.raises(Invalid):
            move_team(cast.sales, actor=cast.administrator, parent=parent)
    assert Team.objects.get(pk=cast.sales.pk).parent == cast.root


def test_a_used_team_is_not_removed(cast: Cast) -> None:
    """The refusal names what to do; an empty team goes."""
    with pytest.raises(Refusal) as refused:
        remove(cast.tigers, actor=cast.administrator)
    assert refused.value.code == "team_in_use"
    empty = create(Team, {"name": "Empty"}, actor=cast.administrator)
    remove(empty, actor=cast.administrator)
    assert Team.objects.get(pk=empty.pk).deleted_at


@pytest.mark.slow
def test_ten_thousand_people_in_seconds(cast: Cast) -> None:
    """Five levels, 1,111 teams, 10,000 people: set up, rebuilt from nothing, one person moved."""
    level, teams = [cast.root], [cast.root]
    for width in (10, 10, 10):
        values = [{"name": f"T{team.pk}.{n}", "parent": team} for team in level for n in range(width)]
        level = create(Team, values, actor=cast.system)
        teams += level
    leaders = [Joiner(name="L", username=f"l{n}", team=team, post=Post.MANAGER) for n, team in enumerate(teams)]
    sellers = [Joiner(name="S", username=f"s{n}", team=level[n % len(level)]) for n in range(8900)]
    join_many(leaders + sellers, actor=cast.system)
    kept = stored()
    Reach.objects.all().delete()
    started = time.process_time()
    reach.rebuild()
    assert time.process_time() - started < 6
    assert stored()[0] == kept[0]
    person = Person.objects.get(username="s5")
    started = time.process_time()
    transfer(person, actor=cast.system, team=level[-1], day=TODAY)
    assert time.process_time() - started < 0.5
    assert Reach.objects.filter(person=person).count() == 5


def test_taking_a_move_back(cast: Cast) -> None:
    """Undo restores the stays, and with them who reaches whom and the main team."""
    before = stored()
    done = transfer(cast.seller, actor=cast.hr, team=cast.wolves, day=TODAY)
    assert stored() != before
    undo.undo(done.change, actor=cast.hr)
    assert stored() == before
    assert Person.objects.get(pk=cast.seller.pk).unit == cast.tigers


def test_doctor_repairs(cast: Cast) -> None:
    """The declared rebuild is the one that doctor calls."""
    Reach.objects.filter(viewer=cast.director).delete()
    assert derived.everything["org.reach"].rebuild().startswith("+7 ")
    assert cast.seller.pk in cast.director.reach_ids()


def test_taking_an_appointment_back(cast: Cast) -> None:
    """The post, what it let him see, and the role that came with it."""
    before = stored()
    done = appoint(cast.seller, actor=cast.hr, team=cast.wolves, day=TODAY)
    assert {role.code for role in cast.seller.roles.all()} == {"salesperson", "manager"}
    undo.undo(done.change, actor=cast.hr)
    assert stored() == before
    assert {role.code for role in cast.seller.roles.all()} == {"salesperson"}
