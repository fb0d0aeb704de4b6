"""Whose rows may somebody see, and what may they do with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any, Protocol

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from xiaoguan.kit import clock, feed, memo
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.extra import PREFIX
from xiaoguan.kit.models.collaborator import Collaborator, Level
from xiaoguan.kit.record import Record

SCOPES = ("none", "self", "team", "all")
FEW = 300
"""Up to how many ids a scope is written out."""
VERBS = ("view", "create", "change", "delete", "import", "export")


Rules = Mapping[str, Mapping[str, str]]


SHARED: Mapping[str, str] = {"view": "read", "comment": "read", "change": "edit", "log": "edit"}
"""What a collaborator may do with a shared record, and the level it takes; he may make parts of it as well."""


def rule(rules: Rules, name: str, verb: str) -> tuple[str, str, str] | None:
    """The nearest rule of one role: the record type and the verb it is written for, and its scope."""
    for entity in (name, f"{name.partition('.')[0]}.*", "*"):
        for what in (verb, "*"):
            if found := rules.get(entity, {}).get(what):
                return entity, what, found
    return None


def _scope(rules: Rules, name: str, verb: str) -> str:
    """The scope of the nearest rule of one role."""
    found = rule(rules, name, verb)
    return found[2] if found else "none"


class Shares:
    """The records shared with somebody, read once when first asked: few are held by id, more stay a subquery."""

    def __init__(self, people: Q | None = None) -> None:
        self._people = people

    @cached_property
    def _levels(self) -> dict[str, dict[int, str]] | None:
        """Entity → record → level; None when they are too many to write out."""
        if self._people is None:
            return {}
        rows = list(self._living().values_list("about", "object_id", "level")[: FEW + 1])
        found: dict[str, dict[int, str]] = {}
        for entity, pk, level in rows:
            known = found.setdefault(entity, {})
            known[pk] = max(known.get(pk, level), level, key=Level.values.index)
        return None if len(rows) > FEW else found

    def _living(self) -> QuerySet[Any]:
        lasting = Q(until__isnull=True) | Q(until__gte=clock.today())
        return Collaborator.objects.filter(self._people, lasting, deleted_at__isnull=True)

    def ids(self, entity: str, level: str) -> QuerySet[Any] | list[int]:
        """Ids of the records of an entity shared at this level or a higher one."""
        wanted = Level.values.index(level)
        if self._levels is None:
            return self._living().filter(about=entity, level__in=Level.values[wanted:]).values("object_id")
        held = self._levels.get(entity, {})
        return [pk for pk, given in held.items() if Level.values.index(given) >= wanted]

    def has(self, entity: str, pk: int, level: str) -> bool:
        """Whether one record is shared at this level or a higher one."""
        found = self.ids(entity, level)
        return pk in found if isinstance(found, list) else found.filter(object_id=pk).exists()


class Grants:
    """What the roles of one person allow: entity → verb → scope, and the fields hidden from them.

    `*` stands for every entity or every verb, `customers.*` for every entity of an app. Within a
    role the nearest rule wins: the entity before its app before all, and there the verb before
    `*`. Roles add up: the widest scope counts, and a field is hidden only if every role that
    shows the record hides it.
    """

    def __init__(self, roles: Iterable[tuple[Rules, Mapping[str, Iterable[str]]]] = ()) -> None:
        self._roles = list(roles)
        self._scopes: dict[tuple[str, str], str] = {}
        self._masks: dict[str, frozenset[str]] = {}
        self.shares = Shares()
        """What was shared with the actor and with those he stands in for."""
        self.stands_in = False
        """Whether he stands in for somebody today."""
        self.readable: dict[tuple[str, str], bool] = {}
        """Answers of `readable` by entity and path: a page asks for the same columns many times."""

    @classmethod
    def of_roles(cls, roles: Iterable[tuple[Rules, Mapping[str, Iterable[str]]]]) -> Grants:
        """The grants of (rules, masks) of several roles together."""
        return cls(roles)

    def scope(self, name: str, verb: str) -> str:
        """The scope of a verb on an entity: none, self, team or all."""
        found = self._scopes.get((name, verb))
        if found is None:
            each = (_scope(rules, name, verb) for rules, _masks in self._roles)
            found = self._scopes[name, verb] = max(each, key=SCOPES.index, default="none")
        return found

    def masked(self, name: str) -> frozenset[str]:
        """Names of the fields of an entity that nobody with just these roles may see."""
        found = self._masks.get(name)
        if found is None:
            seeing = [masks for rules, masks in self._roles if _scope(rules, name, "view") != "none"]
            hidden = [frozenset(masks.get(name, ())) for masks in seeing]
            found = self._masks[name] = frozenset.intersection(*hidden) if hidden else frozenset()
        return found


class Policy(Protocol):
    """What the app that knows people and teams answers; registered once with `use`."""

    def grants(self, actor: Any) -> Grants:
        """The merged grants of the actor's roles."""

    def stood_in(self, actor: Any) -> QuerySet[Any]:
        """Ids of those the actor stands in for today, as a subquery."""

    def acting_for(self, actor: Any, person_id: int | None, unit_id: int | None) -> int | None:
        """Through whom alone a stand-in reaches a person or, without one, a unit; None where he reaches by himself."""

    def people(self, actor: Any) -> QuerySet[Any]:
        """Ids of the people in reach as a subquery, the actor included."""

    def units(self, actor: Any, *, leading: bool) -> QuerySet[Any]:
        """Ids of the units in reach as a subquery: those the actor leads, or also those he belongs to."""

    def above(self, actor: Any) -> QuerySet[Any]:
        """Ids of the people who reach this person, himself included, as a subquery."""

    def reaches(self, actor: Any, person_id: int | None, unit_id: int | None, *, leading: bool) -> bool:
        """Whether one person or, for rows without an owner, one unit is in reach."""

    def home_unit(self, person_id: int) -> int | None:
        """The unit a new row of this person belongs to."""

    def home_units(self, people: Iterable[int]) -> dict[int, int | None]:
        """The same for many people at once."""


