"""Who enters a colleague's customer learns as much as the company tells; the owner hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from xiaoguan.apps.customers import twins
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.customers.tests.test_twins import form, signed_in
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.org.models import Company
from xiaoguan.kit import action

pytestmark = pytest.mark.django_db
NAME = "恒岑钢构（昆山）有限公司"


def test_the_company_says_whose_a_customer_is_or_only_that_there_is_one(cast: Any) -> None:
    company.customer(cast.seller, NAME)
    client = signed_in(cast.other_seller)
    shown = client.get("/customers/alike/", {"name": "昆山恒岑钢构"}).content.decode()
    assert NAME not in shown and cast.seller.name not in shown and cast.manager.name in shown
    action.update(Company.objects.get(), {"tells_owners": True}, actor=cast.administrator)
    shown = client.get("/customers/alike/", {"name": "昆山恒岑钢构"}).content.decode()
    assert NAME in shown and cast.seller.name in shown and "href" not in shown


def test_the_owner_hears_who_wanted_his_customer_and_why(cast: Any) -> None:
    known = company.customer(cast.seller, NAME)
    client = signed_in(cast.other_seller)
    sent = form(client, name="昆山恒岑钢构")
    assert client.post("/customers/new/", sent).status_code == 409
    told = Notice.objects.get(kind="customer_conflict")
    assert (told.person_id, told.actor_id, told.object_id) == (cast.seller.pk, cast.other_seller.pk, known.pk)
    reason = "another plant of theirs"
    assert client.post("/customers/new/", sent | {"_twin_reason": reason}).status_code == 302
    overruled = Notice.objects.get(kind="customer_overruled")
    assert overruled.person_id == cast.seller.pk and reason in overruled.text
    assert twins.find({"name": "昆山恒岑钢构"}, cast.seller)[0].row is not None
    client.post("/customers/new/", form(signed_in(cast.other_peer), name="昆山恒岑钢构"))
    assert not Notice.objects.exclude(person=cast.seller).filter(kind="customer_overruled").exists()
