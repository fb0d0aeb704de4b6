"""What came with the demonstration company, what people made since, and what hangs on what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import models

from xiaoguan.apps.operation import uprooting
from xiaoguan.apps.org.models import Person, Team, UsedPassword
from xiaoguan.apps.org.models.team import TeamKind
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.org.seeds import WORDS
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.models import Change, ChangeRow

ENTERED = frozenset({"org.exchangerate"})
"""Records of the organisation that a company enters like any other: documents keep the rate they were counted at."""
SOURCE = "demo"
"""What the change entries of the demonstration say of where they come from."""
EXAMPLES = 5


def is_demonstration() -> bool:
    """Whether this installation shows the demonstration company."""
    return bool(company().demo)


def came_along(model: type[models.Model]) -> Any:
    """The provenance of what the demonstration brought: one row per record it created."""
    brought = Change.objects.filter(source=SOURCE).values("pk")
    return ChangeRow.objects.filter(entity=model._meta.label_lower, before__isnull=True, change__in=brought)


def brought(model: type[models.Model], limit: int) -> list[int]:
    """Numbers of at most so many records that came with the demonstration and are still there."""
    rows = came_along(model).filter(object_id__in=model._base_manager.values("pk"))
    return list(rows.order_by("object_id").values_list("object_id", flat=True)[:limit])


def brought_people(heir: Person | None) -> set[int]:
    """The people of the demonstration but the one who stays."""
    found = set(came_along(Person).values_list("object_id", flat=True))
    return found - {heir.pk if heir else 0}


def root_team() -> Team | None:
    """The team at the top, which stays and takes the company's new name."""
    tops = Team.objects.filter(parent__isnull=True, deleted_at__isnull=True)
    return tops.filter(kind=TeamKind.COMPANY).order_by("pk").first() or tops.order_by("pk").first()


@cache
def orders() -> tuple[type[models.Model], ...]:
    """The kinds of records a company fills, what others hang on first, words last; without people and teams."""
    waiting = [
        each.model
        for each in entities.values()
        if each.name in ENTERED or each.name.partition(".")[0] not in ("org", "kit", "api")
    ]
    waiting.sort(key=lambda model: (model._meta.label_lower in WORDS, model._meta.label_lower))
    ordered: list[type[models.Model]] = []
    while waiting:
        free = [model for model in waiting if not _leans_on(model) & set(waiting) - {model}] or waiting[:1]
        ordered += free[:1]
        waiting.remove(free[0])
    return tuple(ordered)


def _leans_on(model: type[models.Model]) -> set[type[models.Model]]:
    """What rows of a model hang on; the words of the sales process carry nothing."""
    return {
        link.target
        for link in uprooting.links()
        if link.model is model and not link.passes and not link.empties and not is_word(link.target)
    }


def is_word(model: type[models.Model]) -> bool:
    """Whether a model holds words of the sales process: products, stages, kinds. They stay where somebody uses them."""
    return model._meta.label_lower in WORDS


def unused(model: type[models.Model], ids: set[int]) -> set[int]:
    """Those of some words that no row uses."""
    left = set(ids)
    for link in uprooting.links():
        if link.target is model and link.model is not model and left:
            left -= set(
                link.model._base_manager.filter(**{f"{link.name}__in": left}).values_list(link.column, flat=True)
            )
    return left


# What the page tells ------------------------------------------------------------------------------------------------


@dataclass
class Balance:
    """Of one kind of record: how many came with the demonstration, which of the others go along, and which stay."""

    entity: Entity
    brought: int = 0
    along: set[int] = field(default_factory=set)
    stay: int = 0
    examples: list[tuple[Any, str]] = field(default_factory=list)
    """Some of those that go along, with their addresses."""


def balance(heir: Person | None) -> list[Balance]:
    """What would happen to every kind of record, the kinds that nothing would happen to left out."""
    along: dict[type[models.Model], set[int]] = {}
    found = []
    for model in (Team, Person, *orders()):
        came = came_along(model)
        own = model._base_manager.exclude(pk__in=came.values("object_id"))
        each = Balance(Entity.of(model), came.filter(object_id__in=model._base_manager.values("pk")).count())
        if model is Person:
            each.brought -= heir is not None and came.filter(object_id=heir.pk).exists()
            own = own.filter(system=False)
        if model is Team and each.brought:
            each.brought -= 1  # the one at the top stays
        for condition in _hangs_on(model, along):
            each.along.update(own.filter(condition).values_list("pk", flat=True))
        along[model] = each.along
        staying = own.filter(deleted_at__isnull=True).exclude(pk__in=each.along)
        each.stay = 0 if is_word(model) else staying.count()  # every installation begins with such words
        shown = own.filter(pk__in=each.along, deleted_at__isnull=True).order_by("-pk")[:EXAMPLES]
        each.examples = [(row, each.entity.url("detail", row)) for row in shown]
        if each.brought or each.along or each.stay:
            found.append(each)
    return found


def _hangs_on(model: type[models.Model], along: dict[type[models.Model], set[int]]) -> Iterator[models.Q]:
    """The conditions under which a row of people's own goes along."""
    for link in uprooting.links():
        if link.model is not model or link.passes or link.empties or is_word(link.target):
            continue
        if link.target in along:
            came = came_along(link.target).values("object_id")
            yield models.Q(**{f"{link.name}__in": came}) | models.Q(**{f"{link.name}__in": along[link.target]})


def shows_its_password(person: Person) -> bool:
    """Whether somebody still signs in with the password that the demonstration shows to everybody."""
    came = came_along(Person).filter(object_id=person.pk).exists()
    return came and not UsedPassword.objects.filter(person=person).exists()
