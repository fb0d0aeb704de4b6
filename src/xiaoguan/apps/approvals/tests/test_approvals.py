"""Requests go their way: step by step, back, to a colleague; what is asked is frozen, what changes is outdated."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.approvals import asking, deciding, kinds, queries, reactions, reading, seeding
from xiaoguan.apps.approvals.kinds import Kind, Measure, Seed
from xiaoguan.apps.approvals.models import Request, Route, Seat, State, Trail, Verdict
from xiaoguan.apps.customers.models import Customer, CustomerKind
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.org.actions import leave, set_deputy
from xiaoguan.kit import clock, consequence, guard, job, worker
from xiaoguan.kit.action import create, update, working
from xiaoguan.kit.errors import Invalid, Refusal

from tests.cast import Cast
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
MANAGER = {"who": "manager", "mode": "any", "days": 2}
ABOVE = {"who": "above", "mode": "any", "days": 3}


def _show(snapshot: Mapping[str, Any], hidden: frozenset[str]) -> list[tuple[Any, str]]:
    return [("Name", snapshot["name"]), *([] if "phone" in hidden else [("Phone", snapshot["phone"])])]


@pytest.fixture
def settled() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def kind(settled: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Kind]:
    """Customers with a long name need an approval: the longer the name, the higher up."""
    known = defaultdict(list, {model: list(found) for model, found in consequence._registered.items()})
    monkeypatch.setattr(consequence, "_registered", known)
    made = kinds.declare(
        "test.name", "Long name", Customer,
        measures=[Measure("length", "Length", "count"), Measure("digits", "Digits", "count", low=True, field="phone")],
        measure=lambda row: {"length": len(row.name), "digits": len(row.phone) or None},
        snapshot=lambda row: {"name": row.name, "phone": row.phone},
        show=_show,
        settle=lambda work, request, row: settled.append((request.state, row.name)),
        routes=[
            Seed("long", "Long", "length", 10, [MANAGER]),
            Seed("longer", "Longer", "length", 20, [MANAGER, ABOVE]),
        ],
    )  # fmt: skip
    yield made
    del kinds.kinds[made.code]


@pytest.fixture
def routes(kind: Kind) -> None:
    seeding.ensure(Route, kind.code, kind.routes)
    seeding.ensure(Route, kind.code, kind.routes)
    assert Route.objects.filter(kind=kind.code).count() == 2


def _customer(cast: Cast, name: str) -> Customer:
    values = {"name": name, "kind": CustomerKind.objects.order_by("pk").first(), "phone": "0512-1234"}
    made: Customer = create(Customer, values, actor=cast.seller)
    return made


def _ask(cast: Cast, kind: Kind, row: Any, actor: Any = None) -> Request | None:
    actor = actor or cast.seller
    with working(Customer, "submit", actor=actor, undoable=False) as work:
        return asking.ask(work, kind, row, note="they insist")


@pytest.fixture
def asked(cast: Cast, kind: Kind, routes: None) -> Request:
    """A request with two steps."""
    made = _ask(cast, kind, _customer(cast, "a" * 20))
    assert made is not None
    return made


def test_a_route_is_chosen_by_measure(cast: Cast, kind: Kind, routes: None) -> None:
    """Nothing below the first limit; the last route that applies counts; a switched-off one does not."""
    assert _ask(cast, kind, _customer(cast, "a" * 9)) is None
    one = _ask(cast, kind, _customer(cast, "b" * 10))
    two = _ask(cast, kind, _customer(cast, "c" * 20))
    assert one and two and [len(one.plan), len(two.plan)] == [1, 2]
    assert two.plan[0]["people"] == [cast.manager.pk] and two.plan[1]["people"] == [cast.director.pk]
    Route.objects.filter(code="longer").update(active=False)
    again = _ask(cast, kind, _customer(cast, "d" * 20))
    assert again and len(again.plan) == 1
    low = Measure("m", "Margin", low=True)
    assert [low.reached(value, 10) for value in (9, 10, 11, None)] == [True, True, False, False]


def test_step_after_step(cast: Cast, asked: Request, settled: list[Any]) -> None:
    """The manager agrees, then the director; only then it is approved, and everybody is told in turn."""
    with pytest.raises(Refusal):
        deciding.approve(asked, actor=cast.director)
    deciding.approve(asked, actor=cast.manager, note="fine")
    assert settled == []
    assert [seat.person for seat in queries.waiting(cast.director)] == [cast.director]
    done = deciding.approve(asked, actor=cast.director)
    assert done.state == State.APPROVED and settled == [("approved", "a" * 20)]
    told = set(Notice.objects.values_list("person", "kind"))
    assert told >= {(cast.manager.pk, "approval.asked"), (cast.director.pk, "approval.asked"),
                    (cast.seller.pk, "approval.approved")}  # fmt: skip
    with pytest.raises(Refusal):
        deciding.approve(asked, actor=cast.director)
    subject = Customer.objects.get(pk=asked.object_id)
    assert queries.approval_of(kinds.kinds[asked.kind], subject) == done
    update(subject, {"name": "b" * 20}, actor=cast.seller)
    assert queries.approval_of(kinds.kinds[asked.kind], subject) is None
    done.refresh_from_db()
    assert done.state == State.APPROVED and done.snapshot["name"] == "a" * 20 and queries.is_intact(done)


def test_everybody_of_a_step(cast: Cast, kind: Kind, routes: None) -> None:
    """In a step for all of them each must agree, one no ends it; in a step for any one is enough."""
    who = [{"who": f"person:{one.pk}", "mode": "all", "days": 1} for one in (cast.hr,)]
    Route.objects.filter(code="long").update(steps=[{"who": "role:manager", "mode": "all", "days": 1}, *who])
    made = _ask(cast, kind, _customer(cast, "a" * 12))
    assert made is not None
    deciding.approve(made, actor=cast.manager)
    made.refresh_from_db()
    assert made.step == 0
    deciding.approve(made, actor=cast.other_manager)
    made.refresh_from_db()
    assert made.step == 1
    with pytest.raises(Invalid):
        deciding.reject(made, actor=cast.hr, note=" ")
    assert deciding.reject(made, actor=cast.hr, note="too long").state == State.REJECTED


def test_back_and_to_a_colleague(cast: Cast, asked: Request, settled: list[Any]) -> None:
    """Sent back to an earlier step it is decided there once more; a delegate decides instead; returned it ends."""
    deciding.approve(asked, actor=cast.manager)
    deciding.send_back(asked, actor=cast.director, note="ask again", to_step=0)
    assert [seat.person for seat in queries.waiting(cast.manager)] == [cast.manager]
    with pytest.raises(Invalid):
        deciding.delegate(asked, actor=cast.manager, to=cast.seller)
    deciding.delegate(asked, actor=cast.manager, to=cast.other_manager)
    with pytest.raises(Refusal):
        deciding.approve(asked, actor=cast.manager)
    deciding.approve(asked, actor=cast.other_manager)
    done = deciding.send_back(asked, actor=cast.director, note="shorter, please")
    assert done.state == State.RETURNED and settled == [("returned", "a" * 20)]
    found = [each.event for each in Trail.objects.filter(request=asked).order_by("pk")]
    assert found == ["asked", "approved", "back", "delegated", "approved", "returned"]
    assert Notice.objects.get(person=cast.seller, kind="approval.returned").text == "shorter, please"


def test_nobody_decides_about_his_own(cast: Cast, kind: Kind, routes: None) -> None:
    """A manager's request goes to who stands above; a stand-in never decides about what he asked himself."""
    row = _customer(cast, "a" * 12)
    made = _ask(cast, kind, row, cast.manager)
    assert made is not None and made.plan[0]["people"] == [cast.director.pk]
    set_deputy(cast.director, actor=cast.director, deputy=cast.manager, **_today())
    with pytest.raises(Refusal) as refused:
        deciding.approve(made, actor=cast.again("manager"))
    assert refused.value.code == "approval_oneself"
    assert not queries.waiting(cast.manager).exists()
    with pytest.raises(Refusal) as refused:
        _ask(cast, kind, _customer(cast, "b" * 12), cast.director)
    assert refused.value.code == "approval_nobody"


