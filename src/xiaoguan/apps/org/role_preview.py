"""What a changed role would mean before it is saved: for whom, and how many records more or fewer.

The counts are the product's own: the same `visible` with the grants as they would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from xiaoguan.apps.org import role_grid
from xiaoguan.apps.org.models import Person, Role
from xiaoguan.apps.org.policy import OrgPolicy
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity, entities

COUNTS = 400
"""How many counts one preview makes at most; beyond it says so."""
UNCOUNTED = frozenset({"create", "import"})
"""Verbs that are about no record that is there."""


@dataclass(frozen=True)
class Count:
    """What one person may do with records of one kind, now and then; None where it was not counted."""

    label: str
    before: int | None
    after: int | None

    @property
    def more(self) -> int:
        """How many records more."""
        return (self.after or 0) - (self.before or 0)


@dataclass
class Effect:
    """One changed cell: who gains and who loses, with how many records at most."""

    label: str
    gain: int = 0
    lose: int = 0
    most: int = 0
    fewest: int = 0


@dataclass
class Preview:
    """The changed cells with their effects, and the people they touch."""

    changes: list[role_grid.Changed]
    people: dict[Person, list[Count]] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    holders: int = 0
    complete: bool = True

    @property
    def gaining(self) -> int:
        """How many people get more records."""
        return sum(any(each.more > 0 for each in counts) for counts in self.people.values())

    @property
    def losing(self) -> int:
        """How many people get fewer records."""
        return sum(any(each.more < 0 for each in counts) for counts in self.people.values())


Rules = Mapping[str, Mapping[str, str]]
Masks = Mapping[str, Iterable[str]]


def preview(role: Role, grants: Rules, masks: Masks) -> Preview:
    """What saving these grants and masks would change for the holders of the role."""
    found = Preview(role_grid.differences(role_grid.rows(role), role_grid.rows(role, grants, masks)))
    holders = list(role.people.filter(is_active=True, deleted_at__isnull=True).order_by("name"))
    found.holders = len(holders)
    effects: dict[str, Effect] = {}
    spent = 0
    for person in holders:
        before, after = _both(person, role, grants, masks)
        for entity, verb in _changed(before, after):
            label = f"{entity.plural}: {role_grid.verb_word(entity, verb)}"
            effect = effects.setdefault(label, Effect(label))
            wider = access.SCOPES.index(after.scope(entity.name, verb)) > access.SCOPES.index(
                before.scope(entity.name, verb)
            )
            effect.gain, effect.lose = effect.gain + wider, effect.lose + (not wider)
            if verb in UNCOUNTED or spent >= COUNTS:
                found.complete = found.complete and verb in UNCOUNTED
                continue
            spent += 2
            count = Count(label, *(_count(person, entity, verb, each) for each in (before, after)))
            found.people.setdefault(person, []).append(count)
            effect.most, effect.fewest = max(effect.most, count.more), min(effect.fewest, count.more)
    found.effects = list(effects.values())
    return found


def seen_by(person: Person, role: Role, grants: Rules, masks: Masks) -> list[Count]:
    """How many records of each kind somebody sees now, and would see."""
    before, after = _both(person, role, grants, masks)
    return [
        Count(entity.plural, *(_count(person, entity, "view", each) for each in (before, after)))
        for entity in role_grid.shown()
    ]


def _both(person: Person, role: Role, grants: Rules, masks: Masks) -> tuple[access.Grants, access.Grants]:
    """Somebody's grants as they are, and with the role saying something else."""
    policy = OrgPolicy()
    return policy.grants(person), policy.grants(person, {role.pk: (grants, masks)})


def _changed(before: access.Grants, after: access.Grants) -> Iterable[tuple[Entity, str]]:
    for entity in entities.values():
        for verb in [*access.VERBS, *role_grid.verbs_of(entity)]:
            if before.scope(entity.name, verb) != after.scope(entity.name, verb):
                yield entity, verb


def _count(person: Person, entity: Entity, verb: str, grants: access.Grants) -> int:
    """How many records somebody with these grants may `verb`."""
    return access.visible(entity.model, access.with_grants(person, grants), verb).count()
