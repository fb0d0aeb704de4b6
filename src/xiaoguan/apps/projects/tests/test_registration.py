"""Registrations: who is first is protected, who comes second starts a conflict, and a ruling stands."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.opportunities import actions as deals
from xiaoguan.apps.opportunities.models import DealMember
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.projects import actions, reactions, twins
from xiaoguan.apps.projects.models import Conflict, Project, Protection, Registration, Ruling, Standing
from xiaoguan.kit import access, action, clock, worker
from xiaoguan.kit.action import remove
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.models import Credit

from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 4, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def site(owner: Person, name: str = "恒岑智造园一期厂房", **values: object) -> Project:
    made: Project = action.create(Project, {"name": name, "city": "苏州市", **values}, actor=owner)
    return made


def register(owner: Person, project: Project, basis: str = "与业主谈过") -> Registration:
    made: Registration = action.create(Registration, {"project": project, "basis": basis}, actor=owner)
    return made


def meet(cast: Cast, other: Person) -> tuple[Registration, Registration, Conflict]:
    """The seller registers a site, a day later somebody else the same one under another name."""
    with clock.at(NOON):
        first = register(cast.seller, site(cast.seller))
    with clock.at(NOON + DAY):
        second = register(other, site(other, "恒岑智造园（一期）新建厂房工程"))
    first.refresh_from_db()
    return first, second, Conflict.objects.get()


def code_of(problem: pytest.ExceptionInfo[Refusal]) -> str:
    return str(problem.value.code)


def test_protection_follows_the_phase_and_is_extended_once(cast: Cast) -> None:
    action.update(Protection.objects.get(phase="tender"), {"days": 100, "extension": 20}, actor=cast.director)
    with clock.at(NOON):
        row = register(cast.seller, site(cast.seller, phase="tender"))
        assert (row.status, row.protected_until) == ("registered", dt.date(2026, 6, 10))
        with pytest.raises(Refusal) as problem:
            register(cast.seller, row.project)
        assert code_of(problem) == "registration.twice"
        row = Registration.objects.get()
        with pytest.raises(Denied):
            actions.confirm(row, actor=cast.seller)
        actions.confirm(row, actor=cast.manager)
        actions.extend(row, actor=cast.seller, reason="招标推迟")
        assert row.protected_until == dt.date(2026, 6, 30)
        with pytest.raises(Refusal) as problem:
            actions.extend(row, actor=cast.seller, reason="又推迟")
        assert code_of(problem) == "registration.extended_once"
    with clock.at(NOON + 110 * DAY):
        assert (reactions.lapse(), reactions.warn(), reactions.warn()) == (0, 1, 0)
    with clock.at(NOON + 121 * DAY):
        assert (reactions.lapse(), reactions.lapse()) == (1, 0)
    assert Registration.objects.get().status == Standing.LAPSED
    assert list(Notice.objects.values_list("kind", flat=True)) == ["registration_ending", "registration_lapsed"]


def test_who_comes_second_meets_who_was_first(cast: Cast, client: Client) -> None:
    first, second, conflict = meet(cast, cast.peer)
    assert (first.status, second.status) == ("conflict", "conflict")
    assert (conflict.first, conflict.second, conflict.unit) == (first, second, cast.tigers)
    seen = [part for part in ("seller", "peer", "manager", "other_manager", "other_seller", "director")
            if access.visible(Conflict, cast.again(part)).exists()]  # fmt: skip
    assert seen == ["seller", "peer", "manager", "director"]
    worker.drain()
    told = set(Notice.objects.filter(kind="registration_conflict").values_list("person__username", flat=True))
    assert told == {"seller", "peer", "manager"}
    client.force_login(cast.peer)
    text = client.get(f"/registration-conflicts/{conflict.pk}/").content.decode()
    assert "2026-03-02" in text
    assert "Chen Siyuan" not in text
    assert "与业主谈过" in text  # his own basis
    client.force_login(cast.manager)
    text = client.get(f"/registration-conflicts/{conflict.pk}/").content.decode()
    assert "Chen Siyuan" in text and "Wang Lei" in text
    with pytest.raises(Refusal) as problem:
        action.update(first, {"basis": "写得更好"}, actor=cast.seller)
    assert code_of(problem) == "registration.frozen"


def test_a_ruling_is_signed_and_appealed_once(cast: Cast) -> None:
    first, second, conflict = meet(cast, cast.peer)
    actions.state(conflict, actor=cast.seller, text="先见的业主")
    with pytest.raises(Refusal) as problem:
        actions.state(conflict, actor=cast.manager, text="我也说")
    assert code_of(problem) == "conflict.side"
    with pytest.raises(Denied):
        actions.rule(conflict, actor=cast.peer, awarded="second", reason="我")
    with pytest.raises(Denied):
        actions.rule(conflict, actor=cast.other_manager, awarded="second", reason="路过")
    ruling = actions.rule(conflict, actor=cast.manager, awarded="second", reason="设计院认可", share=20_000).result
    first, second = Registration.objects.get(pk=first.pk), Registration.objects.get(pk=second.pk)
    assert (first.status, second.status) == ("ruled", "confirmed")
    assert ruling.evidence["first"]["statements"][0]["text"] == "先见的业主"
    assert actions.is_intact(Ruling.objects.get())
    actions.appeal(conflict, actor=cast.seller, reason="我更早")
    with pytest.raises(Refusal) as problem:
        actions.rule(conflict, actor=cast.manager, awarded="second", reason="还是他")
    assert code_of(problem) == "conflict.judge"
    actions.rule(conflict, actor=cast.director, awarded="first", reason="以时间为准")
    assert Registration.objects.get(pk=first.pk).status == "confirmed"
    assert Registration.objects.get(pk=second.pk).status == "ruled"
    assert conflict.status == "final"
    with pytest.raises(Refusal) as problem:
        actions.appeal(conflict, actor=cast.peer, reason="不服")
    assert code_of(problem) == "conflict.closed"
    Ruling.objects.filter(level=1).update(reason="改过的理由")
    assert [actions.is_intact(each) for each in Ruling.objects.order_by("level")] == [False, True]


def test_a_ruled_share_is_a_part_in_the_deals_team_until_an_appeal(cast: Cast) -> None:
    def parts() -> dict[str, list[tuple[int, dt.date, dt.date | None]]]:
        rows = DealMember.objects.filter(deleted_at=None).order_by("start")
        found: dict[str, list[tuple[int, dt.date, dt.date | None]]] = {}
        for row in rows:
            assert row.person == cast.seller
            found.setdefault(row.deal.name, []).append((row.split, row.start, row.end))
        return found

    _first, second, conflict = meet(cast, cast.peer)
    begun = NOON.date() + DAY
    with clock.at(NOON + DAY):
        deal = company.deal(cast.peer, name="园区照明", project=second.project, amount=1000)
        action.create(DealMember, {"deal": deal, "person": cast.seller, "split": 5_000}, actor=cast.peer)
    with clock.at(NOON + 2 * DAY):
        today = clock.today()
        with pytest.raises(Invalid, match="share"):
            action.create(DealMember, {"deal": deal, "person": cast.manager, "split": 90_000}, actor=cast.peer)
            actions.rule(conflict, actor=cast.director, awarded="second", reason="设计院认可", share=20_000)
        remove(DealMember.objects.get(person=cast.manager), actor=cast.peer)
        actions.rule(conflict, actor=cast.manager, awarded="second", reason="设计院认可", share=20_000)
        company.deal(cast.peer, name="二期照明", project=second.project, amount=1000)
        assert parts() == {
            "园区照明": [(5_000, begun, begun), (20_000, today, None)], "二期照明": [(20_000, today, None)]
        }  # fmt: skip
        deals.move(company.again(deal), actor=cast.manager, to=company.stage("after_sales"), on=today)
        won = Credit.objects.filter(fact="won")
        assert dict(won.values_list("person__username", "amount")) == {"seller": 200, "peer": 800}
        actions.appeal(conflict, actor=cast.seller, reason="我更早")
    with clock.at(NOON + 3 * DAY):
        actions.rule(conflict, actor=cast.director, awarded="first", reason="以时间为准", share=30_000)
        assert parts() == {"园区照明": [(5_000, begun, None)]}
        assert dict(won.values_list("person__username", "amount")) == {"seller": 50, "peer": 950}


def test_across_teams_the_director_rules_and_a_release_settles(cast: Cast) -> None:
    first, _second, conflict = meet(cast, cast.other_seller)
    assert conflict.unit == cast.sales
    with pytest.raises(Denied):
        actions.rule(conflict, actor=cast.manager, awarded="first", reason="自己队的")
    third = register(cast.peer, first.project)
    assert Conflict.objects.count() == 3
    actions.rule(conflict, actor=cast.director, awarded="first", reason="先报备")
    assert Registration.objects.get(pk=first.pk).status == "conflict"  # the third still disputes it
    assert set(Conflict.objects.values_list("status", flat=True)) == {"ruled", "settled", "open"}
    actions.release(Registration.objects.get(pk=third.pk), actor=cast.peer, reason="算了")
    assert Registration.objects.get(pk=first.pk).status == "confirmed"
    assert set(Conflict.objects.values_list("status", flat=True)) == {"ruled", "settled"}


def test_what_a_colleague_has_is_shown_without_his_name(cast: Cast, client: Client) -> None:
    with clock.at(NOON):
        register(cast.seller, site(cast.seller))
        said = {"name": "恒岑智造园厂房(一期)", "province": "", "city": "苏州"}
        (twin,) = twins.find(said, cast.other_seller)
        assert twin.sure and twin.row is None and "2026-03-02" in twin.protected
        assert twins.find(said, cast.seller)[0].row is not None
        assert not twins.find({**said, "name": "恒岑智造园二期"}, cast.other_seller)
        client.force_login(cast.other_seller)
        answer = client.post("/projects/new/", {"name": said["name"], "city": "苏州", "phase": "planned"})
        assert answer.status_code == 409
        assert "Chen Siyuan" not in answer.content.decode()
        again = {"name": said["name"], "city": "苏州", "phase": "planned", "_twin_reason": "另一家业主"}
        assert client.post("/projects/new/", again).status_code == 302
        assert Project.objects.count() == 2
