"""A company is looked for before it is entered twice; strangers' customers stay masked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from xiaoguan.api.actions import issue
from xiaoguan.apps.customers import names, twins
from xiaoguan.apps.customers.models import Contact, Customer, CustomerKey
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.notices.models import Notice
from xiaoguan.kit import action, memo
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models import Change
from xiaoguan.kit.undo import undo

pytestmark = pytest.mark.django_db

NAME = "恒岑钢构（昆山）有限公司"
CODE = "91350100M000100Y43"


@pytest.fixture
def known(cast: Any) -> Customer:
    """A customer of the seller."""
    return company.customer(
        cast.seller, NAME, phone="0512-5555 1234", website="https://www.hengcen.cn", credit_code=CODE, city="苏州市"
    )


def keys(customer: Customer) -> set[str]:
    return {str(key) for key in CustomerKey.objects.filter(customer=customer)}


def signed_in(person: Any) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def form(client: Client, **typed: str) -> dict[str, str]:
    """The form of a new customer, filled in."""
    page = client.get("/customers/new/")
    made = page.context["form"]
    return {item.name: item.raw for item in made.inputs.values()} | {"_uid": str(made.uid)} | typed


def test_keys_follow_the_customer_and_its_people(cast: Any, known: Customer) -> None:
    own = {"phone:51255551234", "domain:hengcen.cn", f"code:{CODE}"}
    assert keys(known) == own
    made = {"name": "Ma Jun", "customer": known, "mobile": "138 1234 5678", "email": "ma@qq.com"}
    contact = action.create(Contact, made, actor=cast.seller)
    assert keys(known) == own | {"phone:13812345678"}
    other = company.customer(cast.seller, "Elsewhere")
    done = action.update(company.again(contact), {"customer": other}, actor=cast.seller)
    assert (keys(known), keys(other)) == (own, {"phone:13812345678"})
    undo(done.change, actor=cast.seller)
    assert (keys(known), keys(other)) == (own | {"phone:13812345678"}, set())
    action.update(company.again(known), {"phone": "", "website": "mail.qq.com"}, actor=cast.seller)
    assert keys(known) == {f"code:{CODE}", "domain:mail.qq.com", "phone:13812345678"}
    action.remove(company.again(known), actor=cast.seller)
    assert keys(known) == set()


def test_a_wrong_credit_code_is_not_taken(cast: Any) -> None:
    with pytest.raises(Invalid) as caught:
        company.customer(cast.seller, credit_code="91350100M000100Y44")
    assert set(caught.value.errors) == {"credit_code"}
    assert company.customer(cast.seller, credit_code="DE 123456789").credit_code == "DE 123456789"


@pytest.mark.parametrize(
    "said",
    [
        {"name": "昆山恒岑钢构"},
        {"name": "恆岑鋼構"},
        {"name": "恒岑钢购（昆山）有限公司"},
        {"name": "恒岑钢构（昆山）股份有限公司"},
        {"name": "Quite another", "credit_code": CODE},
        {"name": "恒岑", "phone": "+86 512 5555 1234"},
        {"name": "恒岑公司", "website": "hengcen.cn/contact"},
    ],
)
def test_it_is_found_however_it_is_written(cast: Any, known: Customer, said: dict[str, str]) -> None:
    company.customer(cast.seller, "上海明辉电子科技有限公司")
    found = twins.find(said, cast.seller)
    assert [twin.row["pk"] for twin in found if twin.row] == [known.pk]


def test_other_companies_are_not_found(cast: Any, known: Customer) -> None:
    for name in ("上海恒岑钢构有限公司", "昆山华阳钢构有限公司", "Acme Ltd", "恒", ""):
        assert twins.find({"name": name}, cast.seller) == []


def test_who_was_created_renamed_or_deleted_a_moment_ago_counts_at_once(cast: Any, known: Customer) -> None:
    assert twins.find({"name": NAME}, cast.seller)
    later = company.customer(cast.seller, "苏州禾澜设计院")
    assert [twin.row["pk"] for twin in twins.find({"name": "禾澜设计院"}, cast.seller)] == [later.pk]
    action.update(company.again(known), {"name": "Something else", "credit_code": "", "phone": ""}, actor=cast.seller)
    assert twins.find({"name": NAME}, cast.seller) == []
    action.remove(company.again(later), actor=cast.seller)
    assert twins.find({"name": "禾澜设计院"}, cast.seller) == []


@pytest.mark.parametrize("who", ["peer", "other_manager"])
def test_of_a_strangers_customer_nothing_is_told(cast: Any, known: Customer, who: str) -> None:
    person = getattr(cast, who)
    found = twins.find({"name": NAME, "credit_code": CODE}, person)
    assert [twin.row for twin in found] == [None]
    client = signed_in(person)
    answers = [
        client.get("/customers/alike/", {"name": "恒岑钢构", "phone": "0512-55551234"}),
        client.post("/customers/new/", form(client, name="恒岑钢构（昆山）")),
    ]
    assert [answer.status_code for answer in answers] == [200, 409]
    for answer in answers:
        text = answer.content.decode()
        assert "another colleague" in text
        for secret in (NAME, cast.seller.name, f"/customers/{known.pk}/", "5555 1234"):
            assert secret not in text
    assert Customer.objects.count() == 1


def test_the_owner_and_his_manager_see_whom_it_is(cast: Any, known: Customer) -> None:
    for person in (cast.seller, cast.manager):
        text = signed_in(person).get("/customers/alike/", {"name": "恒岑钢构"}).content.decode()
        assert NAME in text
        assert cast.seller.name in text
        assert f"/customers/{known.pk}/" in text


def test_who_may_create_nothing_looks_for_nothing(cast: Any, known: Customer) -> None:
    assert signed_in(cast.outsider).get("/customers/alike/", {"name": NAME}).status_code in (403, 404)
    assert Client().get("/customers/alike/", {"name": NAME}).status_code == 302


def test_saving_asks_once_and_takes_a_reason(cast: Any, known: Customer) -> None:
    client = signed_in(cast.seller)
    typed = form(client, name="昆山恒岑钢构有限公司", industry="Steel")
    asked = client.post("/customers/new/", typed)
    assert asked.status_code == 409
    assert asked.context["form"].inputs["industry"].raw == "Steel"
    assert "CUSTOMER-TWIN" in asked.content.decode()
    assert Customer.objects.count() == 1
    done = client.post("/customers/new/", typed | {"_twin_reason": "A second plant"})
    assert done.status_code == 302
    made = Customer.objects.exclude(pk=known.pk).get()
    assert Change.objects.filter(rows__entity="customers.customer").latest("pk").note == "A second plant"
    timeline = client.get(f"/customers/{made.pk}/timeline/").content.decode()
    assert "A second plant" in timeline


def test_what_is_perhaps_the_same_only_shows(cast: Any, known: Customer) -> None:
    client = signed_in(cast.seller)
    assert client.post("/customers/new/", form(client, name="恒岑设备有限公司")).status_code == 302


def test_programs_are_refused_with_the_rule_and_may_overrule_it(cast: Any, known: Customer) -> None:
    _token, secret = issue("sync", "*:write", None, actor=cast.seller)
    client = Client(headers={"authorization": f"Bearer {secret}", "accept-language": "en"})

    def post(path: str, body: Any, **headers: str) -> Any:
        return client.post(path, json.dumps(body), content_type="application/json", headers=headers)

    body = {"name": "昆山恒岑钢构有限公司"}
    answer = post("/api/v1/customers", body)
    assert (answer.status_code, answer.json()["rule"]["code"]) == (409, "CUSTOMER-TWIN")
    told = Notice.objects.filter(kind="customer_conflict")
    mine = told.count()
    again = post("/api/v1/customers", body, **{"x-overrule": "CUSTOMER-TWIN", "idempotency-key": "k1"})
    assert again.status_code == 409
    _token, foreign = issue("sync", "*:write", None, actor=cast.other_seller)
    other = post("/api/v1/customers", body, **{"authorization": f"Bearer {foreign}", "idempotency-key": "k2"})
    assert other.status_code == 409 and NAME not in other.content.decode()
    assert mine == 0 and [each.person_id for each in told] == [cast.seller.pk]  # he alone, whom a colleague came upon
    done = post("/api/v1/customers", body, **{"x-overrule": f"CUSTOMER-TWIN; {quote('第二工厂')}"})
    assert done.status_code == 201
    assert Change.objects.filter(rows__entity="customers.customer").latest("pk").note == "第二工厂"


def test_work_nobody_watches_is_not_stopped(cast: Any, known: Customer) -> None:
    company.customer(cast.seller, NAME)
    with pytest.raises(Refusal), twins.guard.saying(twins.CODE, ""):
        company.customer(cast.seller, NAME)


def test_a_large_company_has_a_file_that_says_the_same(
    cast: Any, known: Customer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(names, "FEW", 0)
    monkeypatch.setattr(names, "_folder", lambda: tmp_path / "cache")
    company.customer(cast.seller, "上海明辉电子科技有限公司")
    assert [twin.row["pk"] for twin in twins.find({"name": "恒岑钢构"}, cast.seller)] == [known.pk]  # no file yet
    names.write(names.build())
    assert names.current().grams.size == 2
    assert [twin.row["pk"] for twin in twins.find({"name": "恒岑钢购（昆山）"}, cast.seller)] == [known.pk]
    later = company.customer(cast.seller, "苏州禾澜设计院")
    assert [twin.row["pk"] for twin in twins.find({"name": "禾澜设计院"}, cast.seller)] == [later.pk]
    names.write(names.build())
    memo.forget()
    assert names.current().grams.size == 3
    assert len(list((tmp_path / "cache").iterdir())) == 2
