"""Customers that were entered twice are found, shown to who may merge them, and not again once told apart."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.customers import pairing, pairs
from xiaoguan.apps.customers.models import Apart, Contact, Pair, PairCheck
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, clock, feed, job, worker
from xiaoguan.kit.models import Change, Job

from tests.test_conformance import counted
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db(transaction=True)


def shown(person: Any) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
    return [(group.ids, group.why) for group in pairs.groups(person)]


def compare_all(person: Any = None) -> None:
    job.enqueue(pairing.KIND, actor=person, key=pairing.KIND)
    worker.drain()


def test_pairs_are_found_shown_and_told_apart(cast: Any) -> None:
    one = company.customer(cast.seller, "恒岑钢构（昆山）有限公司", phone="0512-5555 1234")
    two = company.customer(cast.peer, "昆山恒岑钢结构有限公司")
    three = company.customer(cast.seller, "合晟照明设计院")
    four = company.customer(cast.seller, "上海合晟照明")
    action.create(Contact, {"name": "Ma", "customer": four, "mobile": "13900001111"}, actor=cast.seller)
    action.update(three, {"phone": "139 0000 1111"}, actor=cast.seller)
    company.customer(cast.other_seller, "北京完全无关贸易公司")
    compare_all(cast.manager)
    assert shown(cast.manager) == [((one.pk, two.pk), ("name",)), ((three.pk, four.pk), ("phone",))]
    assert shown(cast.seller) == [((three.pk, four.pk), ("phone",))]  # the peer's customer is not his to merge
    assert shown(cast.other_manager) == []
    check = PairCheck.objects.get()
    assert (check.actor_id, check.customers, check.pairs) == (cast.manager.pk, 5, 2)

    told = Api(cast.manager).ask("GET", "customers/duplicates?limit=1").json()
    assert (told["total"], told["next"]) == (2, 1)
    assert [each["id"] for each in told["data"][0]["customers"]] == [one.pk, two.pk]
    assert Api(cast.seller).ask("GET", "customers/duplicates").json()["total"] == 1
    assert Api(cast.auditor).ask("GET", "customers/duplicates").status_code == 403

    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.seller)
    assert client.post("/customers/duplicates/look/").status_code == 403
    assert client.post("/customers/duplicates/decide/", {"act": "apart", "ids": [one.pk, two.pk]}).status_code == 422
    sent = client.post("/customers/duplicates/decide/", {"act": "merge", "ids": [three.pk, four.pk]})
    assert sent.url == f"/customers/merge/?ids={three.pk}%2C{four.pk}"
    client.post("/customers/duplicates/decide/", {"act": "apart", "ids": [three.pk, four.pk]})
    compare_all()
    assert shown(cast.seller) == [] and Apart.objects.count() == 1
    assert client.post(f"/undo/{Change.objects.get(action='apart').pk}/").status_code == 302
    assert shown(cast.seller) == [((three.pk, four.pk), ("phone",))]


def test_what_is_saved_since_is_compared_alone(cast: Any) -> None:
    one = company.customer(cast.seller, "恒岑钢构（昆山）有限公司")
    worker.drain()
    with clock.at(clock.now() + dt.timedelta(hours=1)):
        job.enqueue("customers.pairs_since")
        worker.drain()  # the first look compares all
    assert PairCheck.objects.get().customers == 1
    two = company.customer(cast.seller, "昆山恒岑钢结构有限公司")
    job.enqueue("customers.pairs_since")
    worker.drain()
    assert shown(cast.seller) == [((one.pk, two.pk), ("name",))]
    assert Job.objects.filter(kind=pairing.KIND).count() == 1
    action.update(company.again(two), {"name": "苏州晨曦照明工程有限公司"}, actor=cast.seller)
    job.enqueue("customers.pairs_since")
    worker.drain()
    assert shown(cast.seller) == [] and not Pair.objects.exists()


def test_the_page_costs_the_same_however_many_there_are(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SECONDS", 3600)  # however slow the machine, no token is asked for twice
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.manager)
    assert "Nothing was compared yet" in client.get("/customers/duplicates/").content.decode()

    def asked() -> int:
        compare_all()
        with counted() as found:
            page = client.get("/customers/duplicates/")
        assert len(page.context["groups"]) > 0
        return len(found)

    for name in ("恒岑钢构", "恒岑钢构有限公司"):
        company.customer(cast.seller, name)
    few = asked()
    for brand in ("合晟照明", "乾坤灯饰", "宏砺建工", "晨曦幕墙", "瑞扬钢构"):
        for end in ("", "有限公司"):
            company.customer(cast.seller, f"苏州{brand}{end}")
    assert asked() == few <= 20
