"""Joining, moving, leading and leaving: what is written, what is refused, and whose credit follows."""

from __future__ import annotations

import datetime as dt

import pytest

from xiaoguan.apps.org.actions import (
    Joiner,
    appoint,
    deactivate_leavers,
    join,
    join_many,
    leave,
    rejoin,
    set_deputy,
    set_roles,
    transfer,
)
from xiaoguan.apps.org.models import Membership, Person, Role
from xiaoguan.apps.org.models.membership import Post
from xiaoguan.apps.org.policy import teams_on
from xiaoguan.apps.org.queries import manager_of, managers_of_people, members_on, subtree_ids, tree
from xiaoguan.apps.org.usernames import suggest
from xiaoguan.kit import access, clock
from xiaoguan.kit.action import remove, update
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.models import Change, Credit, Feed

from tests.cast import Cast

DAY = dt.timedelta(days=1)


def stays(person: Person) -> list[tuple[str, str, dt.date | None, dt.date | None]]:
    """The living memberships of a person, in the order they were made."""
    rows = Membership.objects.filter(person=person, deleted_at=None).order_by("pk")
    return [(row.team.name, row.post, row.start, row.end) for row in rows]


# Joining ------------------------------------------------------------------------------------------------------------


def test_user_names() -> None:
    """Pinyin, Latin and nothing at all; numbers where one is taken in any case."""
    assert suggest(["陈思远", "Darcel Schlecht", "陈思远", "!!"], ["ChenSiYuan"]) == [
        "chensiyuan2",
        "darcel.schlecht",
        "chensiyuan3",
        "user",
    ]
    assert suggest(["System"], []) == ["system2"]


def test_joining_is_one_change(cast: Cast) -> None:
    """A thousand people in one entry of the history and a fixed number of queries."""
    before = Change.objects.count()
    people = join_many([Joiner(name="New", team=cast.tigers) for _n in range(300)], actor=cast.hr)
    assert Change.objects.count() == before + 1
    assert len({person.username for person in people}) == 300
    assert Person.objects.filter(unit=cast.tigers).count() == 303
    assert len(cast.manager.reach_ids()) == 303


def test_joining_costs_the_same_for_many(cast: Cast, django_assert_max_num_queries) -> None:
    """Set-wise all the way."""
    with django_assert_max_num_queries(60):
        join_many([Joiner(name="New", team=cast.tigers, position="sales_engineer") for _n in range(200)], actor=cast.hr)


@pytest.mark.parametrize("taken", ["SELLER", "system", "twice"])
def test_a_user_name_belongs_to_one(cast: Cast, taken: str) -> None:
    """Whatever its case; nobody joins when one of them can't."""
    count = Person.objects.count()
    with pytest.raises(Invalid):
        join_many([Joiner(name="A", username="twice"), Joiner(name="B", username=taken)], actor=cast.hr)
    assert Person.objects.count() == count


def test_roles_come_with_the_position(cast: Cast) -> None:
    """A manager of a team leads by role as well; an explicit empty list stays empty."""
    leader = join(Joiner(name="A", team=cast.wolves, post=Post.DEPUTY, position="sales_engineer"), actor=cast.hr)
    plain = join(Joiner(name="B", position="finance"), actor=cast.hr)
    none = join(Joiner(name="C", position="finance", roles=()), actor=cast.hr)
    assert [[role.code for role in one.roles.all()] for one in (leader, plain, none)] == [["manager"], ["finance"], []]


def test_who_may_let_somebody_in(cast: Cast) -> None:
    """Personnel and administrators; what opens more than a team's work only the latter."""
    with pytest.raises(Denied):
        join(Joiner(name="A"), actor=cast.manager)
    with pytest.raises(Denied):
        join(Joiner(name="A", position="administrator"), actor=cast.hr)
    with pytest.raises(Denied):
        set_roles(cast.hr, actor=cast.hr, roles=[Role.objects.get(code="director")])
    join(Joiner(name="A", position="administrator"), actor=cast.administrator)


