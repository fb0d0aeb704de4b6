"""The explanation and the rule never disagree: for every entity, everybody of the cast, every verb, and every field."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest

from xiaoguan.apps.org import explaining, paths, role_grid
from xiaoguan.apps.org.actions import set_deputy
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, clock, undo
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.models.collaborator import Level

from tests.cast import Cast
from tests.samples import DERIVED, owned_by, samples

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ALL = [pytest.param(entity, id=entity.name) for entity in entities.values()]
SHARED = [entity for entity in entities.values() if entity.scope == "owner" and not entity.fixed]
OWNED = [pytest.param(entity, id=entity.name) for entity in SHARED]
REACHED = [
    pytest.param(entity, id=entity.name)
    for entity in {(each.scope, access.owning(each)[1].scope, each.fixed): each for each in entities.values()}.values()
]
"""One entity for each way in which records are reached: who stands in for whom is the same rule for all of them."""
DAY = dt.timedelta(days=1)


def records(entity: Entity, cast: Cast) -> list[Any]:
    """Records of people of two teams, and where the entity has owners one without."""
    made = samples(cast)
    found = [owned_by(cast.seller, entity, made)]
    if entity.name in DERIVED:
        return found
    if entity.scope != "all":
        found.append(owned_by(cast.other_seller if entity.name == "org.deputy" else cast.manager, entity, made))
        found.append(owned_by(cast.other_peer, entity, made))
    if entity.scope == "owner":
        pooled = found[1]
        entity.model._default_manager.filter(pk=pooled.pk).update(owner=None, unit=cast.tigers)
        entity.model._default_manager.filter(pk=found[2].pk).update(unit=cast.wolves)
    return [entity.model._default_manager.get(pk=row.pk) for row in found]


def disagreements(entity: Entity, people: dict[str, Person], rows: list[Any]) -> list[str]:
    """Where explain, may and visible don't say the same."""
    wrong = []
    verbs = [name for name, _label in explaining.reaching_verbs(entity)]
    for part, person in people.items():
        for verb in verbs:
            seen = set(access.visible(entity.model, person, verb).values_list("pk", flat=True))
            if access.may(person, verb, entity.model) != explaining.explain(person, verb, entity.model).allowed:
                wrong.append(f"{part} {verb} any")
            for row in rows:
                said = (explaining.explain(person, verb, row).allowed, access.may(person, verb, row), row.pk in seen)
                root = access.owning(entity)[1]
                if root.scope == "all" and verb != "view" and said[0] == said[1]:
                    continue  # reference data: `visible` is asked for reading only
                if len(set(said)) > 1:
                    wrong.append(f"{part} {verb} {row.pk}: explained {said[0]}, may {said[1]}, visible {said[2]}")
    return wrong


@pytest.fixture(autouse=True)
def roles_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here gives or takes a role after its people were loaded anew: reading them each time is half the work."""
    monkeypatch.setattr(explaining, "held_roles", cache(explaining.held_roles))


@pytest.fixture
def ways_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two people the ways are the same for every verb and record, while nobody changes teams or stand-ins."""
    for name in ("to_person", "to_unit"):
        monkeypatch.setattr(paths, name, cache(getattr(paths, name)))


def fresh(cast: Cast) -> dict[str, Person]:
    """Everybody as a new request loads him."""
    return {part: cast.again(part) for part in cast.people}


def some(cast: Cast) -> dict[str, Person]:
    """The owner, those a record may be shared with, and one who has nothing to do with it."""
    return {part: cast.again(part) for part in ("seller", "peer", "other_seller", "other_manager", "outsider")}


@pytest.mark.parametrize("entity", ALL)
def test_what_is_explained_is_what_holds(entity: Entity, cast: Cast, ways_are_found_once: None) -> None:
    """For records and for fields; every answer has reasons, and a no has a way out."""
    rows = records(entity, cast)
    people = fresh(cast)
    assert not disagreements(entity, people, rows)
    for part, person in people.items():
        found = explaining.explain(person, "view", rows[0])
        assert found.answer and found.steps, part
        if not found.allowed:
            assert found.ways and all(way.url for way in found.ways), part
            continue
        hidden = access.masked(person, entity.model)
        for name in role_grid.fields_of(entity):
            said = explaining.explain(person, "view", rows[0], name=name).allowed
            assert said == (name not in hidden), (part, name)


@pytest.mark.parametrize("entity", REACHED)
def test_it_agrees_when_people_stand_in(entity: Entity, cast: Cast) -> None:
    rows = records(entity, cast)
    today = clock.today()
    set_deputy(cast.manager, actor=cast.manager, deputy=cast.other_seller, start=today, end=today + DAY)
    set_deputy(cast.seller, actor=cast.seller, deputy=cast.outsider, start=today - DAY, end=today)
    set_deputy(cast.other_peer, actor=cast.other_peer, deputy=cast.peer, start=today + DAY, end=today + DAY)
    people = fresh(cast)
    assert not disagreements(entity, {part: people[part] for part in ("other_seller", "outsider", "peer")}, rows)


@pytest.mark.parametrize("entity", OWNED)
def test_it_agrees_when_records_are_shared(entity: Entity, cast: Cast) -> None:
    row = records(entity, cast)[0]
    share = entity.actions["share"]
    today = clock.today()
    could = [part for part in ("peer", "other_seller", "other_manager") if _reaches(cast, part, entity, "view")]
    for part, level in zip(could, (Level.READ, Level.EDIT, Level.READ), strict=False):
        if level == Level.EDIT and not _reaches(cast, part, entity, "change"):
            continue
        share(row, actor=cast.system, person=getattr(cast, part), level=level, until=today)
    people = some(cast)
    assert not disagreements(entity, people, [entity.model._default_manager.get(pk=row.pk)])
    if could:
        assert access.may(people[could[0]], "view", row)
        assert not access.may(people[could[0]], "delete", row)
    with clock.at(clock.now() + 2 * DAY):
        people = some(cast)
        assert not disagreements(entity, people, [row])
        if could:
            assert not access.may(people[could[0]], "view", row)


def _reaches(cast: Cast, part: str, entity: Entity, verb: str) -> bool:
    return access.grants(cast.again(part)).scope(entity.name, verb) not in ("none", "all")


@pytest.mark.parametrize("entity", OWNED)
def test_sharing_is_one_change_and_undone(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    row = owned_by(cast.seller, entity, made)
    if not _reaches(cast, "peer", entity, "view"):
        pytest.skip("no seller sees these")
    done = entity.actions["share"](row, actor=cast.system, person=cast.peer, level=Level.READ)
    assert done.change is not None and access.visible(entity.model, cast.again("peer")).filter(pk=row.pk).exists()
    undo.undo(done.change, actor=cast.administrator)
    assert not access.visible(entity.model, cast.again("peer")).filter(pk=row.pk).exists()
