"""The one way to write: verbs with a named actor, one transaction, one change entry, events after commit."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _

from xiaoguan.kit import access, clock, consequence, event, feed, guard
from xiaoguan.kit.append import append
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, Stale
from xiaoguan.kit.extra import PREFIX, differences
from xiaoguan.kit.fact import stale_credits, write_credits
from xiaoguan.kit.models.change import Change, ChangeRow
from xiaoguan.kit.own.values import settle
from xiaoguan.kit.param import Asks, Param
from xiaoguan.kit.validation import check_rows

BATCH = 1000
NOT_LOGGED = frozenset({"id", "uid", "version", "created_at", "created_by_id", "updated_at", "password", "last_login"})

saved: list[Callable[[type[models.Model], Sequence[Any]], None]] = []
"""Called inside the transaction with the rows of one model that a work wrote (search keys, for one)."""

logged: list[Callable[[Change], None]] = []
"""Called inside the transaction with each change entry, once its rows are written (the outbox, for one)."""


@dataclass(frozen=True)
class Done:
    """What a verb did: its change entry and whatever the function returned."""

    change: Change | None
    result: Any


class Work:
    """One running action: creates, saves and removes rows and remembers what it did for the logs."""

    def __init__(self, actor: Any, action: str, entity: str, source: str = "page", undoable: bool = True) -> None:
        self.actor = actor
        self.now = clock.now()
        self.source = source
        self.change = Change(at=self.now, actor=actor, action=action, entity=entity, source=source, undoable=undoable)
        self.reverting = False
        """Set while a change is taken back: what consequences would write is part of that change already."""
        self._following = False
        """Set while consequences write: what they derive is unique by its making, and the database holds it."""
        self._rows: list[ChangeRow] = []
        self._first: Any = None
        self._derived: dict[str, set[int]] = {}
        self._homes: dict[int, int | None] = {}
        self._events: list[tuple[str, dict[str, Any]]] = []

    @property
    def _muted(self) -> bool:
        """Whether a consequence asks for a write that the inverse of its own row brings about."""
        return self.reverting and self._following

    def create(self, model: type[models.Model], values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Any:
        """Insert one row or many; returns the instance or the list in the same order."""
        single = isinstance(values, Mapping)
        rows = [self._build(model, each) for each in ([values] if isinstance(values, Mapping) else values)]
        self._give_homes(model, rows)
        if self._muted:
            return rows[0] if single else rows
        check_rows(rows, unique=len(rows) == 1 and not self._following)
        if single:
            rows[0].save(force_insert=True)
        else:
            model._default_manager.bulk_create(rows, batch_size=BATCH)
        self._log(model, [(row, None, None) for row in rows])
        write_credits(rows, fresh=True)
        self._tell(model, rows, fresh=True)
        return rows[0] if single else rows

    def _build(self, model: type[models.Model], values: Mapping[str, Any]) -> Any:
        if hasattr(model, "entity"):
            assert model.entity.own is not None  # its newest own fields are known to the constructor now
        row = model(**values)
        row.created_at = row.updated_at = values.get("created_at", self.now)
        row.created_by = self.actor
        owned = hasattr(model, "entity") and model.entity.scope == "owner"
        if owned and row.owner_defaults and "owner" not in values and "owner_id" not in values:
            row.owner = self.actor
        settle(row)
        return row

    def _give_homes(self, model: type[models.Model], rows: Sequence[Any]) -> None:
        """Put new rows that have an owner and no team into the owner's team, asked for all owners at once."""
        if not hasattr(model, "entity") or model.entity.scope != "owner":
            return
        homeless = [row for row in rows if row.unit_id is None and row.owner_id is not None]
        unknown = {row.owner_id for row in homeless} - self._homes.keys()
        if unknown:
            self._homes |= dict.fromkeys(unknown) | access.policy().home_units(unknown)
        for row in homeless:
            row.unit_id = self._homes[row.owner_id]

    def _home_of(self, person_id: int) -> int | None:
        """The team of an owner, asked once per owner however many rows he gets."""
        if person_id not in self._homes:
            self._homes[person_id] = access.policy().home_unit(person_id)
        return self._homes[person_id]

    def save(self, *rows: Any, expect_version: int | None = None) -> list[Any]:
        """Store what changed on loaded rows of one model; returns the rows that changed at all.

        Raises Stale when a row was saved by somebody else since it was loaded, or when
        `expect_version` (what a form or If-Match carried) is not the current one.
        """
        if self._muted:
            return []
        touched = []
        for row in rows:
            if expect_version is not None and row._loaded["version"] != expect_version:
                raise Stale(row)
            if not self.reverting:  # the values put back hold what was derived with them
                settle(row)
                if "owner_id" in row.changed_fields() and row.owner_id and hasattr(row, "entity"):
                    row.unit_id = self._home_of(row.owner_id)
            if row.changed_fields():
                touched.append(row)
        if not touched:
            return []
        model = type(touched[0])
        check_rows(touched, unique=len(touched) == 1 and not self._following)
        recredit = [row for row in touched if getattr(model, "entity", None) and stale_credits(row)]
        changes = [self._difference(row) for row in touched]
        self._write(model, touched)
        self._log(model, changes)
        if recredit:
            write_credits(recredit, fresh=False)
        self._tell(model, touched, fresh=False)
        return touched

    def _difference(self, row: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        changed = {k: v for k, v in row.changed_fields().items() if k not in NOT_LOGGED}
        if "extra" in changed:  # own fields are told one by one
            changed |= differences(*changed.pop("extra"))
        return row, {k: v[0] for k, v in changed.items()}, {k: v[1] for k, v in changed.items()}

    def _write(self, model: type[models.Model], rows: list[Any]) -> None:
        """One conditional UPDATE for one row; a checked set-wise update for many."""
        for row in rows:
            row.updated_at = self.now
        if len(rows) == 1:
            row = rows[0]
            values = {name: getattr(row, name) for name in row.changed_fields()}
            found = model._default_manager.filter(pk=row.pk, version=row._loaded["version"])
            if found.update(**values | {"version": F("version") + 1}) == 0:
                raise Stale(row)
            row.version = row._loaded["version"] + 1
            return
        ids = [row.pk for row in rows]
        locked = model._default_manager.select_for_update().filter(pk__in=ids).order_by("pk")
        current = dict(locked.values_list("pk", "version"))
        for row in rows:
            if current.get(row.pk) != row._loaded["version"]:
                raise Stale(row)
            row.version += 1
        names = {name for row in rows for name in row.changed_fields()} | {"version"}
        model._default_manager.bulk_update(rows, names, batch_size=BATCH)

    def remove(self, *rows: Any) -> list[Any]:
        """Move rows to the recycle bin."""
        for row in rows:
            row.deleted_at = self.now
        return self.save(*rows)

    def restore(self, *rows: Any) -> list[Any]:
        """Take rows out of the recycle bin."""
        for row in rows:
            row.deleted_at = None
        return self.save(*rows)

    def derive(self, *rows: Any) -> None:
        """Store changed derived columns without version, history or events (next step, last contact)."""
        for row in rows:
            settle(row, prepare=False)
            values = {name: after for name, (_before, after) in row.changed_fields().items()}
            if values:
                type(row)._default_manager.filter(pk=row.pk).update(**values)
                row._loaded.update(values)
                self._derived.setdefault(row._meta.label_lower, set()).add(row.pk)

    def stir(self, entity: str, ids: Iterable[int]) -> None:
        """Tell the feed that what is derived from these records has changed (their credits, for one)."""
        self._derived.setdefault(entity, set()).update(ids)

    def note(self, row: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Log a change that is no column of the row: the roles of a person, a new password."""
        self._log(type(row), [(row, dict(before), dict(after))])

    def emit(self, name: str, *rows: Any, **payload: Any) -> None:
        """Announce a past-tense event once the transaction has committed."""
        self._events.append((name, {"ids": [row.pk for row in rows], **payload}))

    def _log(self, model: type[models.Model], changes: list[tuple[Any, Any, Any]]) -> None:
        name = model._meta.label_lower
        if self._first is None and changes and hasattr(model, "entity"):
            self._first = changes[0][0]
        self._rows += [
            ChangeRow(entity=name, object_id=row.pk, version=getattr(row, "version", 1), before=old, after=new)
            for row, old, new in changes
        ]

    def _tell(self, model: type[models.Model], rows: Sequence[Any], *, fresh: bool) -> None:
        """Let listeners and consequences see the rows, what they were included; then the rows are as loaded."""
        for listener in saved:
            listener(model, rows)
        outer, self._following = self._following, True
        try:
            consequence.run(self, model, rows, fresh=fresh)
        finally:
            self._following = outer
        names = [field.attname for field in model._meta.concrete_fields]
        for row in rows:
            row._loaded = {name: getattr(row, name) for name in names}

    def go_on(self, change: Change) -> None:
        """Add to a change that an earlier chunk of the same work began: it is undone as one."""
        self.change = change

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the work that may fail by itself: what it wrote and noted is then as if it had not been tried."""
        rows, events = len(self._rows), len(self._events)
        derived = {name: set(ids) for name, ids in self._derived.items()}
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del self._rows[rows:], self._events[events:]
            self._derived = derived
            raise

    def finish(self) -> Change | None:
        """Write the change entry, its rows and the feed; nothing when nothing changed."""
        if self._rows:
            self.change.count += sum(row.entity == self.change.entity for row in self._rows)
            if access.grants(self.actor).stands_in:
                self.change.acting_for_id = access.acting_for(self.actor, self._first)
            self.change.save(force_insert=self.change.pk is None)
            for row in self._rows:
                row.change = self.change
            append(ChangeRow, self._rows)
            self.change.written = self._rows
            feed.record(self.change, self._rows, self._derived)
            for listener in logged:
                listener(self.change)
        for name, payload in self._events:
            event.emit(name, actor_id=self.actor.pk, **payload)
        return self.change if self._rows else None


class Action:
    """A declared verb; calling it runs the whole write path."""

    def __init__(self, func: Callable[..., Any], model: type[models.Model], label: Any, **options: Any) -> None:
        self.func = func
        self.model = model
        self.label = label
        self.name: str = options["name"]
        self.verb: str = options["verb"]
        self.icon: str = options["icon"]
        self.bulk: bool = options["bulk"]
        self.undoable: bool = options["undoable"]
        self.shown: Callable[[Any], bool] = options["shown"]
        self.position: int = options["position"]
        self.recent: bool = options["recent"]
        self.asks: Asks | None = options["asks"]
        self.__doc__ = func.__doc__

    @cached_property
    def params(self) -> list[Param]:
        """The keyword-only arguments after the row: the action's form."""
        hints = typing.get_type_hints(self.func, include_extras=True)
        found = []
        for name, parameter in inspect.signature(self.func).parameters.items():
            if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
                continue
            kind, *notes = typing.get_args(hints[name]) or (hints[name],)
            label = next((note for note in notes if isinstance(note, str | Promise)), name)
            empty = parameter.default is inspect.Parameter.empty
            found.append(Param(name, kind, label, empty, None if empty else parameter.default, tuple(notes)))
        return found

    def params_of(self, row: Any, sent: Mapping[str, Any] | None, actor: Any) -> list[Param]:
        """The arguments for one row: its own ones, and those the row needs; of one name the latter stands."""
        if self.asks is None or row is None:
            return self.params
        asked = {param.name: param for param in self.asks(row, sent or {}, actor)}
        return [*[asked.pop(param.name, param) for param in self.params], *asked.values()]

    def __call__(
        self, rows: Any, *, actor: Any, source: str = "page", expect_version: int | None = None, **values: Any
    ) -> Done:
        """Run for one row, or for several where the verb is `bulk` (its function then always gets a list).

        Raises Denied, Stale, Invalid or Refusal and then leaves no trace.
        """
        many = list(rows) if isinstance(rows, Sequence | models.QuerySet) else [rows]
        if not many:
            return Done(None, [])
        for row in many:
            if not access.may(actor, self.verb, row):
                raise Denied(self.verb, row)
            if expect_version is not None and row.version != expect_version:
                raise Stale(row)
        if not self.bulk and len(many) > 1:
            raise TypeError(f"{self.name} takes one row at a time")
        with transaction.atomic():
            work = Work(actor, self.name, self.model._meta.label_lower, source, self.undoable)
            guard.check(f"{self.model._meta.label_lower}.{self.name}", work=work, rows=many, values=values)
            result = self.func(work, many if self.bulk else many[0], **values)
            return Done(work.finish(), result)


def action(
    model: type[models.Model],
    label: Any,
    *,
    name: str = "",
    verb: str = "change",
    icon: str = "bolt",
    bulk: bool = False,
    undoable: bool = True,
    shown: Callable[[Any], bool] = lambda row: True,
    position: int = 50,
    recent: bool = False,
    asks: Asks | None = None,
) -> Callable[[Callable[..., Any]], Action]:
    """Declare a verb of an entity; its annotated keyword-only arguments are its form.

    The verbs with the lowest `position` stand as buttons on the record, whichever app declares them.
    A page runs a `recent` verb only shortly after somebody has proved who he is. `asks` adds arguments
    that depend on the row; the function takes them as `**more`.
    """

    def declare(func: Callable[..., Any]) -> Action:
        made = Action(
            func,
            model,
            label,
            name=name or func.__name__,
            verb=verb,
            icon=icon,
            bulk=bulk,
            undoable=undoable,
            shown=shown,
            position=position,
            recent=recent,
            asks=asks,
        )
        Entity.of(model).actions[made.name] = made
        return made

    return declare


def _refuse_masked(actor: Any, model: type[models.Model], values: Iterable[Mapping[str, Any]]) -> None:
    """Nobody writes a field hidden from him, nor an own field that is not there (any more)."""
    own = Entity.of(model).own  # asked for here also so that this process has the newest fields
    values = list(values)
    if gone := {name for each in values for name in each if name.startswith(PREFIX)} - own.keys():
        raise Invalid({gone.pop(): [_("This field is not there any more.")]})
    hidden = access.masked(actor, model)
    if hidden and any(hidden & set(each) for each in values):
        raise Denied("change", model)


@contextmanager
def working(
    model: type[models.Model],
    name: str,
    *,
    actor: Any,
    verb: str = "change",
    source: str = "page",
    undoable: bool = True,
) -> Iterator[Work]:
    """One transaction and one change entry for a verb over many records of its own choosing.

    For set-wise verbs (a target grid, an import chunk, the demo): checks the verb on the model; the
    caller checks the rows. Raises Denied.
    """
    if not access.may(actor, verb, model):
        raise Denied(verb, model)
    with transaction.atomic():
        work = Work(actor, name, model._meta.label_lower, source, undoable)
        yield work
        work.finish()


def _refuse_strangers(actor: Any, verb: str, rows: Sequence[Any]) -> None:
    """Where a row belongs to another record, the right reaches no further than to the actor's own records."""
    link = rows[0].entity.scope if rows and hasattr(rows[0], "entity") else "all"
    if link in ("owner", "all", "self"):
        return
    for row in {getattr(row, f"{link}_id"): row for row in rows}.values():
        if not access.may(actor, verb, row):
            raise Denied(verb, type(row))


def create(
    model: type[models.Model],
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    actor: Any,
    source: str = "page",
) -> Any:
    """Create one record or many; raises Denied or Invalid. Returns the instance or the list."""
    return perform("create", model, values, actor=actor, source=source).result


def perform(
    verb: str, model: type[models.Model], values: Any, *, actor: Any, source: str = "page", note: str = ""
) -> Done:
    """`create` for callers that want the change entry too."""
    if not access.may(actor, verb, model):
        raise Denied(verb, model)
    _refuse_masked(actor, model, [values] if isinstance(values, Mapping) else values)
    with transaction.atomic():
        work = Work(actor, "create", model._meta.label_lower, source)
        work.change.note = note
        guard.check(f"{model._meta.label_lower}.create", work=work, rows=[], values=values)
        result = work.create(model, values)
        _refuse_strangers(actor, verb, [result] if isinstance(values, Mapping) else result)
        return Done(work.finish(), result)


def update(
    rows: Any, values: Mapping[str, Any], *, actor: Any, expect_version: int | None = None, source: str = "page"
) -> Done:
    """Set the same values on one record or many; raises Denied, Stale, Invalid."""
    many = list(rows) if isinstance(rows, Sequence | models.QuerySet) else [rows]
    return update_each([(row, values) for row in many], actor=actor, expect_version=expect_version, source=source)


def update_each(
    pairs: Sequence[tuple[Any, Mapping[str, Any]]],
    *,
    actor: Any,
    expect_version: int | None = None,
    source: str = "page",
) -> Done:
    """Set each row's own values in one change; the set-wise update of import and bulk edit."""
    if not pairs:
        return Done(None, [])
    model = type(pairs[0][0])
    _refuse_masked(actor, model, [values for _row, values in pairs])
    for row, values in pairs:
        if not access.may(actor, "change", row):
            raise Denied("change", row)
        for name, value in values.items():
            setattr(row, name, value)
    _refuse_strangers(actor, "change", [row for row, _values in pairs])
    with transaction.atomic():
        work = Work(actor, "update", model._meta.label_lower, source)
        rows = [row for row, _values in pairs]
        guard.check(f"{model._meta.label_lower}.update", work=work, rows=rows, values={})
        result = work.save(*rows, expect_version=expect_version)
        return Done(work.finish(), result)


def remove(rows: Any, *, actor: Any, source: str = "page") -> Done:
    """Move one record or many to the recycle bin."""
    return _toggle("delete", rows, actor, source)


def restore(rows: Any, *, actor: Any, source: str = "page") -> Done:
    """Bring back one record or many."""
    return _toggle("restore", rows, actor, source)


def _toggle(name: str, rows: Any, actor: Any, source: str) -> Done:
    many = list(rows) if isinstance(rows, Sequence | models.QuerySet) else [rows]
    for row in many:
        if not access.may(actor, "delete", row):
            raise Denied("delete", row)
    if not many:
        return Done(None, [])
    model = type(many[0])
    with transaction.atomic():
        work = Work(actor, name, model._meta.label_lower, source)
        guard.check(f"{model._meta.label_lower}.{name}", work=work, rows=many, values={})
        result = work.remove(*many) if name == "delete" else work.restore(*many)
        return Done(work.finish(), result)
