"""A new version's lines reach the built-in roles; what somebody has changed stays his."""

from __future__ import annotations

import pytest

from xiaoguan.apps.org import delivery
from xiaoguan.apps.org.actions import set_grants
from xiaoguan.apps.org.models import Role
from xiaoguan.apps.org.seeds import ROLES
from xiaoguan.kit.models import Change

from tests.cast import Cast


@pytest.mark.parametrize(
    ("own", "before", "fresh", "expected"),
    [
        ({}, {}, {"a": {"*": "self"}}, {"a": {"*": "self"}}),  # new in this version
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),  # as delivered: follows
        ({"a": 9}, {"a": 1}, {"a": 2}, {"a": 9}),  # changed: stays
        ({}, {"a": 1}, {"a": 2}, {}),  # taken away by somebody: stays away
        ({"a": 1, "b": 5}, {"a": 1}, {}, {"b": 5}),  # not delivered any more
    ],
)
def test_a_line_follows_unless_it_was_changed(own: dict, before: dict, fresh: dict, expected: dict) -> None:  # type: ignore[type-arg]
    """One line at a time."""
    assert delivery.follow(own, before, fresh) == expected


def test_roles_of_before_are_brought_up(cast: Cast) -> None:
    """Without a memory of what was delivered the history tells it; a second run has nothing to do."""
    assert delivery.deliver() == {}
    old = {name: verbs for name, verbs in ROLES["salesperson"]["grants"].items() if name != "goals.target"}
    Role.objects.filter(code__in=["salesperson", "manager"]).update(grants=old, delivered=None)
    manager = Role.objects.get(code="manager")
    set_grants(manager, actor=cast.administrator, grants={**old, "customers.*": {"*": "none"}}, masks={})
    told = delivery.deliver()
    assert told["salesperson"] == ["goals.target"]
    assert Role.objects.get(code="salesperson").grants == ROLES["salesperson"]["grants"]
    manager = Role.objects.get(code="manager")
    assert manager.grants["customers.*"] == {"*": "none"}
    assert manager.grants["goals.target"] == ROLES["manager"]["grants"]["goals.target"]
    assert delivery.deliver() == {}
    assert Change.objects.filter(source="upgrade", action="deliver").count() == 1


def test_a_company_in_which_nobody_may_change_roles_is_brought_up_too(cast: Cast) -> None:
    """What is added to the administrator's role takes the key from nobody."""
    grants = {name: verbs for name, verbs in ROLES["administrator"]["grants"].items() if name != "metrics.*"}
    Role.objects.filter(code="administrator").update(grants=grants, delivered=None)
    Role.objects.get(code="administrator").people.clear()
    assert "administrator" in delivery.deliver()