def test_the_last_administrator_stays(cast: Cast) -> None:
    """Neither without the role nor gone, until there is another."""
    with pytest.raises(Refusal):
        set_roles(cast.administrator, actor=cast.administrator, roles=[])
    with pytest.raises(Refusal):
        leave(cast.administrator, actor=cast.hr, day=clock.today())
    join(Joiner(name="A", position="administrator"), actor=cast.administrator)
    leave(cast.administrator, actor=cast.hr, day=clock.today())


# Moving and leading -------------------------------------------------------------------------------------------------


def test_moving(cast: Cast) -> None:
    """The old stay ends the day before; a second move before the first has begun replaces it."""
    today = clock.today()
    transfer(cast.seller, actor=cast.hr, team=cast.wolves, day=today)
    assert stays(cast.seller) == [("Tigers", "member", None, today - DAY), ("Wolves", "member", today, None)]
    transfer(cast.seller, actor=cast.hr, team=cast.office, day=today)
    assert stays(cast.seller) == [("Tigers", "member", None, today - DAY), ("Office", "member", today, None)]


def test_appointing_in_the_own_team_keeps_the_rest(cast: Cast) -> None:
    """Only the post changes, and the role comes along."""
    today = clock.today()
    appoint(cast.seller, actor=cast.hr, team=cast.tigers, post=Post.DEPUTY, day=today)
    assert stays(cast.seller) == [("Tigers", "member", None, today - DAY), ("Tigers", "deputy", today, None)]
    assert {role.code for role in cast.seller.roles.all()} == {"salesperson", "manager"}
    assert cast.peer.pk in cast.seller.reach_ids()


def test_leading_another_team_besides(cast: Cast) -> None:
    """Results stay with the main team, the reach grows."""
    appoint(cast.manager, actor=cast.hr, team=cast.wolves, day=clock.today(), besides=True)
    assert cast.other_seller.pk in cast.manager.reach_ids()
    assert Person.objects.get(pk=cast.manager.pk).unit == cast.tigers
    assert teams_on([(cast.manager.pk, clock.today())]) == {(cast.manager.pk, clock.today()): cast.tigers.pk}


def test_only_who_may_place(cast: Cast) -> None:
    """A manager doesn't move people; nobody appoints himself."""
    for actor in (cast.manager, cast.seller, cast.finance):
        with pytest.raises(Denied):
            transfer(cast.seller, actor=actor, team=cast.wolves, day=clock.today())


def test_a_stand_in_is_named_by_who_is_stood_in_for(cast: Cast) -> None:
    """Or by his manager; not by a peer, and not for somebody else's boss."""
    today = clock.today()
    for actor, person in ((cast.seller, cast.peer), (cast.peer, cast.director)):
        with pytest.raises(Denied):
            set_deputy(person, actor=actor, deputy=actor, start=today, end=today)
    with pytest.raises(Denied):
        set_deputy(cast.director, actor=cast.hr, deputy=cast.hr, start=today, end=today)
    set_deputy(cast.seller, actor=cast.manager, deputy=cast.peer, start=today, end=today)
    with pytest.raises(Invalid):
        set_deputy(cast.seller, actor=cast.seller, deputy=cast.seller, start=today, end=today)
    with pytest.raises(Invalid):
        set_deputy(cast.seller, actor=cast.seller, deputy=cast.peer, start=today, end=today - DAY)


# Leaving ------------------------------------------------------------------------------------------------------------


def test_leaving_on_a_later_day(cast: Cast) -> None:
    """Until then he works and signs in; the daily job ends it; coming back leaves the gap."""
    last = clock.today() + 5 * DAY
    leave(cast.seller, actor=cast.hr, day=last)
    assert cast.again("seller").is_active
    assert stays(cast.seller) == [("Tigers", "member", None, last)]
    with clock.at(clock.now() + 6 * DAY):
        assert deactivate_leavers(cast.system).result == [cast.seller]
        assert not cast.again("seller").is_active
        rejoin(cast.again("seller"), actor=cast.hr, team=cast.wolves, day=last + 3 * DAY)
        assert cast.again("seller").is_active
    assert stays(cast.seller)[1:] == [("Wolves", "member", last + 3 * DAY, None)]


