"""How one entity is imported; the base fits any entity, an app subclasses it where its verbs do more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.tables.layout import Layout
from xiaoguan.tables.sheet import Cell
from xiaoguan.transfer.alike import Alike
from xiaoguan.transfer.hanging import Hanger
from xiaoguan.transfer.links import Pending, instance_values, owner_values
from xiaoguan.transfer.options import NEVER, BadOptions, Options
from xiaoguan.transfer.parts import Part, slots_of
from xiaoguan.transfer.problems import ERROR, Problem
from xiaoguan.transfer.slots import Slot, entity_slots


@dataclass
class Draft:
    """One row of the file on its way: cells, values read so far by slot, findings, and the records it makes."""

    number: int
    cells: list[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    hangers: list[Hanger] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    skipped: bool = False

    @property
    def failed(self) -> bool:
        """Whether the row can't be imported."""
        return any(problem.level == ERROR for problem in self.problems)

    @property
    def result(self) -> str:
        """The one of the five ways this row ends; a row that makes several records counts once."""
        if self.failed:
            return "error"
        if self.skipped:
            return "skipped"
        actions = {candidate.action for candidate in self.candidates}
        return next((name for name in ("created", "updated", "unchanged") if name in actions), "skipped")

    @property
    def writes(self) -> bool:
        """Whether anything is written for the row, be it only beside its main record."""
        written = ("created", "updated")
        return not self.failed and (self.result in written or any(each.action in written for each in self.hangers))


@dataclass(eq=False)
class Candidate:
    """One record a row stands for: the values for it and what is to be done with them.

    `action` is created, updated, unchanged or skipped; `before` and `changes` are filled for
    updates; `row` is the stored or to-be-stored instance. `onto` is the candidate of a row above
    that creates the record this one changes, `above` is the one where only new records were asked for.
    `alike` is the stored record that it resembles without being recognised by a key.
    """

    draft: Draft
    values: dict[str, Any]
    action: str = ""
    row: Any = None
    changes: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    onto: Candidate | None = None
    above: Candidate | None = None
    alike: Alike | None = None


