"""The demonstration goes: nothing of it is left, nothing of people's own is lost, whenever the work is interrupted."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from xiaoguan import demo
from xiaoguan.apps.activities.models import FollowUp, Task
from xiaoguan.apps.customers.models import Contact, Customer, CustomerKind
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.operation import clearing, queries, uprooting
from xiaoguan.apps.opportunities.models import Deal, DealLine, Product, Stage, StageEntry
from xiaoguan.apps.org.actions import Joiner, join
from xiaoguan.apps.org.models import Company, Person, Session, Team
from xiaoguan.apps.org.queries import company, role
from xiaoguan.demo.building import SIZES, Size
from xiaoguan.demo.check import check_invariants
from xiaoguan.demo.staff import PASSWORD
from xiaoguan.kit import job, memo, recent, worker
from xiaoguan.kit.access import visible
from xiaoguan.kit.action import create, update
from xiaoguan.kit.entity import entities
from xiaoguan.kit.models import ChangeRow, Credit, Job

from tests.cast import counted_in_the_settings_zone

pytestmark = pytest.mark.django_db
UNTIL = dt.date(2026, 11, 18)
OWN = "brightest-lamp-of-suzhou"


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A small demonstration for all tests here, in a transaction around theirs."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setitem(SIZES, "small", Size(80, 0.12, 1.5, True))
        with counted_in_the_settings_zone():
            demo.build(size="small", seed=3, until=UNTIL)
            worker.drain()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def company_shown(demonstration: None, db: None) -> Person:
    """The administrator of the demonstration."""
    return Person.objects.get(username="chengyifan")


def _own_records(seller: Person, admin: Person) -> dict[str, Any]:
    """What people enter while they try it: a customer of their own with all that belongs to it, and notes on others."""
    kind = CustomerKind.objects.first()
    own = create(Customer, {"name": "苏州晨曦照明工程有限公司", "kind": kind, "owner": seller}, actor=seller)
    contact = create(Contact, {"name": "陆晨", "customer": own}, actor=seller)
    theirs = Deal.objects.filter(owner=seller, status="open").first()
    product = Product.objects.order_by("pk").first()
    stage = Stage.objects.filter(outcome="open").order_by("position").first()
    deal = create(
        Deal,
        {
            "name": "晨曦办公楼",
            "customer": own,
            "stage": stage,
            "amount": 5_000_000,
            "product": product,
            "owner": seller,
        },
        actor=seller,
    )
    create(DealLine, {"deal": deal, "product": product, "quantity": 3, "price": 10_000}, actor=seller)
    note = create(
        FollowUp,
        {"kind": "call", "customer": theirs.customer, "deal": theirs, "subject": "试试", "owner": seller},
        actor=seller,
    )
    branch = create(Customer, {"name": "上海晨曦分公司", "kind": kind, "parent": theirs.customer}, actor=seller)
    friend = join(Joiner("真人小王", "xiaowang", "sales_engineer", seller.unit), actor=admin)
    update(role("manager"), {"description": "our own words"}, actor=admin)
    return {"own": own, "contact": contact, "deal": deal, "note": note, "branch": branch, "friend": friend,
            "product": product}  # fmt: skip


def _run(heir: Person, name: str = "晨曦照明") -> Job:
    """The whole job, in one go."""
    row = clearing.start(heir, name, actor=heir)
    worker.work_once([clearing.KIND])
    row.refresh_from_db()
    memo.forget()
    return row


def _orphans() -> list[str]:
    """Rows that point at nothing: by a foreign key, or by the kind and number of a record."""
    found = []
    for link in uprooting.links():
        rows = link.model._base_manager.filter(**{f"{link.name}__isnull": False})
        if rows.exclude(**{f"{link.column}__in": link.target._base_manager.values("pk")}).exists():
            found.append(f"{link.model._meta.label}.{link.name}")
    for table, kind in uprooting.about():
        for name, entity in entities.items():
            rows = table._base_manager.filter(**{kind: name, "object_id__isnull": False})
            if rows.exclude(object_id__in=entity.model._base_manager.values("pk")).exists():
                found.append(f"{table._meta.label} of {name}")
    return found


def test_nothing_of_it_is_left(company_shown: Person) -> None:
    """An installation that only looked at it is as after `init`: one administrator, one team, the seeds."""
    row = _run(company_shown)
    assert row.state == Job.State.DONE, row.trace
    assert row.progress == row.total
    counts = {model._meta.label_lower: model._base_manager.count() for model in apps.get_models()}
    left = {name for name, count in counts.items() if count}
    seeds = {"approvals.route", "billing.plantemplate", "billing.planpart", "expenses.expensekind",
             "customers.customerkind", "dashboards.dashboard", "metrics.definition",
             "opportunities.criterion", "opportunities.lossreason",
             "opportunities.pipeline", "opportunities.stage", "projects.protection", "org.role", "org.company",
             "auth.permission", "contenttypes.contenttype"}  # fmt: skip
    few = {"org.person": 2, "org.team": 1, "org.membership": 1, "org.reach": 1, "kit.change": 1, "kit.job": 1}
    assert {name: counts[name] for name in few} == few
    assert left <= seeds | few.keys() | {
        "org.unitreach",
        "kit.changerow",
        "kit.feed",
        "kit.searchentry",
        "kit.schedule",
    }
    assert (company().name, company().demo, Team.objects.get().name) == ("晨曦照明", "", "晨曦照明")
    assert not queries.is_demonstration()
    assert _orphans() == []
    assert check_invariants() == []


def test_ones_own_records_stay(company_shown: Person) -> None:
    """An own customer with its people, deal, history and figures; what was about a demo record goes with it."""
    seller = Person.objects.get(username="chensiyuan")
    made = _own_records(seller, company_shown)
    before = list(Credit.objects.filter(entity="customers.customer", object_id=made["own"].pk).values_list("amount"))
    assert _run(company_shown).state == Job.State.DONE
    heir = Person.objects.get(pk=company_shown.pk)
    assert set(Customer.objects.values_list("pk", flat=True)) == {made["own"].pk, made["branch"].pk}
    assert set(Customer.objects.values_list("owner", "credited", "unit")) == {(heir.pk, heir.pk, Team.objects.get().pk)}
    assert Customer.objects.get(pk=made["branch"].pk).parent is None
    assert Contact.objects.get().pk == made["contact"].pk
    assert Deal.objects.get().product_id == made["product"].pk == Product.objects.get().pk
    assert DealLine.objects.count() == StageEntry.objects.count() == 1
    assert not FollowUp.objects.exists()
    assert set(Task.objects.values_list("deal", flat=True)) == {made["deal"].pk}, "what its stage asks for"
    assert not Target.objects.exists()
    friend = Person.objects.get(username="xiaowang")
    assert friend.unit == Team.objects.get() == friend.memberships.get().team
    assert role("manager").description == "our own words"
    assert list(Credit.objects.filter(object_id=made["own"].pk).values_list("amount")) == before
    assert ChangeRow.objects.filter(entity="customers.customer", object_id=made["own"].pk).get().change.actor == heir
    assert _orphans() == []
    assert check_invariants() == []
    assert visible(Customer, heir).count() == 2


def test_what_the_page_says_is_what_happens(company_shown: Person, client: Client) -> None:
    """The counts of goes, goes along and stays are those of the database before and after."""
    _own_records(Person.objects.get(username="chensiyuan"), company_shown)
    said = {each.entity.name: each for each in queries.balance(company_shown)}
    assert {name for name, each in said.items() if each.along} == {"activities.followup"}
    counts = {name: entity.model._base_manager.count() for name, entity in entities.items()}
    _run(company_shown)
    for name, each in said.items():
        if name in ("org.person", "org.team", "opportunities.product", "opportunities.duty"):
            continue  # the heir, the team at the top, a product and a standard action in use
        left = entities[name].model._base_manager.count()
        assert left == counts[name] - each.brought - len(each.along) == each.stay, name


def test_it_goes_on_where_it_was_stopped(company_shown: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after each chunk, and once thrown out of the middle of one, it still ends with nothing left."""
    monkeypatch.setattr(clearing, "FIRST_CHUNK", 100)
    _own_records(Person.objects.get(username="chensiyuan"), company_shown)
    row = clearing.start(company_shown, "晨曦照明", actor=company_shown)
    real, calls = uprooting.uproot, []

    def breaks(found: uprooting.Found) -> int:
        calls.append(1)
        done = real(found)
        if len(calls) == 4:
            raise RuntimeError("the power is gone")
        return done

    monkeypatch.setattr(uprooting, "uproot", breaks)
    stops = 0
    while row.active:
        Job.objects.filter(pk=row.pk).update(run_after=row.created_at)
        taken = job.claim(names=[clearing.KIND])
        assert taken is not None
        job.execute(taken, lambda: True)
        row.refresh_from_db()
        stops += 1
        assert stops < 200
    assert row.state == Job.State.DONE, row.trace
    assert stops > 3
    assert Customer.objects.count() == 2
    assert _orphans() == []
    assert check_invariants() == []


