"""History brought along: who wrote it then and when, whose figures it counts in, and who imported it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit import clock
from xiaoguan.kit.action import create
from xiaoguan.kit.models import Change
from xiaoguan.kit.models.credit import Credit

from tests.cast import Cast
from tests.test_import_running import codes, counts, imported

pytestmark = pytest.mark.django_db
HEAD = "客户,跟进时间,跟进人,跟进方式,跟进内容\n"


@pytest.fixture
def customer(cast: Cast) -> Customer:
    cast.other_seller.employee_no = "E-77"
    cast.other_seller.save()
    return create(Customer, {"name": "恒岑钢构"}, actor=cast.seller)


def test_author_and_date_are_those_of_then(cast: Cast, customer: Customer) -> None:
    text = HEAD + (
        f"恒岑钢构,2024-03-05 15:20,{cast.seller.name},拜访,看了样灯\n恒岑钢构,2024年4月1日,E-77,电话,报了价\n"
    )
    batch = imported(text, "follow-ups", cast.administrator)
    assert counts(batch) == (2, 0, 0, 0, 0)
    visit, call = FollowUp.objects.order_by("happened_at")
    assert (visit.owner, visit.credited, visit.kind) == (cast.seller, cast.seller, "visit")
    assert clock.local(visit.happened_at).isoformat()[:16] == "2024-03-05T15:20"
    assert (call.owner, call.on) == (cast.other_seller, dt.date(2024, 4, 1))
    found = set(Credit.objects.filter(fact__in=["visit", "call"]).values_list("fact", "person", "on"))
    assert found == {
        ("visit", cast.seller.pk, dt.date(2024, 3, 5)),
        ("call", cast.other_seller.pk, dt.date(2024, 4, 1)),
    }
    change = Change.objects.filter(entity="activities.followup").get()
    assert (change.actor, change.source) == (cast.administrator, "import")
    assert change.at.year >= 2026
    customer.refresh_from_db()
    assert customer.last_contact_on == dt.date(2024, 4, 1)


def test_the_same_file_again_doubles_nothing(cast: Cast, customer: Customer) -> None:
    text = HEAD + f"恒岑钢构,2024-03-05 15:20,{cast.seller.name},拜访,看了样灯\n"
    imported(text, "follow-ups", cast.administrator)
    assert counts(imported(text, "follow-ups", cast.administrator)) == (0, 0, 1, 0, 0)
    assert counts(imported(text.replace("15:20", "16:20"), "follow-ups", cast.administrator)) == (1, 0, 0, 0, 0)


def test_an_unknown_author_stays_as_text(cast: Cast, customer: Customer) -> None:
    text = HEAD + "恒岑钢构,2024-03-05,早已离开的人,拜访,看了样灯\n"
    assert counts(imported(text, "follow-ups", cast.administrator)) == (1, 0, 0, 0, 0)
    found = FollowUp.objects.get()
    assert (found.owner, found.credited, found.extra["import_owner"]) == (None, None, "早已离开的人")
    assert [each.person for each in Credit.objects.filter(fact="visit")] == [None], "no person here earns it"
    client = Client()
    client.force_login(cast.administrator)
    page = client.get(f"/customers/{customer.pk}/timeline/").content.decode()
    assert "早已离开的人" in page
    assert "早已离开的人" in client.get(f"/follow-ups/{found.pk}/").content.decode()


def test_an_unknown_author_may_be_refused(cast: Cast, customer: Customer) -> None:
    text = HEAD + "恒岑钢构,2024-03-05,早已离开的人,拜访,看了样灯\n"
    batch = imported(text, "follow-ups", cast.administrator, relations={"owner": "error"})
    assert (counts(batch), codes(batch)) == ((0, 0, 0, 0, 1), ["no_such_person"])


def test_nobody_writes_in_the_name_of_somebody_out_of_reach(cast: Cast, customer: Customer) -> None:
    text = HEAD + f"恒岑钢构,2024-03-05,{cast.other_seller.name},拜访,看了样灯\n"
    batch = imported(text, "follow-ups", cast.seller)
    assert (counts(batch), codes(batch)) == ((0, 0, 0, 0, 1), ["may_not_create"])
