"""How good the records are: the database and the record's page say the same, every count leads to its records."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.customers import completeness
from xiaoguan.apps.customers.models import Contact, Customer, CustomerKind
from xiaoguan.apps.insight import quality
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit.action import create

from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_completeness_by_person_is_that_of_the_records(
    cast: Cast, client: Client, django_assert_max_num_queries: Any
) -> None:
    """Weights are declared once; a seller sees his own, a manager his people's; the list opens what is counted."""
    kind = CustomerKind.objects.order_by("pk").first()
    full = {"kind": kind, "tier": "A", "province": "江苏省", "city": "苏州市", "address": "1", "industry": "steel",
            "source": "tender", "annual_purchase": 0, "bank_account": "1", "credit_code": "1"}  # fmt: skip
    rows = [
        create(Customer, {"name": "Voll-5520", "owner": cast.seller, **full}, actor=cast.seller),
        create(Customer, {"name": "Bare", "owner": cast.seller}, actor=cast.seller),
        create(Customer, {"name": "Half", "owner": cast.peer, "tier": "B"}, actor=cast.peer),
    ]
    create(Contact, {"customer": rows[0], "name": "Li", "mobile": "13800000000", "role": "decides"}, actor=cast.seller)
    create(Contact, {"customer": rows[2], "name": "Wu", "attitude": "supports"}, actor=cast.peer)
    open_ = Stage.objects.get(code="contracting")
    create(Deal, {"customer": rows[1], "name": "no step", "stage": open_, "owner": cast.seller}, actor=cast.seller)
    for row in Customer.objects.annotate(complete=completeness.score()):
        gaps = completeness.missing(row, completeness.people_of(row))
        assert row.complete == 100 - sum(item.weight for item in gaps), row.name
    found = quality.of_owners(cast.again("manager"))
    mine = found[cast.seller.pk]
    assert (mine.customers, mine.incomplete, mine.stepless) == (2, 1, 1) and found[cast.peer.pk].customers == 1
    assert set(quality.of_owners(cast.again("peer"))) == {cast.peer.pk}
    assert client.login(username="manager", password=PASSWORD)
    client.get("/quality/")
    with django_assert_max_num_queries(28):
        page = client.get("/quality/")
    assert page.context["work"][0].name == "Bare" and "#id_kind" in page.context["work"][0].taps[-1].url
    assert [line.name for line in page.context["forgotten"]] == ["Voll-5520", "Half"]
    listed = client.get(quality.links([cast.seller.pk])["incomplete"])
    assert "Bare" in listed.content.decode() and "Voll-5520" not in listed.content.decode()