def test_it_is_one_form_away(company_shown: Person, client: Client) -> None:
    """The administrator proves who he is, types the company and a password of his own, and stays signed in."""
    url = reverse("operation:clear_demo")
    client.force_login(company_shown)
    session = client.session
    session[recent.KEY] = 0
    session.save()
    assert "reauthenticate" in client.post(url, {"company": "x"}).url
    session[recent.KEY] = time.time()
    session.save()
    other = Client()
    other.force_login(Person.objects.get(username="chensiyuan"))
    assert other.get(url).status_code == 404
    assert client.get(url).status_code == 200
    values = {"company": "晨曦照明", "name": "李真", "username": "lizhen", "password": PASSWORD, "again": PASSWORD}
    assert client.post(url, values).status_code == 422
    sent = client.post(url, values | {"password": OWN, "again": OWN})
    assert sent.status_code == 302
    worker.work_once([clearing.KIND])
    memo.forget()
    assert client.get(sent.url).status_code == 200
    heir = Person.objects.get(pk=company_shown.pk)
    assert (heir.name, heir.username, heir.check_password(OWN)) == ("李真", "lizhen", True)
    assert Session.objects.exclude(person=heir).count() == 0
    assert other.get("/").status_code == 302
    for page in ("/", "/settings/", "/customers/", "/people/", "/org/", url):
        assert client.get(page).status_code == 200, page
    kind = CustomerKind.objects.first()
    first = create(Customer, {"name": "第一个客户", "kind": kind}, actor=heir)
    assert client.get(first.entity.url("detail", first)).status_code == 200
    assert Company.objects.get().demo == ""


