"""Who reaches whom in the company that all tests use."""

from __future__ import annotations

import pytest

from xiaoguan.apps.org.models import Person, UnitReach
from xiaoguan.kit import access

from tests.cast import Cast

REACHED = {
    "director": {"director", "manager", "other_manager", "seller", "peer", "other_seller", "other_peer"},
    "manager": {"manager", "seller", "peer"},
    "other_manager": {"other_manager", "other_seller", "other_peer"},
    "seller": {"seller"},
    "hr": {"hr"},
    "outsider": {"outsider"},
}


@pytest.mark.parametrize("part", REACHED)
def test_reach(cast: Cast, part: str) -> None:
    """Leaders reach everybody below, everybody reaches himself, peers don't reach each other."""
    names = {person.pk: name for name, person in cast.people.items()}
    assert {names[key] for key in cast.people[part].reach_ids()} == REACHED[part]


def test_teams_in_reach(cast: Cast) -> None:
    """Leaders lead the subtree; a member only sees his team."""
    rows = UnitReach.objects.filter(viewer__in=[cast.director, cast.seller]).values_list("viewer", "unit", "leads")
    assert set(rows) == {
        (cast.director.pk, cast.sales.pk, True),
        (cast.director.pk, cast.tigers.pk, True),
        (cast.director.pk, cast.wolves.pk, True),
        (cast.seller.pk, cast.tigers.pk, False),
    }


def test_home_units(cast: Cast) -> None:
    """Everybody's main team is stored on the person."""
    assert dict(Person.objects.values_list("username", "unit__name"))["seller"] == "Tigers"
    assert Person.objects.get(username="outsider").unit is None
    assert access.policy().home_unit(cast.seller.pk) == cast.tigers.pk


def test_the_system_is_on_no_list(cast: Cast) -> None:
    """Jobs act as somebody who may everything and whom nobody sees."""
    assert access.may(cast.system, "delete", Person)
    assert not access.visible(Person, cast.administrator).filter(pk=cast.system.pk).exists()


def test_an_outsider_sees_nobody(cast: Cast) -> None:
    """Without a role there are no rows at all, only one's own preferences."""
    assert not access.visible(Person, cast.outsider).exists()
    assert access.may(cast.outsider, "profile", cast.outsider)
    assert not access.may(cast.outsider, "profile", cast.seller)