def test_a_stand_in_decides(cast: Cast, asked: Request) -> None:
    """Whoever stands in for the manager finds it in his inbox, and the trail says for whom he decided."""
    set_deputy(cast.manager, actor=cast.manager, deputy=cast.peer, **_today())
    peer = cast.again("peer")
    assert [seat.person for seat in queries.waiting(peer)] == [cast.manager]
    deciding.approve(asked, actor=peer)
    entry = Trail.objects.get(request=asked, event="approved")
    assert (entry.person, entry.instead_of) == (cast.peer, cast.manager)


def test_a_change_makes_it_outdated(cast: Cast, asked: Request, settled: list[Any]) -> None:
    """What was frozen is not what stands there now; a change of anything else leaves the request alone."""
    row = Customer.objects.get(pk=asked.object_id)
    update(row, {"address": "1 Lamp Road"}, actor=cast.seller)
    asked.refresh_from_db()
    assert asked.state == State.PENDING
    update(row, {"name": "c" * 20}, actor=cast.seller)
    asked.refresh_from_db()
    assert asked.state == State.OUTDATED and settled == [("outdated", "c" * 20)]
    assert not queries.waiting(cast.manager).exists()
    assert Notice.objects.filter(person=cast.seller, kind="approval.outdated").count() == 0  # he did it himself
    late = _ask(cast, kinds.kinds[asked.kind], row)
    assert late is not None
    Customer.objects.filter(pk=row.pk).update(name="past all actions " * 2)
    with pytest.raises(Refusal) as refused:
        deciding.approve(late, actor=cast.manager)
    late.refresh_from_db()
    assert refused.value.code == "approval_over" and late.state == State.OUTDATED


