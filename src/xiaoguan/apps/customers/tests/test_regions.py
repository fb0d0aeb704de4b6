"""Where customers are: read from any spelling, asked for with all that lies inside."""

from __future__ import annotations

import pytest

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.customers.tests import company
from xiaoguan.kit import action, filters
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.kinds import Unparsable

pytestmark = pytest.mark.django_db


def _found(raw: str, actor) -> set[str]:
    condition = filters.where(Entity.of(Customer).column("region"), raw, actor)
    return set(Customer.objects.filter(condition).values_list("name", flat=True))


def test_a_customer_knows_its_region_however_it_was_written(cast):
    row = company.customer(cast.seller, city="昆山")
    assert row.region == "320583"
    action.update(row, {"province": "江苏", "city": "苏州工业园区"}, actor=cast.seller)
    assert company.again(row).region == "320571"
    action.update(company.again(row), {"province": "", "city": "Munich"}, actor=cast.seller)
    assert company.again(row).region == ""


def test_a_region_holds_all_that_lies_in_it(cast):
    for name, city in (
        ("Kunshan", "昆山"),
        ("Suzhou", "苏州"),
        ("Nanjing", "南京"),
        ("Hangzhou", "杭州"),
        ("Mars", ""),
    ):
        company.customer(cast.seller, name, city=city)
    assert _found("苏州", cast.seller) == _found("3205", cast.seller) == {"Kunshan", "Suzhou"}
    assert _found("江苏", cast.seller) == {"Kunshan", "Suzhou", "Nanjing"}
    assert _found("杭州,昆山", cast.seller) == {"Hangzhou", "Kunshan"}
    assert _found("!江苏", cast.seller) == {"Hangzhou", "Mars"}
    assert _found("none", cast.seller) == {"Mars"}
    for nonsense in ("鼓楼区", "Munich", "999999", "江苏月球"):
        with pytest.raises(Unparsable):
            _found(nonsense, cast.seller)


def test_a_chip_names_the_place(cast):
    column = Entity.of(Customer).column("region")
    assert "苏州市" in filters.value_words(column, "3205", cast.seller)
    assert filters.value_words(column, "!苏州", cast.seller) == filters.value_words(column, "!320500", cast.seller)
