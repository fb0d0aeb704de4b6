"""Cells that name other records: matched, created, left blank with a warning, or an error, as decided per column."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models

from xiaoguan.kit import access
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.form import is_required
from xiaoguan.kit.record import Record
from xiaoguan.lexicon.companies import match_key
from xiaoguan.transfer.finder import Finder
from xiaoguan.transfer.problems import ERROR, WARNING, Problem
from xiaoguan.transfer.slots import Slot


@dataclass(eq=False)
class Pending:
    """A record that a row needs and nobody has yet; one per name, however many rows need it."""

    model: type[models.Model]
    name: str
    owner_id: int | None = None
    made: Any = None

    @cached_property
    def stand_in(self) -> Any:
        """An unsaved record under this name, for checks that look through the link; its id is no real one."""
        entity = Entity.of(self.model)
        return self.model(pk=-1, **{entity.names("title")[0]: self.name})

    @property
    def row(self) -> Any:
        """The record once it is made, the stand-in until then."""
        return self.made or self.stand_in


@dataclass
class Answer:
    """What a cell of a link comes to: a row, a Pending, or None; with the finding, if any.

    `later` says that the row it names is in the same file: the link is set once all rows are there.
    """

    value: Any = None
    problem: Problem | None = None
    blanked: bool = False
    later: bool = False


@dataclass
class Linker:
    """Answers for one slot. `chosen` maps folded texts to the user's own decisions.

    `in_file` holds the folded names of the file's own rows, for links among rows of one entity.
    """

    slot: Slot
    finder: Finder
    policy: str
    actor: Any
    chosen: dict[str, dict[str, Any]] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    in_file: Container[str] = ()
    _found: dict[str, Any] = field(default_factory=dict)

    def load(self, texts: Iterable[str]) -> None:
        """Read what a chunk's texts may name."""
        self.finder.load(texts)

    def answer(self, text: str, row: int, column: str) -> Answer:
        """Find what one cell names; rows that need the same new record share one Pending."""
        if text in self._found:
            return Answer(self._found[text])
        key = match_key(text)
        if key in self.chosen:
            answer = self._chosen(self.chosen[key], text, row, column)
        else:
            answer = self._named(text, row, column)
        if answer.problem is None and isinstance(answer.value, models.Model) and len(self._found) < 50_000:
            self._found[text] = answer.value
        return answer

    def _chosen(self, decision: dict[str, Any], text: str, row: int, column: str) -> Answer:
        if decision.get("blank"):
            return Answer()
        if decision.get("new"):
            return self._new(text)
        if "id" in decision:
            found = self.finder.by_id(int(decision["id"]))
            if found is not None:
                return Answer(found)
        wanted = str(decision.get("text", text))
        self.finder.load([wanted])
        return self._named(wanted, row, column)

    def _named(self, text: str, row: int, column: str) -> Answer:
        found = self.finder.find(text)
        if len(found) == 1:
            return Answer(found[0])
        if not found and match_key(text) in self.in_file:
            return Answer(later=True)
        problem = self._problem(text, row, column, len(found))
        if found:
            return self._unplaced(problem)
        if self.policy == "create":
            answer = self._new(text)
            if problem.fix and "id" in problem.fix:
                params = {"like": problem.fix["label"]}
                answer.problem = Problem(WARNING, "similar", row, column, self.slot.name, text, params, problem.fix)
            return answer
        return self._unplaced(problem)

    def _new(self, text: str) -> Answer:
        key = match_key(text)
        pending = self.pending.setdefault(key, Pending(self.finder.model, " ".join(text.split())))
        return Answer(pending.made or pending)

    def _unplaced(self, problem: Problem) -> Answer:
        return Answer(None, problem, blanked=problem.level == WARNING)

    def _problem(self, text: str, row: int, column: str, count: int) -> Problem:
        """Say what is wrong and, where something is alike, offer it."""
        level = ERROR if self.policy == "error" or self.slot.required else WARNING
        if count:
            return Problem(level, "several", row, column, self.slot.name, text, {"count": count}, {"blank": True})
        like = self.finder.similar(text)
        code = "no_such_person" if self.slot.is_person else "not_found"
        blank = None if self.slot.required else {"blank": True}
        if like is None:
            return Problem(level, code, row, column, self.slot.name, text, {}, blank)
        label = self.finder.entity.title_of(like)
        fix = {"id": like.pk, "label": label}
        return Problem(level, f"{code}_like", row, column, self.slot.name, text, {"like": label}, fix)

    def make(self, work: Any, wanted: Container[int]) -> None:
        """Create what is pending and wanted (by `id` of the Pending) inside a running work."""
        new = [pending for pending in self.pending.values() if pending.made is None and id(pending) in wanted]
        if not new:
            return
        model, name = self.finder.model, self.finder.names[0]
        limit = model._meta.get_field(name).max_length or 200
        values = []
        for pending in new:
            each: dict[str, Any] = {name: pending.name[:limit]}
            if issubclass(model, Record) and Entity.of(model).scope == "owner":
                each |= owner_values(pending.owner_id, self.actor)
            values.append(each)
        made = work.create(model, values)
        for pending, row in zip(new, made, strict=True):
            pending.made = row
        self.finder.remember(made)


def owner_values(owner_id: int | None, actor: Any) -> dict[str, Any]:
    """The owner, or the pool of the importing person's team when there is none."""
    if owner_id:
        return {"owner_id": owner_id}
    return {"owner": None, "unit_id": access.policy().home_unit(actor.pk)}


def instance_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values for the model's constructor: a pending link becomes its record, or a stand-in for it."""
    return {name: value.row if isinstance(value, Pending) else value for name, value in values.items()}


def creatable(model: type[models.Model], actor: Any) -> bool:
    """Whether a bare name makes a whole record of this model and the actor may create it."""
    if issubclass(model, Coded) or not access.may(actor, "create", model):
        return False
    entity = Entity.of(model)
    names = [field.name for field in model._meta.concrete_fields if _needed(field)]
    title = entity.names("title")[0]
    return names in ([], [title])


def _needed(stored: Any) -> bool:
    return stored.editable and not stored.primary_key and is_required(stored)


def default_policy(slot: Slot, actor: Any) -> str:
    """What happens to an unknown name unless the user decides: create, blank or error."""
    if slot.is_person or slot.model is None:
        return "blank"
    if creatable(slot.model, actor):
        return "create"
    return "error" if slot.required else "blank"