def test_asked_once_withdrawn_and_asked_again(cast: Cast, kind: Kind, asked: Request) -> None:
    row = Customer.objects.get(pk=asked.object_id)
    with pytest.raises(Refusal) as refused:
        _ask(cast, kind, row)
    assert refused.value.code == "approval_pending"
    with pytest.raises(Refusal):
        deciding.withdraw(asked, actor=cast.manager)
    assert deciding.withdraw(asked, actor=cast.seller).state == State.WITHDRAWN
    assert _ask(cast, kind, row) is not None


def test_late_and_left(cast: Cast, asked: Request) -> None:
    """Past the deadline people are reminded once a day; who has left is replaced."""
    seat = Seat.objects.get(request=asked, verdict=Verdict.OPEN)
    monday = seat.due_at + dt.timedelta(days=(7 - seat.due_at.weekday()) % 7 + 7)
    with clock.at(monday):
        assert reactions.remind_late([_seat(seat.pk)]) == 1
        assert reactions.remind_late([_seat(seat.pk)]) == 0
        assert deciding.remind(asked, actor=cast.seller) == 0
    assert Notice.objects.filter(person=cast.manager, kind="approval.reminded").count() == 1
    leave(cast.manager, actor=cast.hr, day=clock.today() - dt.timedelta(days=1))
    job.enqueue("approvals.tend")
    worker.work_once(["approvals.tend"])
    assert [seat.person for seat in queries.waiting(cast.director)] == [cast.director]


def _today() -> dict[str, dt.date]:
    return {"start": clock.today(), "end": clock.today()}


def _seat(pk: int) -> Seat:
    return Seat.objects.select_related("person", "request__route", "request__owner").get(pk=pk)


