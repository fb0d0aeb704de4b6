"""Deciding what every row of a file would do; the preview and the import walk through the same code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

from django.db import models

from xiaoguan.kit import access, kinds
from xiaoguan.kit.coded import Coded
from xiaoguan.lexicon.companies import match_key
from xiaoguan.tables.layout import RowKind
from xiaoguan.tables.sheet import Cell, Row, cell_text, is_blank
from xiaoguan.transfer import alike, rowcheck
from xiaoguan.transfer.finder import Finder
from xiaoguan.transfer.hanging import Hanging
from xiaoguan.transfer.importer import Candidate, Draft, Importer
from xiaoguan.transfer.links import Linker, Pending, default_policy
from xiaoguan.transfer.mapping import ColumnMap
from xiaoguan.transfer.matching import KeyIndex
from xiaoguan.transfer.options import NEVER
from xiaoguan.transfer.problems import ERROR, SKIPPED, Problem
from xiaoguan.transfer.slots import Slot
from xiaoguan.transfer.values import NULLS, Reader

CHUNK = 500


class Planner:
    """Reads rows into drafts and decides them chunk by chunk.

    A plan asks the model about every row. A running import is `trusting`: the write asks anyway, and
    a chunk with a row it refuses is decided again row by row.

    Between chunks a plan remembers what earlier rows would have done (`forget=False`); a running
    import has written it, and forgets.
    """

    def __init__(self, importer: Importer, maps: Sequence[ColumnMap]) -> None:
        self.importer = importer
        self.options = importer.options
        self.trusting = False
        self.maps = [each for each in maps if each.slot]
        importer.headers = {each.slot: each.header for each in self.maps}
        self.readers = {
            each.slot: Reader(importer.slots[each.slot], unit=each.unit, order=each.order)
            for each in self.maps
            if not importer.slots[each.slot].is_link
        }
        self._finders: dict[type[models.Model], Finder] = {}
        self.linkers: dict[str, Linker] = {}
        self.index: KeyIndex
        self.hanging = Hanging(importer)
        self.reset()

    def reset(self) -> None:
        """Forget every record seen so far, as after a rollback."""
        self._finders.clear()
        self.linkers = {slot.name: self._linker(slot) for slot in self._link_slots()}
        self.index = KeyIndex(self.importer)
        self.hanging.forget()

    def forget(self) -> None:
        """Drop what earlier rows would have done: it is written now."""
        self.index.forget()
        self.hanging.forget()

    def finder(self, model: type[models.Model]) -> Finder:
        """The one finder of a model."""
        if model not in self._finders:
            self._finders[model] = Finder(model, self.importer.actor)
        return self._finders[model]

    def _link_slots(self) -> list[Slot]:
        return [slot for slot in self.importer.slots.values() if slot.is_link]

    def _linker(self, slot: Slot) -> Linker:
        policy = self.options.relations.get(slot.name) or default_policy(slot, self.importer.actor)
        chosen = {match_key(text): to for text, to in self.options.values.get(slot.name, {}).items()}
        assert slot.model is not None
        in_file = self._names_in_file if slot.model is self.importer.model else frozenset()
        return Linker(slot, self.finder(slot.model), policy, self.importer.actor, chosen, in_file=in_file)

    @cached_property
    def _names_in_file(self) -> frozenset[str]:
        """The folded names of the file's own rows; read only where a column points at rows of the same entity."""
        title = self.importer.entity.names("title")[0]
        index = next((each.index for each in self.maps if each.slot == title), None)
        if index is None or not self.own_links:
            return frozenset()
        rows = self.importer.layout.data()
        return frozenset(match_key(cell_text(row.cells[index])) for row in rows if index < len(row.cells)) - {""}

    @property
    def own_links(self) -> list[str]:
        """Slots in use whose values name rows of the entity itself (a parent company)."""
        slots = self.importer.slots
        return [each.slot for each in self.maps if slots[each.slot].model is self.importer.model]

    # Reading ---------------------------------------------------------------------------------------------

    def chunks(self, after: int = 0, size: int = CHUNK) -> Iterator[list[Draft]]:
        """Drafts of all rows with content below the header and beyond row `after`, in file order."""
        body = ((row, kind) for row, kind in self._whole_rows() if row.number > after)
        while chunk := list(islice(body, size)):
            yield [self._draft(row, kind) for row, kind in chunk]

    def _whole_rows(self) -> Iterator[tuple[Row, RowKind]]:
        """The body; a row that holds nothing but parts goes on about the record of the row above it."""
        parts = {each.index for each in self.maps if self.importer.slots[each.slot].part}
        main = [each.index for each in self.maps if each.index not in parts]
        above: list[Cell] = []
        for row, kind in self.importer.layout.body():
            if parts and kind is RowKind.DATA and not row.fault:
                said = [index for index in main if index < len(row.cells) and not is_blank(row.cells[index])]
                if said:
                    above = row.cells
                elif above:
                    cells = [*row.cells, *[""] * (len(above) - len(row.cells))]
                    whole = [above[at] if at in main and at < len(above) else cell for at, cell in enumerate(cells)]
                    row = row._replace(cells=whole)
            yield row, kind

    def _draft(self, row: Row, kind: RowKind) -> Draft:
        draft = Draft(row.number, row.cells)
        if kind is RowKind.DUPLICATE and not self.options.twins:
            first = self.importer.layout.twins[row.number]
            self._skip(draft, "twin", row=first)
        elif kind not in (RowKind.DATA, RowKind.DUPLICATE):
            self._skip(draft, kind.name.lower())
        elif row.fault and not (row.fault == "bad_encoding" and self.options.guessed_rows):
            params = {"found": len(row.cells), "expected": row.expected}
            draft.problems.append(Problem(ERROR, row.fault, row.number, params=params))
        return draft

    def _skip(self, draft: Draft, code: str, **params: Any) -> None:
        draft.skipped = True
        text = " | ".join(cell_text(cell) for cell in draft.cells if not is_blank(cell))[:120]
        draft.problems.append(Problem(SKIPPED, code, draft.number, text=text, params=params))

    def _read(self, draft: Draft) -> None:
        """Read the cells of a live draft; links are only noted as texts."""
        faults = self.importer.layout.sheet.cell_faults
        for each in self.maps:
            cell = draft.cells[each.index] if each.index < len(draft.cells) else ""
            if faults and (fault := faults.get((draft.number, each.index + 1))):
                code, text = fault
                draft.problems.append(
                    Problem(ERROR, code, draft.number, each.header, each.slot, text, {"text": text}, {"blank": True})
                )
                continue
            if is_blank(cell):
                draft.blank.append(each.slot)
                continue
            text = cell_text(cell)
            if each.slot in self.linkers:
                if text.lower() not in NULLS:
                    draft.texts[each.slot] = text
                continue
            self._read_cell(draft, each, cell, text)

    def _read_cell(self, draft: Draft, each: ColumnMap, cell: Any, text: str) -> None:
        decided = self.options.values.get(each.slot, {}).get(text)
        if decided is not None:
            if decided.get("blank"):
                return
            cell = str(decided.get("text", text))
        try:
            value = self.readers[each.slot].read(cell)
        except kinds.Unparsable as problem:
            limit = getattr(self.importer.slots[each.slot].field, "max_length", None)
            fix = {"blank": True} if not self.importer.slots[each.slot].required else None
            draft.problems.append(
                Problem(ERROR, problem.code, draft.number, each.header, each.slot, text, {"limit": limit}, fix)
            )
            return
        if value is not None:
            draft.values[each.slot] = value

    def _link(self, drafts: Sequence[Draft]) -> None:
        """Find what the noted texts name, one question to the database per slot and chunk."""
        for slot, linker in self.linkers.items():
            linker.load(draft.texts[slot] for draft in drafts if slot in draft.texts)
        for draft in drafts:
            for slot, text in draft.texts.items():
                answer = self.linkers[slot].answer(text, draft.number, self._header(slot) or slot)
                if answer.problem:
                    draft.problems.append(answer.problem)
                if answer.later:
                    draft.later[slot] = text
                elif answer.blanked:
                    draft.extra[f"import_{slot}"] = text
                elif answer.value is not None:
                    draft.values[slot] = answer.value
            self._lend_owner(draft)

    def _lend_owner(self, draft: Draft) -> None:
        """A record made for a row belongs to the row's owner, if it names one."""
        owner = draft.values.get("owner")
        for value in draft.values.values():
            if isinstance(value, Pending) and value.owner_id is None and owner is not None:
                value.owner_id = getattr(owner, "pk", None)

    # Deciding --------------------------------------------------------------------------------------------

    def decide(self, drafts: Sequence[Draft]) -> None:
        """Settle every draft of a chunk, in file order."""
        live = [draft for draft in drafts if not draft.skipped and not draft.failed]
        for draft in live:
            self._read(draft)
        self._link(live)
        for draft in live:
            self.importer.reread(draft)
            if not draft.failed:
                self.importer.complete(draft)
            if not draft.failed:
                draft.candidates = list(self.importer.candidates(draft))
        candidates = [each for draft in live for each in draft.candidates if not draft.failed]
        self.index.load(candidates)
        self._look_for_alike(candidates)
        if self.hanging.groups:
            self.hanging.load(self.index.rows())
        for draft in live:
            for candidate in draft.candidates:
                if not draft.failed:
                    self._decide(candidate)
            if self.hanging.groups:
                self.hanging.decide(draft, may_change=self.index.may_change, check=not self.trusting)
            for candidate in draft.candidates:
                self._settle(candidate)

    def _decide(self, candidate: Candidate) -> None:
        mode = self.options.mode
        found = self.index.find(candidate)
        if found is None:
            return
        row, earlier = found
        if row is None and mode == "update":
            self._leave(candidate, None, "missing")
        elif row is None and candidate.alike is not None:
            self._decide_alike(candidate, candidate.alike)
        elif row is None:
            self._create(candidate)
        elif mode == "create":
            self._leave(candidate, earlier)
        else:
            self._update(candidate, row, earlier)

    def _look_for_alike(self, candidates: Sequence[Candidate]) -> None:
        """Note of rows that no key recognises which stored record they are like."""
        look = alike.looks.get(self.importer.entity.name)
        if look is None or self.options.mode == "update" or self.options.key == NEVER:
            return
        open_ = [each for each in candidates if not self.index.knows(each)]
        if not open_:
            return
        found = look([each.values for each in open_], self.importer.actor, self.importer.before)
        chosen = [self.options.alike.get(self._title(each), {}).get("id") for each in open_]
        rows = access.visible(self.importer.model, self.importer.actor).in_bulk([pk for pk in chosen if pk])
        for candidate, likest, pk in zip(open_, found, chosen, strict=True):
            candidate.alike = replace(likest, row=rows[pk]) if likest is not None and pk in rows else likest
        self.index.take_up([each.alike.row for each in open_ if each.alike is not None and each.alike.row is not None])

    def _title(self, candidate: Candidate) -> str:
        return str(candidate.values.get(self.importer.entity.names("title")[0], ""))

    def _decide_alike(self, candidate: Candidate, likest: alike.Alike) -> None:
        """What was chosen for a row that is only like a stored record; without a choice it is new, with a warning."""
        title = self.importer.entity.names("title")[0]
        decided = self.options.alike.get(self._title(candidate), {})
        way = alike.UPDATE if "id" in decided else decided.get("way", self.options.alike_all)
        if way == alike.UPDATE and likest.row is not None and self.options.mode == "both":
            # The record keeps its own spelling: the file's is what made the row look new.
            candidate.values = {**candidate.values, title: getattr(likest.row, title)}
            self._update(candidate, *self.index.now(likest.row))
        elif way == alike.SKIP:
            candidate.action = "skipped"
            candidate.draft.problems.append(Problem(SKIPPED, "alike_skipped", candidate.draft.number))
        else:
            if way != alike.CREATE:
                said = alike.warning(likest, candidate.draft.number, self._header(title), title, self._title(candidate))
                candidate.draft.problems.append(said)
            self._create(candidate)

    def _leave(self, candidate: Candidate, earlier: Candidate | None, code: str = "exists") -> None:
        """Neither create nor update: the mode excludes what this row would need."""
        candidate.action = "skipped"
        candidate.above = earlier if earlier is not None and earlier.action == "created" else None
        draft = candidate.draft
        params = {"row": earlier.draft.number} if earlier else {}
        draft.problems.append(Problem(SKIPPED, "same_as_row" if earlier else code, draft.number, params=params))

    def _settle(self, candidate: Candidate) -> None:
        """Once the whole row stands, let later rows find what it does; a failed row does nothing."""
        if candidate.draft.failed:
            candidate.action = ""
            return
        if candidate.onto is not None and candidate.action == "updated":
            candidate.onto.values |= candidate.changes
            candidate.onto.row = candidate.row
        if candidate.action in ("created", "updated"):
            self.index.take(candidate)

    def _create(self, candidate: Candidate) -> None:
        draft = candidate.draft
        for name in self.importer.needed():
            if candidate.values.get(name) in (None, ""):
                draft.problems.append(self._needed(draft, name))
        if not draft.failed and self.importer.belongs_to_others(candidate.values):
            draft.problems.append(Problem(ERROR, "may_not_create", draft.number))
        if draft.failed:
            return
        candidate.values = {**candidate.values, **self.importer.defaults(candidate)}
        if draft.extra:
            candidate.values["extra"] = dict(draft.extra)
        candidate.action = "created"
        if not self.trusting:
            candidate.row = rowcheck.built(self.importer.model, candidate.values)
            self._check(candidate)

    def _needed(self, draft: Draft, name: str) -> Problem:
        header = self._header(name)
        if header:
            return Problem(ERROR, "required", draft.number, header, name)
        return Problem(ERROR, "required_column", draft.number, str(self.importer.slots[name].label), name)

    def _update(self, candidate: Candidate, row: Any, earlier: Candidate | None) -> None:
        values = {**self._emptied(candidate), **candidate.values}
        changes = {name: value for name, value in values.items() if _differs(row, name, value)}
        if earlier is not None and earlier.action == "created":
            candidate.onto = earlier
        if not changes:
            candidate.action, candidate.row = "unchanged", row
            return
        if earlier is None and not self._may_update(candidate, row):
            return
        candidate.before = {name: getattr(row, name) for name in changes}
        candidate.row = rowcheck.changed(row, changes)
        candidate.changes = changes
        if not self.trusting:
            self._check(candidate)
        candidate.action = "updated"

    def _emptied(self, candidate: Candidate) -> dict[str, Any]:
        """Values that empty cells clear, where that was chosen; an owner or a key is never cleared."""
        if self.options.empty != "clear":
            return {}
        keys = {name for way in self.index.ways for name in way}
        found = {}
        for name in candidate.draft.blank:
            slot = self.importer.slots[name]
            if slot.stored and not slot.required and not slot.is_person and name not in keys:
                stored = slot.field
                if stored.null or (stored.empty_strings_allowed and stored.blank):
                    found[name] = None if stored.null else ""
        return found

    def _may_update(self, candidate: Candidate, row: Any) -> bool:
        draft = candidate.draft
        if not self.index.may_change(row):
            draft.problems.append(Problem(ERROR, "may_not_change", draft.number))
        elif reason := self.importer.objection(row):
            draft.problems.append(Problem(ERROR, "refused", draft.number, params={"reason": reason}))
        return not draft.failed

    def _check(self, candidate: Candidate) -> None:
        """Run the checks every write runs, so that the preview tells what the import will say."""
        draft = candidate.draft
        for name, messages in rowcheck.complaints(candidate.row).items():
            header = self._header(name)
            for message in messages:
                draft.problems.append(Problem(ERROR, "invalid", draft.number, header, name, params={"reason": message}))

    def _header(self, slot: str) -> str:
        return self.importer.headers.get(slot, "")


def _differs(row: Any, name: str, value: Any) -> bool:
    """Whether a stored row says something else; an unsaved link is something else."""
    stored = row.entity.column(name).field
    if name == "name" and isinstance(row, Coded) and not row.name and value in row.spellings():
        return False  # its built-in name, as a file shows it
    if not stored.is_relation:
        return bool(getattr(row, name) != value)
    if isinstance(value, Pending):
        return row._state.fields_cache.get(name) is not value.row
    return bool(getattr(row, stored.attname) != getattr(value, "pk", value))