class Importer:
    """Slots, key and shape of records for one import of one entity by one actor.

    `headers` maps the slots in use to the columns they come from. Subclasses add `more` stored
    fields, further slots, other shapes of rows (`candidates`) and what must be written besides the
    record itself (`after`).
    """

    more: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    """Records that may stand in the same row, with columns of their own."""

    def __init__(self, entity: Entity, actor: Any, options: Options, layout: Layout | None) -> None:
        self.entity = entity
        self.model = entity.model
        self.actor = actor
        self.options = options
        self.layout: Any = layout
        self.slots = self.make_slots()
        self.headers: dict[str, str] = {}
        self.before: dt.datetime | None = None
        """When a stored import was begun: what it made itself is no record that its rows are like."""
        self._theirs: dict[int, bool] = {}

    @property
    def used(self) -> Set[str]:
        """The slots that columns are put into."""
        return self.headers.keys()

    def make_slots(self) -> dict[str, Slot]:
        """Every place a column can be put into."""
        return entity_slots(self.entity, self.actor, self.more) | slots_of(self.parts, self.actor)

    def period_columns(self) -> Sequence[int]:
        """Columns this importer reads by itself, by position."""
        return ()

    def check_allowed(self) -> None:
        """Refuse somebody who may not import here; raises Denied."""
        if not access.may(self.actor, "import", self.model):
            raise Denied("import", self.model)

    def ways(self) -> list[tuple[str, ...]]:
        """The ways to recognise a record, in order: what was chosen, or the usual ones; raises BadOptions."""
        if self.options.key == NEVER:
            return []
        if self.options.key:
            self.check_key()
            return [tuple(self.options.key.split("+"))]
        return self.usual_ways()

    def usual_ways(self) -> list[tuple[str, ...]]:
        """The ways where nothing was chosen: each unique key alone, then the other key fields together."""
        names = self.entity.names("key")
        alone = [(name,) for name in names if is_unique(self.model, name)]
        together = tuple(name for name in names if (name,) not in alone)
        return [*alone, *([together] if together else [])]

    def can_be_key(self, name: str) -> bool:
        """Whether records can be recognised by a slot: it is stored, and no long text."""
        slot = self.slots.get(name)
        return slot is not None and slot.stored and not isinstance(slot.field, models.TextField | models.JSONField)

    def check_key(self) -> None:
        """Refuse a chosen key with a field that is none of this entity's; raises BadOptions."""
        for name in self.options.key.split("+"):
            if not self.can_be_key(name):
                raise BadOptions(_("Records can't be recognised by “%(name)s”.") % {"name": name})

    def needed(self) -> list[str]:
        """Slots a new record can't do without."""
        return [name for name, slot in self.slots.items() if slot.required]

    def reread(self, draft: Draft) -> None:
        """Read again what only the whole row explains; also for a row with a cell that could not be read by itself."""

    def complete(self, draft: Draft) -> None:
        """Cross-field reading after all cells of a row are read: derive, translate, complain."""

    def candidates(self, draft: Draft) -> Iterator[Candidate]:
        """The records of one row; one unless the sheet is wide."""
        values = {name: value for name, value in draft.values.items() if self.slots[name].stored}
        yield Candidate(draft, values)

    def defaults(self, candidate: Candidate) -> dict[str, Any]:
        """Values of a new record beyond its columns: an owner, or the pool of the importing person's team."""
        if self.entity.scope != "owner" or not self.model.owner_defaults:
            return {}
        if candidate.values.get("owner") is not None:
            return {}
        if "owner" not in self.used and access.grants(self.actor).scope(self.entity.name, "create") == "self":
            return {"owner": self.actor}
        return owner_values(None, self.actor)

    def objection(self, row: Any) -> str:
        """Why a stored row must not be changed by this import, in the user's language; empty when it may.

        Whether the actor has the right to change it is asked elsewhere, for many rows at once.
        """
        return ""

    def belongs_to_others(self, values: Mapping[str, Any]) -> bool:
        """Whether a new row would hang on a record, or belong to a person, that the actor may see but not add to."""
        link = self.entity.scope
        owner = values.get("owner")
        if link == "owner" and owner is not None:
            if owner.pk not in self._theirs:
                self._theirs[owner.pk] = not access.may(self.actor, "create", self.model(owner=owner))
            return self._theirs[owner.pk]
        if link in ("owner", "all", "self") or isinstance(values.get(link), Pending):
            return False
        return not access.may(self.actor, "create", self.model(**{link: values.get(link)}))

    def create(self, work: Any, candidates: Sequence[Candidate]) -> Sequence[Any]:
        """Insert new records inside a running work; returns the rows in order."""
        rows: Sequence[Any] = work.create(self.model, [instance_values(each.values) for each in candidates])
        return rows

    def after(self, work: Any, candidates: Sequence[Candidate]) -> None:
        """Write what belongs to the records of a chunk, unchanged ones too, inside the same running work."""

    def finish(self, work: Any, rows: Sequence[tuple[Draft, Any]]) -> None:
        """Write what needs all rows to be there: gets every imported row with its record, once, at the end."""

    @property
    def finishes(self) -> bool:
        """Whether `finish` has anything to do."""
        return False

    def hand_out(self, server: str = "") -> list[dict[str, str]]:
        """What people need after the import, for the command line: one-time links, for one."""
        return []

    def foresee(self, drafts: Sequence[Draft]) -> dict[str, list[str]]:
        """What else the import will make besides the counted records, by kind: names for the preview."""
        return {}


def is_unique(model: type[models.Model], name: str) -> bool:
    """Whether a field alone is a key, unconditionally or among the living rows."""
    if model._meta.get_field(name).unique:
        return True
    constraints = (each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint))
    return any(tuple(each.fields) == (name,) for each in constraints)


importers: dict[str, type[Importer]] = {}
_loaded: list[bool] = []


def importer(entity_name: str) -> Callable[[type[Importer]], type[Importer]]:
    """Register the importer of an entity (`opportunities.deal`); lives in the app's module `importing`."""

    def register(cls: type[Importer]) -> type[Importer]:
        importers[entity_name] = cls
        return cls

    return register


def importer_of(entity: Entity) -> type[Importer]:
    """The importer of an entity: its own, or the base."""
    if not _loaded:
        autodiscover_modules("importing")
        _loaded.append(True)
    return importers.get(entity.name, Importer)