def test_who_has_left_is_not_moved(cast: Cast) -> None:
    """The refusal says when he left."""
    leave(cast.seller, actor=cast.hr, day=clock.today())
    with pytest.raises(Refusal):
        transfer(cast.again("seller"), actor=cast.hr, team=cast.wolves, day=clock.today() + DAY)


def test_people_with_a_past_are_not_removed(cast: Cast) -> None:
    """A wrong entry goes, a colleague stays on the books."""
    with pytest.raises(Refusal):
        remove(cast.seller, actor=cast.hr)
    wrong = join(Joiner(name="Oops"), actor=cast.hr)
    remove(wrong, actor=cast.hr)
    assert not Person.objects.get(pk=wrong.pk).is_active


# Credit and tree ----------------------------------------------------------------------------------------------------


def credit(cast: Cast, day: dt.date) -> Credit:
    """A fact of the seller on a day, credited to the tigers."""
    return Credit.objects.create(
        fact="won", entity="opportunities.deal", object_id=7, person=cast.seller, unit=cast.tigers, on=day, amount=1
    )


def test_a_back_dated_move_takes_the_credit_along(cast: Cast) -> None:
    """From its day on, and followers of the feed hear of it; taking it back brings the credit back."""
    today = clock.today()
    old, new = credit(cast, today - 10 * DAY), credit(cast, today - 2 * DAY)
    done = transfer(cast.seller, actor=cast.hr, team=cast.wolves, day=today - 5 * DAY)
    units = dict(Credit.objects.values_list("pk", "unit_id"))
    assert units == {old.pk: cast.tigers.pk, new.pk: cast.wolves.pk}
    assert Feed.objects.filter(entity="opportunities.deal", object_id=7, change=done.change).exists()
    remove(done.result, actor=cast.hr)
    update(Membership.objects.get(person=cast.seller, deleted_at=None), {"end": None}, actor=cast.hr)
    assert Credit.objects.get(pk=new.pk).unit == cast.tigers


def test_team_of_a_day(cast: Cast) -> None:
    """Since always, moved, after the last day; nobody before the first."""
    today = clock.today()
    transfer(cast.seller, actor=cast.hr, team=cast.wolves, day=today)
    leave(cast.seller, actor=cast.hr, day=today + DAY)
    late = join(Joiner(name="Late", team=cast.tigers, start=today), actor=cast.hr)
    days = [today - 900 * DAY, today - DAY, today, today + 30 * DAY]
    found = teams_on([(cast.seller.pk, day) for day in days] + [(late.pk, today - DAY), (10**9, today)])
    assert [found[cast.seller.pk, day] for day in days] == [cast.tigers.pk] * 2 + [cast.wolves.pk] * 2
    assert found[late.pk, today - DAY] is None
    assert found[10**9, today] is None


def test_thousands_of_pairs_in_few_queries(cast: Cast, django_assert_num_queries) -> None:
    """One query for the cast, however many days."""
    pairs = [(person.pk, clock.today() - n * DAY) for person in cast.people.values() for n in range(500)]
    with django_assert_num_queries(1):
        assert len(teams_on(pairs)) == len(pairs)


def test_tree_and_managers(cast: Cast) -> None:
    """Parents before children in their order; the nearest manager above, never oneself."""
    assert [(team.name, depth) for team, depth in tree()] == [
        ("Lumen Works", 0), ("Sales", 1), ("Tigers", 2), ("Wolves", 2), ("Office", 1),
    ]  # fmt: skip
    assert subtree_ids(cast.sales) == {cast.sales.pk, cast.tigers.pk, cast.wolves.pk}
    assert manager_of(cast.seller) == cast.manager
    assert manager_of(cast.manager) == cast.director
    assert managers_of_people([cast.director.pk, cast.outsider.pk]) == {}
    assert set(members_on(None, cast.sales, below=True)) == {
        cast.director, cast.manager, cast.other_manager, cast.seller, cast.peer, cast.other_seller, cast.other_peer,
    }  # fmt: skip