_policy: list[Policy] = []


def use(policy: Policy) -> None:
    """Register the policy; the last one stands."""
    _policy[:] = [policy]


def policy() -> Policy:
    """The registered policy."""
    return _policy[0]


def grants(actor: Any) -> Grants:
    """The actor's grants, read once per request and kept on the actor."""
    found = getattr(actor, "_kit_grants", None)
    if found is None:
        found = actor._kit_grants = _grants(actor)
    return found


def _grants(actor: Any) -> Grants:
    """The actor's grants from memory, while a page is made, until somebody changes people, teams or roles.

    The minute bounds what was changed past all actions, by hand in the database.
    """
    if not feed.is_asked_once():
        return _load(actor)
    models_ = [*apps.get_app_config(actor._meta.app_label).get_models(), Collaborator]
    tokens = feed.versions(*[model._meta.label_lower for model in models_])
    key = ("grants", actor.pk, clock.today())
    return memo.remember(key, (int(time.monotonic() // 60), *tokens.values()), lambda: _load(actor))


def _load(actor: Any) -> Grants:
    """The grants from the database, with what was shared."""
    found = policy().grants(actor)
    found.shares = _shares(actor)
    return found


def with_grants(actor: Any, found: Grants) -> Any:
    """A copy of an actor who has other grants, to look at what they would mean; never for writing."""
    made = copy(actor)
    found.shares = _shares(actor)
    made._kit_grants = found
    return made


def _shares(actor: Any) -> Shares:
    return Shares(Q(person=actor.pk) | Q(person__in=policy().stood_in(actor)))


def forget(actor: Any) -> None:
    """Drop what is kept on the actor after roles or teams changed."""
    actor.__dict__.pop("_kit_grants", None)


Opened = Callable[[Any, str], "Q | None"]
_opened: dict[str, tuple[Opened, Any]] = {}


def opens(model: type[models.Model], why: Any) -> Callable[[Opened], Opened]:
    """Open further rows of a model to whoever has any scope on it: `func(actor, verb)` answers a condition or None.

    For what lies ready for several teams at once (a public pool), where neither owner nor team can say it; `why`
    says so in one sentence to whoever asks why he sees a row.
    """

    def add(func: Opened) -> Opened:
        _opened[model._meta.label_lower] = (func, why)
        return func

    return add


def _opened_q(entity: Entity, actor: Any, verb: str) -> Q:
    """The condition of rows opened beside the reach; an empty one where there are none."""
    found = _opened.get(entity.name)
    return (found[0](actor, verb) if found else None) or Q()


def lies_open(actor: Any, verb: str, row: Any) -> Any:
    """Why a row lies open to this actor for a verb beside his reach; empty where it doesn't."""
    entity = Entity.of(type(row))
    condition = _opened_q(entity, actor, verb)
    if condition and entity.model._default_manager.filter(condition, pk=row.pk).exists():
        return _opened[entity.name][1]
    return ""


def owning(entity: Entity) -> tuple[str, Entity]:
    """Prefix to, and entity of, the record that decides about rows of this entity."""
    prefix, seen = "", entity
    while seen.scope not in ("owner", "all", "self"):
        parent = seen.model._meta.get_field(seen.scope).related_model
        prefix += f"{seen.scope}__"
        seen = Entity.of(parent)
    return prefix, seen


def scope_q(model: type[models.Model], actor: Any, verb: str = "view") -> Q | None:
    """The condition of the rows an actor may `verb`; None when there are none at all."""
    entity = Entity.of(model)
    scope = grants(actor).scope(entity.name, verb)
    if scope == "none" or not actor.is_active:
        return None
    prefix, root = owning(entity)
    if scope == "all" or (root.scope == "all" and verb == "view"):
        return Q()
    owner = f"{prefix}pk" if root.scope == "self" else f"{prefix}owner"
    if root.scope == "all":
        return Q(**{owner: actor.pk})
    if scope == "self":
        return Q(**{owner: actor.pk}) | _shared_q(actor, verb, prefix, root) | _opened_q(entity, actor, verb)
    people = Q(**{f"{owner}__in": _few(policy().people(actor))})
    if root.scope == "self":
        return people
    units = _few(policy().units(actor, leading=verb != "view"))
    reached = people | Q(**{f"{owner}__isnull": True, f"{prefix}unit__in": units})
    return reached | _shared_q(actor, verb, prefix, root) | _opened_q(entity, actor, verb)


def sharing_level(verb: str, prefix: str) -> str | None:
    """The level a collaborator needs for a verb on the shared record or, with a prefix, on a part of it."""
    return "edit" if verb == "create" and prefix else SHARED.get(verb)


def _shared_q(actor: Any, verb: str, prefix: str, root: Entity) -> Q:
    """The condition of shared rows; an empty one for whom nothing was shared, so that it costs him nothing."""
    level = sharing_level(verb, prefix)
    if level is None or root.scope != "owner":
        return Q()
    shares = grants(actor).shares
    ids = shares.ids(root.name, level)
    if isinstance(ids, list) and not ids:
        return Q()
    return Q(**{f"{prefix}pk__in": ids})


def _few(ids: QuerySet[Any]) -> QuerySet[Any] | list[int]:
    """The ids themselves while they are few, else the subquery.

    With a short list PostgreSQL combines the indexes of owner and unit; two subqueries joined by OR
    make it read the whole table (measured by bench/scoping.py).
    """
    found = list(ids[: FEW + 1])
    return found if len(found) <= FEW else ids


def visible(model: type[models.Model], actor: Any, verb: str = "view") -> QuerySet[Any]:
    """The living rows of a model that the actor may see (or `verb`); the one way to read rows."""
    condition = scope_q(model, actor, verb)
    rows = model._default_manager.all()
    if condition is None:
        return rows.none()
    return rows.filter(condition, deleted_at__isnull=True)


def everything(model: type[models.Model], *, because: str) -> QuerySet[Any]:
    """All living rows past any scope; `because` is for the reader and for the list of allowed modules."""
    if not because:
        raise ValueError("everything() needs a reason")
    rows = model._default_manager.all()
    return rows.filter(deleted_at__isnull=True) if issubclass(model, Record) else rows


def deleted(model: type[models.Model], actor: Any, *, since: Any) -> QuerySet[Any]:
    """Rows in the recycle bin since a moment that the actor may bring back."""
    condition = scope_q(model, actor, "delete")
    rows = model._default_manager.all()
    return rows.none() if condition is None else rows.filter(condition, deleted_at__gte=since)


def may(actor: Any, verb: str, subject: Any) -> bool:
    """Whether the actor may `verb` rows of a model, or one row."""
    model = subject if isinstance(subject, type) else type(subject)
    entity = Entity.of(model)
    scope = grants(actor).scope(entity.name, verb)
    if scope == "none" or not actor.is_active:
        return False
    if scope == "all":
        return True
    prefix, root = owning(entity)
    if root.scope == "all":
        return verb == "view"  # reference data is nobody's own: only a grant for all of it lets one write
    if isinstance(subject, type):
        return True
    row = subject
    for step in prefix.split("__"):
        if step:
            row = getattr(row, step)
    if row is None:
        return False
    person = row.pk if root.scope == "self" else row.owner_id
    if person == actor.pk:
        return True
    if scope == "team" and policy().reaches(actor, person, row.unit_id, leading=verb != "view"):
        return True
    level = sharing_level(verb, prefix)
    if root.scope == "owner" and level is not None and grants(actor).shares.has(root.name, row.pk, level):
        return True
    return bool(lies_open(actor, verb, subject))


def acting_for(actor: Any, row: Any) -> int | None:
    """Whom a stand-in acted for, where he reaches this record through that person alone."""
    if row is None:
        return None
    prefix, root = owning(Entity.of(row))
    for step in prefix.split("__"):
        if step and row is not None:
            row = getattr(row, step)
    if row is None or root.scope == "all":
        return None
    person, unit = (row.pk, None) if root.scope == "self" else (row.owner_id, row.unit_id)
    return policy().acting_for(actor, person, unit)


def masked(actor: Any, model: type[models.Model]) -> frozenset[str]:
    """Names of the fields of a model that this actor must not see, filter, sort, sum or export."""
    return grants(actor).masked(Entity.of(model).name)


def covered(actor: Any, *rows: Any) -> list[Any]:
    """Loaded rows that a hand-written page shows, with what is masked for the actor emptied; never to be saved."""
    for row in rows:
        for name in masked(actor, type(row)):
            if not name.startswith(PREFIX):
                field = row._meta.get_field(name)
                setattr(row, field.attname, "" if isinstance(field, models.CharField | models.TextField) else None)
    return list(rows)


def readable(actor: Any, entity: Entity, path: str) -> bool:
    """Whether a column path crosses no masked field and no entity the actor may not view."""
    if path.startswith(PREFIX):
        return _own_readable(actor, entity, path)
    known = grants(actor).readable
    found = known.get((entity.name, path))
    if found is None:
        found = known[entity.name, path] = _readable(actor, entity, path)
    return found


def _own_readable(actor: Any, entity: Entity, path: str) -> bool:
    """Whether neither an own field nor what its formula is made of is masked; definitions come and go, so it is asked.

    The formulas a formula reads were made before it, so this ends.
    """
    column = entity.own.get(path)
    if column is None or path in masked(actor, entity.model):
        return False
    return all(readable(actor, entity, each) for each in column.field.reads)


def _readable(actor: Any, entity: Entity, path: str) -> bool:
    model = entity.model
    for part in path.split("__"):
        if part in masked(actor, model):
            return False
        related = model._meta.get_field(part).related_model
        if related is None:
            break
        model = related
        if hasattr(model, "entity") and "__" in path and not may(actor, "view", model):
            return False
    return True
