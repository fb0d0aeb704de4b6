"""The page that explains: who may ask about whom, what it never tells, and stand-ins."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org import explaining
from xiaoguan.apps.org.actions import end_deputy, set_deputy
from xiaoguan.apps.org.models import Deputy
from xiaoguan.kit import access, action, clock
from xiaoguan.kit.models import Change

from tests.cast import Cast
from tests.samples import owned_by, samples

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def english() -> Client:
    return Client(headers={"Accept-Language": "en"})


def ask(client: Client, person: object, record: Customer, **more: str) -> str:
    data = {"person": person.pk, "kind": "customers.customer", "record": record.pk, **more}  # type: ignore[attr-defined]
    answer = client.get(reverse("org:why"), data)
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_the_chain_names_role_owner_and_post(cast: Cast, english: Client) -> None:
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    english.force_login(cast.administrator)
    yes = ask(english, cast.manager, customer)
    assert "Yes: Lin Qing" in yes and "sales manager" in yes and "Tigers" in yes and "The owner is Chen Siyuan" in yes
    no = ask(english, cast.other_manager, customer)
    assert "No: Zhou Min" in no and "Share the record with Zhou Min" in no and "stand in for Chen Siyuan" in no
    hidden = ask(english, cast.hr, customer, field="phone")
    assert "No: Tang Yue" in hidden and "hides the field" in hidden


def test_who_may_ask_about_whom(cast: Cast, english: Client) -> None:
    made = samples(cast)
    mine, foreign = owned_by(cast.seller, Customer.entity, made), owned_by(cast.other_seller, Customer.entity, made)
    english.force_login(cast.manager)
    assert "Yes: Chen Siyuan" in ask(english, cast.seller, mine)
    assert ask(english, cast.other_seller, mine) == "404"
    assert ask(english, cast.seller, foreign) == "404"
    for part in ("seller", "finance", "outsider"):
        english.force_login(getattr(cast, part))
        assert ask(english, cast.seller, mine) == "404"


def test_the_menu_leads_there_for_who_may_ask(cast: Cast, english: Client) -> None:
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    for part, shown in (("seller", False), ("manager", True), ("administrator", True)):
        english.force_login(getattr(cast, part))
        page = english.get(f"/customers/{customer.pk}/").content.decode()
        assert (reverse("org:why") in page) == shown, part


def test_dates_of_roles_come_from_the_audit(cast: Cast) -> None:
    found = explaining.explain(cast.seller, "view", Customer)
    assert found.allowed and found.steps[0].since == clock.today()


def test_stand_ins_are_set_ended_and_told(cast: Cast, english: Client) -> None:
    english.force_login(cast.manager)
    today = clock.today()
    data = {
        "person": cast.seller.pk,
        "deputy": cast.peer.pk,
        "start": today.isoformat(),
        "end": (today + DAY).isoformat(),
    }
    assert english.post(reverse("org:deputies"), data).status_code == 302
    row = Deputy.objects.get()
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    action.update(customer, {"name": "Renamed"}, actor=cast.again("peer"))
    change = Change.objects.filter(action="update").latest("pk")
    assert (change.actor, change.acting_for) == (cast.peer, cast.seller)
    english.force_login(cast.seller)
    page = english.get(f"/customers/{customer.pk}/").content.decode()
    assert "Wang Lei for Chen Siyuan" in page
    listed = english.get(reverse("org:deputies")).content.decode()
    assert "Wang Lei" in listed and "salesperson" in listed
    assert english.post(reverse("org:deputy_end", args=[row.pk])).status_code == 302
    assert not access.may(cast.again("peer"), "view", customer)
    english.force_login(cast.outsider)
    assert english.post(reverse("org:deputy_end", args=[row.pk])).status_code == 404


def test_what_is_within_one_s_own_reach_is_done_for_nobody(cast: Cast) -> None:
    today = clock.today()
    set_deputy(cast.seller, actor=cast.seller, deputy=cast.manager, start=today, end=today)
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    action.update(customer, {"name": "Renamed"}, actor=cast.again("manager"))
    assert Change.objects.filter(action="update").latest("pk").acting_for is None


def test_one_that_has_not_begun_is_taken_away(cast: Cast) -> None:
    start = clock.today() + DAY
    done = set_deputy(cast.seller, actor=cast.seller, deputy=cast.peer, start=start, end=start)
    end_deputy(done.result, actor=cast.seller)
    assert not Deputy.objects.filter(deleted_at__isnull=True).exists()
