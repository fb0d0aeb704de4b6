"""Takes records out of the database for good, a set at a time, with everything that hangs on them.

Nothing in the product deletes: records go to the recycle bin. This is for what was never real. A link decides by
its kind what happens to the row that carries it, when what it points at goes:

- a link to a person or team that says whose a row is or who wrote it (`PASSES`) is passed on to the heirs;
- a link that may stand empty by its declaration (SET_NULL), or leads to another row of the same kind, is emptied;
- every other row is about what goes, and goes along, and so do the rows about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from xiaoguan.kit.fact import tell_changed
from xiaoguan.kit.models import ChangeRow, Collaborator, Credit, SearchEntry
from xiaoguan.kit.record import Record
from xiaoguan.kit.search import store

Model = type[models.Model]
Found = dict[Model, set[int]]

PASSES = frozenset(
    {"owner", "unit", "created_by", "credited", "actor", "acting_for", "finished_by", "decided_by", "reader", "parent",
     "team"}
)  # fmt: skip
"""Columns that say whose a row is or who wrote it; the row stays and gets an heir."""
EXCEPTIONS = {
    ("kit.credit", "person"): True,
    ("files.storedfile", "by"): True,
    ("intake.source", "person"): True,
    ("projects.conflict", "appealed_by"): True,
    ("projects.ruling", "by"): True,
    ("handover.sheet", "previous_by"): True,
    ("handover.sheet", "successor_by"): True,
    ("handover.sheet", "manager_by"): True,
    ("handover.sheet", "manager"): True,
    ("handover.sheet", "successor"): True,
    ("kit.viewtabs", "owner"): False,
    ("kit.job", "actor"): False,
    ("api.token", "owner"): False,
    ("api.answer", "actor"): False,
    ("org.unitreach", "unit"): False,
    ("audit.accessentry", "actor"): False,
    ("goals.target", "team"): False,
    ("goals.round", "by"): True,
    ("metrics.definitionversion", "set_by"): True,
    ("leads.lead", "answered_by"): True,
    ("leads.lead", "converted_by"): True,
    ("pools.poolentry", "previous_owner"): True,
    ("pools.poolentry", "taken_by"): True,
    ("pools.holding", "previous"): True,
}
"""Where the name of the column misleads: whether it passes on."""
PART = 5000
"""Ids in one statement."""


@dataclass(frozen=True)
class Link:
    """One column of `model` that points at `target`."""

    model: Model
    target: Model
    name: str
    column: str
    passes: bool
    empties: bool


@cache
def links() -> tuple[Link, ...]:
    """Every foreign key of every table that is there."""
    found = []
    people = {apps.get_model(settings.AUTH_USER_MODEL), apps.get_model(settings.XIAOGUAN_UNIT_MODEL)}
    for model in tables():
        for field in model._meta.local_concrete_fields:
            target = field.related_model
            if not isinstance(field, models.ForeignKey) or not isinstance(target, type):
                continue
            passes = EXCEPTIONS.get((model._meta.label_lower, field.name), field.name in PASSES) and target in people
            empties = target is model or field.remote_field.on_delete is models.SET_NULL
            known = (model._meta.label_lower, field.name) in EXCEPTIONS
            found.append(Link(model, target, field.name, field.column, passes, empties and not passes and not known))
    return tuple(found)


@cache
def tables() -> tuple[Model, ...]:
    """Every model with a table of its own."""
    every = apps.get_models(include_auto_created=True)
    return tuple(each for each in every if each._meta.managed and not each._meta.proxy)


@cache
def kept_by(model: Model) -> tuple[Link, ...]:
    """The links that make rows go along with a row of this model."""
    return tuple(link for link in links() if link.target is model and not link.passes and not link.empties)


@cache
def about() -> tuple[tuple[Model, str], ...]:
    """Tables that name a record by its kind and number, and the column with the kind."""
    found = []
    for model in tables():
        names = {field.name for field in model._meta.local_concrete_fields}
        if "object_id" in names and (kind := names & {"entity", "about"}):
            found.append((model, kind.pop()))
    return tuple(found)


def is_identified(model: Model) -> bool:
    """Whether rows have a number that others may name: what has none is taken by its links alone."""
    return isinstance(model._meta.pk, models.AutoField | models.BigAutoField)


def everything_on(roots: Found, spare: Iterable[Model] = ()) -> Found:
    """The given rows and all that go along, by model; rows of `spare` are not looked at for what hangs on them."""
    found: Found = defaultdict(set)
    waiting = [(model, set(ids)) for model, ids in roots.items()]
    spared = set(spare)
    while waiting:
        model, ids = waiting.pop()
        fresh = ids - found[model]
        if not fresh:
            continue
        found[model] |= fresh
        if model in spared:
            continue
        for link in kept_by(model):
            if is_identified(link.model):
                waiting.append((link.model, set(_ids(link.model, link.column, fresh))))
    return {model: ids for model, ids in found.items() if ids}


def _ids(model: Model, column: str, among: Iterable[int]) -> Iterator[int]:
    """Numbers of the rows whose column holds one of these."""
    quote = connection.ops.quote_name
    for part in _parts(among):
        with connection.cursor() as cursor:
            pk = quote(model._meta.pk.column)
            cursor.execute(f"SELECT {pk} FROM {quote(model._meta.db_table)} WHERE {quote(column)} IN ({part})")
            yield from (row[0] for row in cursor.fetchall())


def uproot(found: Found) -> int:
    """Delete these rows, what names them, and empty the links that may stand empty; returns how many records went."""
    for model, ids in found.items():
        name = model._meta.label_lower
        for link in links():
            if link.target is model and link.empties:
                _run(f"UPDATE {{}} SET {link.column} = NULL WHERE {link.column}", link.model, ids)
            elif link.target is model and not link.passes and not is_identified(link.model):
                _run(f"DELETE FROM {{}} WHERE {link.column}", link.model, ids)
        if issubclass(model, Record):
            tell_changed(None)
            for table, kind in ((ChangeRow, "entity"), (Credit, "entity"), (Collaborator, "about")):
                _run(f"DELETE FROM {{}} WHERE {kind} = %s AND object_id", table, ids, name)
            first = store.base(model)
            _run("DELETE FROM {} WHERE id", SearchEntry, {first + pk for pk in ids})
    for model, ids in found.items():
        _run(f"DELETE FROM {{}} WHERE {model._meta.pk.column}", model, ids)
    return sum(len(ids) for ids in found.values())


def pass_on(gone: Found, heirs: dict[Model, int]) -> None:
    """Let the links that say whose a row is lead to the heir where they lead to somebody or something that goes."""
    for link in links():
        if link.passes and gone.get(link.target):
            heir = heirs[link.target]
            _run(f"UPDATE {{}} SET {link.column} = {int(heir)} WHERE {link.column}", link.model, gone[link.target])


def sweep(entities: Sequence[Model]) -> int:
    """Forget what names records of these kinds that are not there any more; returns how many rows."""
    count = 0
    quote = connection.ops.quote_name
    for model in entities:
        there = f"SELECT {quote(model._meta.pk.column)} FROM {quote(model._meta.db_table)}"
        for table, kind in about():
            with connection.cursor() as cursor:
                cursor.execute(
                    f"DELETE FROM {quote(table._meta.db_table)} WHERE {quote(kind)} = %s"
                    f" AND object_id IS NOT NULL AND object_id NOT IN ({there})",
                    [model._meta.label_lower],
                )
                count += cursor.rowcount
    return count


def _run(sql: str, model: Model, ids: Iterable[int], *params: Any) -> None:
    """Run one statement per part of the ids: `{}` stands for the table, the text ends where the list begins."""
    head = sql.replace("{}", connection.ops.quote_name(model._meta.db_table))
    for part in _parts(ids):
        with connection.cursor() as cursor:
            cursor.execute(f"{head} IN ({part})", params)


def _parts(ids: Iterable[int]) -> Iterator[str]:
    """Whole numbers as the inside of an IN list: beyond what a database takes as variables, and safe as such."""
    rest = iter(sorted(ids))
    while part := list(islice(rest, PART)):
        yield ",".join(str(int(one)) for one in part)
