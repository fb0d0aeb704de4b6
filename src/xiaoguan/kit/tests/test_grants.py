"""Roles add up: the widest scope wins, a field stays hidden only if every role hides it."""

from __future__ import annotations

from hypothesis import given, strategies as st

from xiaoguan.kit.access import SCOPES, Grants

NAMES = st.sampled_from(["*", "customers.*", "customers.customer", "opportunities.deal"])
VERBS = st.sampled_from(["*", "view", "change", "delete"])
ROLE = st.dictionaries(NAMES, st.dictionaries(VERBS, st.sampled_from(SCOPES), max_size=3), max_size=3)


def test_the_nearest_rule_wins() -> None:
    """Entity and verb before entity, entity before the rule for all."""
    grants = Grants.of_roles([({"*": {"*": "team", "delete": "none"}, "opportunities.deal": {"view": "all"}}, {})])
    assert grants.scope("opportunities.deal", "view") == "all"
    assert grants.scope("opportunities.deal", "change") == "team"
    assert grants.scope("opportunities.deal", "delete") == "none"
    assert grants.scope("customers.customer", "view") == "team"


def test_an_app_stands_between_its_entities_and_all() -> None:
    """`customers.*` beats `*` and loses to the entity."""
    grants = Grants.of_roles(
        [({"*": {"view": "all"}, "customers.*": {"*": "self"}, "customers.contact": {"view": "none"}}, {})]
    )
    assert grants.scope("customers.customer", "view") == "self"
    assert grants.scope("customers.contact", "view") == "none"
    assert grants.scope("opportunities.deal", "view") == "all"


def test_nobody_without_a_role_may_anything() -> None:
    """No role, no scope."""
    assert Grants.of_roles([]).scope("customers.customer", "view") == "none"


@given(st.lists(ROLE, min_size=1, max_size=4))
def test_roles_add_up(roles: list[dict[str, dict[str, str]]]) -> None:
    """Merged grants equal the best single grant for every entity and verb."""
    merged = Grants.of_roles([(role, {}) for role in roles])
    for name in ("customers.customer", "opportunities.deal", "org.person"):
        for verb in ("view", "change", "delete", "import"):
            best = max((Grants.of_roles([(role, {})]).scope(name, verb) for role in roles), key=SCOPES.index)
            assert merged.scope(name, verb) == best


def test_a_mask_holds_only_if_every_seeing_role_masks() -> None:
    """HR without phones plus a seller with phones sees phones; HR alone doesn't, nor with a role that sees nothing."""
    name = "customers.contact"
    hr = ({name: {"view": "all"}}, {name: ["phone"]})
    seller = ({name: {"view": "self"}}, {})
    stranger = ({"org.person": {"view": "all"}}, {})
    assert Grants.of_roles([hr]).masked(name) == {"phone"}
    assert not Grants.of_roles([hr, seller]).masked(name)
    assert Grants.of_roles([hr, stranger]).masked(name) == {"phone"}