def test_every_link_to_people_is_known() -> None:
    """A new table that points at people or teams must say what becomes of its rows: a column nobody has thought of
    makes the row go with the person."""
    goes = {
        f"{link.model._meta.label_lower}.{link.name}"
        for link in uprooting.links()
        if link.target in (Person, Team) and not link.passes and not link.empties
    }
    assert goes == {
        "kit.collaborator.person", "kit.viewtabs.owner", "kit.job.actor", "kit.shelved.person", "api.token.owner",
        "api.answer.actor",
        "org.invite.person", "org.membership.person", "org.deputy.person", "org.deputy.deputy", "org.reach.viewer",
        "org.reach.person", "org.unitreach.viewer", "org.unitreach.unit", "org.person_roles.person",
        "org.signin.person", "org.session.person", "org.attempts.person", "org.usedpassword.person",
        "approvals.seat.given_by", "approvals.seat.person", "approvals.trail.instead_of", "approvals.trail.other",
        "approvals.trail.person", "opportunities.dealmember.person", "territories.assignment.person",
        "audit.accessentry.actor", "audit.reviewline.person", "notices.message.person", "notices.notice.person",
        "notices.wish.person", "briefing.sent.person", "goals.target.team", "goals.target.person", "goals.round.person",
        "account.emailaddress.user", "mfa.authenticator.user", "socialaccount.socialaccount.user",
    }  # fmt: skip