def test_a_write_waits(cast: Cast, kind: Kind, routes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guarded write is refused with a way to ask; approved it is carried out; changed meanwhile it is outdated."""
    monkeypatch.setattr(guard, "guards", {})

    @guard.register("customers.customer.update", code="test.long", label="No long names")
    def hold(attempt: guard.Attempt) -> None:
        for row in attempt.rows:
            asking.park(
                attempt, kind, row, title="Too long", cause="Ask.", code="test.long",
                snapshot={"name": row.name, "phone": ""}, measures={"length": len(row.name)},
            )  # fmt: skip

    row = _customer(cast, "short")
    with pytest.raises(Refusal) as refused:
        update(row, {"name": "d" * 15}, actor=cast.seller)
    url = refused.value.ways_out[0].url
    row = Customer.objects.get(pk=row.pk)
    stranger, client = Client(), Client()
    stranger.force_login(cast.peer)
    client.force_login(cast.seller)
    assert stranger.get(url).status_code == 404
    assert client.get(url + "x").status_code == 404
    page = client.get(url)
    assert page.status_code == 200 and cast.manager.name in page.content.decode()
    token = url.partition("write=")[2]
    client.post(url, {"write": token, "note": "it is their name"})
    waiting = Request.objects.get(write__isnull=False)
    assert Customer.objects.get(pk=row.pk).name == "short"
    deciding.approve(waiting, actor=cast.manager)
    done = Customer.objects.get(pk=row.pk)
    assert done.name == "d" * 15
    assert Trail.objects.filter(request=waiting, event="carried").exists()
    update(done, {"name": "short"}, actor=cast.seller)
    assert client.get(url).status_code == 409  # the record was changed since


def test_pages(cast: Cast, asked: Request, django_assert_max_num_queries: Any) -> None:
    """The inbox lists and approves, the page decides, and shows nobody what is hidden from him."""
    more = [_ask(cast, kinds.kinds[asked.kind], _customer(cast, letter * 12)) for letter in "xyz"]
    clients = {part: Client() for part in ("seller", "manager", "peer", "auditor", "administrator")}
    for part, client in clients.items():
        client.force_login(getattr(cast, part))
    clients["manager"].get("/approvals/")
    with django_assert_max_num_queries(16):
        page = clients["manager"].get("/approvals/").content.decode()
    assert all(row and row.title in page for row in (asked, *more))
    address = f"/approvals/{asked.pk}/"
    assert [clients[part].get(address).status_code for part in clients] == [200, 200, 404, 200, 200]
    clients["manager"].post("/approvals/bulk/", {"ids": [row.pk for row in more if row]})
    assert Request.objects.filter(state=State.APPROVED).count() == 3
    back = {"verdict": "return", "note": ""}
    assert clients["manager"].post(f"{address}decide/", back).status_code == 422
    assert clients["peer"].post(f"{address}decide/", {"verdict": "approve"}).status_code == 404
    assert clients["auditor"].post(f"{address}decide/", {"verdict": "approve"}).status_code == 409
    assert clients["manager"].post(f"{address}decide/", {**back, "note": "shorter"}).status_code == 302
    asked.refresh_from_db()
    assert asked.state == State.RETURNED
    for tab in ("mine", "decided", "decide"):
        assert clients["seller"].get(f"/approvals/?tab={tab}").status_code == 200
    shown = reading.facts(kinds.kinds[asked.kind], asked, cast.hr)
    assert [label for label, _value in shown] == ["Name"]  # HR sees no phones


def test_routes_are_rows(cast: Cast, kind: Kind, routes: None) -> None:
    """An administrator adds, edits and removes routes in yuan and per cent; nobody else does."""
    client, other = Client(), Client()
    client.force_login(cast.administrator)
    other.force_login(cast.manager)
    values = {"name": "Very long", "measure": "length", "limit": "30", "position": "9", "active": "1",
              "who-1": "manager", "mode-1": "any", "days-1": "2", "who-2": "role:director", "mode-2": "all",
              "days-2": "3"}  # fmt: skip
    assert other.get("/approvals/routes/").status_code == 404
    assert client.post(f"/approvals/routes/new/{kind.code}/", {**values, "limit": "x"}).status_code == 422
    assert client.post(f"/approvals/routes/new/{kind.code}/", {**values, "days-1": "0"}).status_code == 422
    assert client.post(f"/approvals/routes/new/{kind.code}/", values).status_code == 302
    made = Route.objects.get(name="Very long")
    assert (made.limit, made.steps[1]) == (30, {"who": "role:director", "mode": "all", "days": 3})
    assert client.get("/approvals/routes/").status_code == 200
    assert client.get(f"/approvals/routes/{made.pk}/").status_code == 200
    assert other.post(f"/approvals/routes/{made.pk}/", values).status_code == 404
    client.post(f"/approvals/routes/{made.pk}/", {"delete": "1"})
    made.refresh_from_db()
    assert made.deleted_at is not None


def test_for_programs(cast: Cast, asked: Request) -> None:
    """The same over the API, in the name of the token's owner."""
    manager, peer = Api(cast.manager), Api(cast.peer)
    assert [row["id"] for row in manager.ask("GET", "approvals").json()["data"]] == [asked.pk]
    assert peer.ask("GET", f"approvals/{asked.pk}").status_code == 404
    told = manager.ask("GET", f"approvals/{asked.pk}").json()
    assert told["may_decide"] and told["facts"] == [["Name", "a" * 20], ["Phone", "0512-1234"]]
    answer = manager.ask("POST", f"approvals/{asked.pk}/decide", {"verdict": "reject"})
    assert answer.status_code == 422
    answer = manager.ask("POST", f"approvals/{asked.pk}/decide", {"verdict": "reject", "note": "no"})
    assert answer.json()["state"] == "rejected"