def test_grants_of_the_built_in_roles(cast: Cast) -> None:
    """The lines of the plan that nobody may blur."""
    deal, contact, receipt = "opportunities.deal", "customers.contact", "commerce.receipt"

    def scope(part: str, name: str, verb: str) -> str:
        return access.grants(cast.people[part]).scope(name, verb)

    for verb in ("view", "create", "change", "delete", "export", "move"):
        assert [scope(part, deal, verb) for part in ("seller", "manager", "director")] == ["self", "team", "all"]
    assert scope("finance", deal, "view") == "all"
    assert {scope("finance", deal, verb) for verb in ("create", "change", "delete", "move")} == {"none"}
    assert scope("finance", receipt, "create") == "all"
    assert scope("seller", receipt, "create") == "none"
    assert scope("hr", contact, "view") == "none"
    assert "phone" in access.grants(cast.hr).masked("customers.customer")
    assert scope("administrator", "incentives.statement", "view") == "none"
    assert scope("administrator", "customers.customer", "import") == "all"
    assert scope("auditor", "incentives.statement", "view") == "all"
    assert scope("auditor", deal, "change") == "none"
    assert scope("outsider", "org.person", "view") == "none"


@pytest.mark.parametrize("part", ["seller", "manager", "hr", "finance", "service", "auditor", "outsider"])
def test_the_words_of_the_process_are_not_theirs_to_write(cast: Cast, part: str) -> None:
    """Whatever a role says about a whole app: kinds, stages, products and roles are for director and administrator."""
    shared = [each for each in entities.values() if each.scope == "all" and each.model._meta.app_label != "org"]
    set_up = [each for each in shared if each.model._meta.app_label in ("notices", "webhooks", "intake")]
    # Tags are everybody's own words: who leads makes them while tagging.
    # Questions and forms of leads are for who asks them.
    own = {"collaboration", "leads"}
    # Sizes of markets are plans: who leads reads them.
    words = [each for each in shared if each not in set_up and each.model._meta.app_label not in own]
    words = [each for each in words if each.name != "metrics.marketsize"]
    assert words and set_up
    for entity in set_up:
        assert access.may(cast.people[part], "view", entity.model) == (part == "auditor"), entity.name
        assert access.grants(cast.people[part]).scope(entity.name, "change") == "none", entity.name
    for entity in words:
        if entity.model._meta.app_label != "kit":  # definitions of own fields are the administrator's alone
            assert access.may(cast.people[part], "view", entity.model) == (part != "outsider")
        if part == "finance" and entity.model._meta.app_label in ("billing", "expenses"):
            continue  # how is paid and what may be spent is for finance to say
        for verb in ("create", "change", "delete", "import"):
            assert access.grants(cast.people[part]).scope(entity.name, verb) == "none", (entity.name, verb)
    assert access.grants(cast.people[part]).scope("org.role", "change") == "none"


def test_a_stand_in_may_do_what_the_other_may(cast: Cast, django_assert_num_queries) -> None:
    """His own rights reach the other's records, the other's roles come along, for those days only."""
    today, deal, receipt = clock.today(), "opportunities.deal", "commerce.receipt"
    assert not access.may(cast.peer, "deputise", cast.seller)
    set_deputy(cast.seller, actor=cast.seller, deputy=cast.peer, start=today, end=today)
    peer = cast.again("peer")
    assert access.grants(peer).scope(deal, "change") == "team"
    assert access.may(peer, "deputise", cast.seller)
    assert not access.may(peer, "deputise", cast.manager)
    assert not access.may(peer, "profile", cast.seller)
    set_deputy(cast.finance, actor=cast.finance, deputy=cast.service, start=today, end=today + DAY)
    service = cast.again("service")
    with django_assert_num_queries(1):
        assert access.grants(service).scope(receipt, "create") == "all"
    with clock.at(clock.now() + 2 * DAY):
        assert access.grants(cast.again("service")).scope(receipt, "create") == "none"
        assert access.grants(cast.again("peer")).scope(deal, "change") == "self"
