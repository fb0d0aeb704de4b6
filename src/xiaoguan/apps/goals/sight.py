"""Whose targets somebody may see, where pages compare a figure with one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.org.queries import led_teams
from xiaoguan.apps.territories.queries import looking_after
from xiaoguan.kit import access


def seen(actor: Any, subjects: Collection[Subject]) -> set[Subject]:
    """Those of some subjects whose targets the actor may see.

    Whoever sees all targets sees them all. Others see their own and those of people in reach, of teams they lead, of
    territories and customers that somebody in reach looks after; those of products are the company's.
    """
    wanted = set(subjects)
    scope = access.grants(actor).scope(Target.entity.name, "view")
    if scope in ("all", "none") or not wanted:
        return wanted if scope == "all" else set()
    reach = {actor.pk} if scope == "self" else set(actor.reach_ids())
    ids = {level: {each.pk for each in wanted if each.level == level} for level in Level.values}
    teams, customers = ids[Level.TEAM], ids[Level.CUSTOMER]
    held = looking_after() if ids[Level.TERRITORY] else {}
    known: dict[str, Collection[Any]] = {
        Level.PERSON: reach,
        Level.TEAM: set(led_teams(actor).filter(pk__in=teams).values_list("pk", flat=True))
        if teams and scope == "team"
        else (),
        Level.TERRITORY: {pk for pk, people in held.items() if any(each.person_id in reach for each in people)},
        Level.CUSTOMER: _customers(actor, customers, reach) if customers else (),
    }
    return {each for each in wanted if each.pk in known.get(each.level, ())}


def _customers(actor: Any, ids: Collection[Any], reach: Collection[int]) -> set[int]:
    rows = access.visible(Customer, actor).filter(pk__in=ids).order_by()
    return {pk for pk, owner in rows.values_list("pk", "owner") if owner in reach}
