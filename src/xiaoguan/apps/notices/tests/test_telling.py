"""Whom `tell` tells, how often, at what price; and what apps have told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from xiaoguan.apps.activities.models import Task
from xiaoguan.apps.customers.actions import transfer as hand_customers
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.goals.actions import set_targets
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.notices import timing
from xiaoguan.apps.notices.models import Notice, Rhythm, Wish
from xiaoguan.apps.notices.sentences import say
from xiaoguan.apps.notices.telling import tell, tell_each
from xiaoguan.apps.opportunities.actions import lose, transfer, win
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org import actions as org, invites
from xiaoguan.apps.org.models import Membership, Person
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import action, clock, job, worker
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.undo import undo

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_ours(request: pytest.FixtureRequest) -> None:
    """Making the cast tells people of their posts; that is not what these tests look at."""
    if "cast" in request.fixturenames:
        request.getfixturevalue("cast")
        Notice.objects.all().delete()


def sentences(person: Person, language: str = "en") -> list[str]:
    """What somebody was told, newest first."""
    rows = Notice.objects.filter(person=person).select_related("actor").order_by("-pk")
    with translation.override(language):
        return [each.text for each in say(rows, Person.objects.get(pk=person.pk))]


def test_a_deal_handed_over_is_told_to_its_new_owner_alone(cast: Cast) -> None:
    deal = company.deal(cast.seller)
    transfer([company.again(deal)], actor=cast.manager, to=cast.peer)
    assert sentences(cast.peer) == ["Lin Qing handed you the deal Canopy lighting"]
    assert Notice.objects.count() == 1


def test_twelve_at_once_are_one_notice(cast: Cast) -> None:
    deals = [company.deal(cast.seller, name=f"Deal {number}") for number in range(12)]
    transfer([company.again(deal) for deal in deals], actor=cast.manager, to=cast.peer)
    assert sentences(cast.peer) == ["Lin Qing handed you 12 deals"]


def test_a_customer_brings_its_deals_without_further_notices(cast: Cast) -> None:
    customer = company.customer(cast.seller)
    deal = company.deal(cast.seller, customer=customer)
    action.create(Task, {"deal": deal, "title": "Call", "due_on": clock.today()}, actor=cast.seller)
    hand_customers([company.again(customer)], actor=cast.manager, to=cast.peer)
    assert Deal.objects.get().owner == cast.peer
    assert sentences(cast.peer) == ["Lin Qing handed you the customer Hengcen Steel"]


def test_the_actor_is_never_told(cast: Cast) -> None:
    deal = company.deal(cast.seller)
    transfer([company.again(deal)], actor=cast.manager, to=cast.manager)
    assert tell("mentioned", [cast.manager, cast.peer], actor=cast.manager, text="look") != []
    assert list(Notice.objects.values_list("person", flat=True)) == [cast.peer.pk]


def test_who_may_not_see_the_record_is_not_told(cast: Cast) -> None:
    deal = company.deal(cast.seller)
    people = [cast.peer, cast.outsider, cast.service, cast.manager, cast.director]
    tell("mentioned", people, actor=cast.seller, row=deal, text="see here")
    assert set(Notice.objects.values_list("person", flat=True)) == {cast.manager.pk, cast.director.pk}


def test_of_many_records_only_those_he_may_see_count(cast: Cast) -> None:
    seen, unseen = company.deal(cast.seller), company.deal(cast.other_seller)
    tell_each("mentioned", {cast.manager.pk: [seen, unseen], cast.peer.pk: [seen, unseen]}, actor=cast.director)
    assert list(Notice.objects.values_list("person", "count", "object_id")) == [(cast.manager.pk, 1, seen.pk)]


def test_who_has_left_is_not_told(cast: Cast) -> None:
    Person.objects.filter(pk=cast.peer.pk).update(is_active=False)
    assert tell("mentioned", [cast.peer], actor=cast.seller, text="hello") == []


def test_an_undeclared_kind_is_a_mistake(cast: Cast) -> None:
    with pytest.raises(LookupError):
        tell("no_such_kind", [cast.peer])


def test_a_refused_action_tells_nobody(cast: Cast) -> None:
    deal = company.deal(cast.seller)
    with pytest.raises(action.Denied):
        transfer([company.again(deal)], actor=cast.peer, to=cast.peer)
    assert not Notice.objects.exists()


def test_taking_back_tells_nobody(cast: Cast) -> None:
    deal = company.deal(cast.seller)
    done = transfer([company.again(deal)], actor=cast.manager, to=cast.peer)
    undo(done.change, actor=cast.manager)
    assert not Notice.objects.filter(person=cast.seller).exists()
    assert sentences(cast.peer) == ["Lin Qing handed you the deal a record you can't see any more"]


def test_many_people_cost_as_much_as_few(cast: Cast) -> None:
    def queries(people: list[Person]) -> int:
        rows = {person.pk: [company.deal(person), company.deal(person)] for person in people}
        with CaptureQueriesContext(
            connection,
        ) as caught:
            tell_each("deal_handed", rows, actor=cast.director)
        inserts = [each for each in caught.captured_queries if each["sql"].startswith("INSERT")]
        assert len(inserts) == 1
        return len(caught)

    two = queries([cast.seller, cast.peer])
    assert queries([cast.seller, cast.peer, cast.other_seller, cast.other_peer]) == two <= 6


def test_the_chunks_of_an_import_are_one_notice(cast: Cast) -> None:
    for chunk in range(3):
        with action.working(Deal, "import", actor=cast.manager, verb="import", source="import") as work:
            values = [
                {"name": f"Row {chunk}-{number}", "stage": company.stage("prospecting"), "owner": cast.peer}
                for number in range(4)
            ]
            work.create(Deal, values)
    assert sentences(cast.peer) == ["Lin Qing handed you 12 deals"]


def test_a_win_and_a_loss_reach_the_manager(cast: Cast) -> None:
    won, lost = company.deal(cast.seller, name="Won one", amount=5_000_000), company.deal(cast.seller, name="Lost one")
    win(company.again(won), actor=cast.seller)
    lose(company.again(lost), actor=cast.seller, loss_reason=company.reason())
    assert sentences(cast.manager) == ["Chen Siyuan lost Lost one", "Chen Siyuan won Won one"]
    assert sentences(cast.manager, "zh-hans")[1] == "Chen Siyuan 赢下了 Won one"
    assert not Notice.objects.exclude(person=cast.manager).exists()


def test_a_task_given_and_tasks_due(cast: Cast) -> None:
    monday = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)
    with clock.at(monday):
        for title, day in (("Old", 20), ("Now", 23), ("Later", 25)):
            values = {"title": title, "due_on": dt.date(2026, 11, day), "owner": cast.seller}
            action.create(Task, values, actor=cast.manager)
        assert sentences(cast.seller)[0] == "Lin Qing gave you the task Later"
        Notice.objects.all().delete()
        job.enqueue("activities.due")
        worker.drain()
    assert sentences(cast.seller) == ["2 tasks for today, 1 of them overdue"]
    assert Notice.objects.count() == 1


def test_on_a_day_off_nobody_is_reminded(cast: Cast) -> None:
    sunday = dt.datetime(2026, 11, 22, 0, 0, tzinfo=dt.UTC)
    with clock.at(sunday):
        action.create(Task, {"title": "Now", "due_on": clock.today()}, actor=cast.seller)
        job.enqueue("activities.due")
        worker.drain()
    assert not Notice.objects.exists()


def test_targets_of_a_year_are_one_notice(cast: Cast) -> None:
    months = FiscalCalendar().year(dt.date(2026, 1, 1)).split("month")
    cells: dict[Any, int | None] = {(Subject("person", cast.seller.pk), month): 10_000_00 for month in months}
    set_targets(metrics["won_amount"], cells, actor=cast.manager)
    assert sentences(cast.seller) == ["Lin Qing set 12 targets of yours"]


def test_posts_and_stand_ins(cast: Cast) -> None:
    today = clock.today()
    org.appoint(cast.again("seller"), actor=cast.hr, team=cast.tigers, day=today)
    org.set_deputy(cast.again("manager"), actor=cast.again("manager"), deputy=cast.peer, start=today, end=today)
    assert sentences(cast.seller) == ["Tang Yue put you in charge of Tigers"]
    assert sentences(cast.peer) == ["Lin Qing made you the stand-in of Lin Qing"]
    assert Membership.objects.filter(person=cast.seller, post="manager").exists()


def test_a_used_link_is_told_to_who_made_it(cast: Cast) -> None:
    link = invites.invite(cast.peer, actor=cast.administrator)
    invites.accept(link.token, f"{PASSWORD}-2")
    assert sentences(cast.administrator) == ["Wang Lei used the one-time link and can sign in now"]


def test_a_failed_job_is_told_to_administrators_once(cast: Cast) -> None:
    for _number in range(3):
        row = job.enqueue("transfer.import", {"batch": "00000000-0000-0000-0000-000000000000"})
        Job.objects.filter(pk=row.pk).update(max_attempts=1)
        worker.drain()
    assert Job.objects.filter(state="failed").count() == 3
    assert sentences(cast.administrator) == ["3 jobs failed, the last one is “Import a file”"]
    assert not Notice.objects.exclude(person=cast.administrator).exists()


def test_a_failed_import_is_told_to_who_started_it(cast: Cast) -> None:
    row = job.enqueue("transfer.import", {"batch": "00000000-0000-0000-0000-000000000000"}, actor=cast.seller)
    Job.objects.filter(pk=row.pk).update(max_attempts=1)
    worker.drain()
    assert sentences(cast.seller)[0].startswith("The import stopped: ")
    assert not Notice.objects.exclude(person=cast.seller).exists()


def test_a_record_out_of_sight_is_not_named(cast: Cast) -> None:
    deal = company.deal(cast.seller, name="Secret hall")
    tell("mentioned", [cast.manager], actor=cast.seller, row=deal, text="Secret words")
    transfer([company.again(deal)], actor=cast.director, to=cast.other_seller)
    told = " ".join(sentences(cast.manager))
    assert "Secret" not in told and told.startswith("Chen Siyuan mentioned you at")


AT = [
    ("now", None, None, "2026-11-23 10:15", "2026-11-23 10:15"),
    ("hourly", None, None, "2026-11-23 10:15", "2026-11-23 11:00"),
    ("morning", None, None, "2026-11-23 10:15", "2026-11-24 08:00"),
    ("morning", None, None, "2026-11-23 06:00", "2026-11-23 08:00"),
    ("now", "22:00", "07:30", "2026-11-23 22:00", "2026-11-24 07:30"),
    ("now", "22:00", "07:30", "2026-11-24 03:00", "2026-11-24 07:30"),
    ("now", "22:00", "07:30", "2026-11-24 07:30", "2026-11-24 07:30"),
    ("hourly", "22:00", "07:30", "2026-11-23 21:30", "2026-11-24 07:30"),
    ("now", "12:00", "13:00", "2026-11-23 12:30", "2026-11-23 13:00"),
    ("morning", "07:00", "09:00", "2026-11-23 10:00", "2026-11-24 09:00"),
]


@pytest.mark.parametrize(("rhythm", "start", "end", "now", "due"), AT)
def test_when_it_leaves(rhythm: str, start: str | None, end: str | None, now: str, due: str) -> None:
    """By the company's wall clock: Shanghai, eight hours ahead of UTC."""
    begin, finish = (dt.time.fromisoformat(each) if each else None for each in (start, end))
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=clock.zone())
    found = timing.due(moment.astimezone(dt.UTC), rhythm, begin, finish)
    assert f"{clock.local(found):%Y-%m-%d %H:%M}" == due
    assert found.utcoffset() == dt.timedelta(0)


def test_a_channel_nobody_wants_leaves_no_notice(cast: Cast) -> None:
    off = {"mentioned": {"inbox": False, "mail": False, "robot": False}}
    Wish.objects.create(person=cast.peer, switches=off, rhythm=Rhythm.NOW)
    assert tell("mentioned", [cast.peer], actor=cast.seller, text="x") == []
