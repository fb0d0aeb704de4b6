"""What becomes of the records beside the main one: decided with their row, written in its transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xiaoguan.kit import access, guard
from xiaoguan.lexicon.companies import match_key
from xiaoguan.transfer import rowcheck
from xiaoguan.transfer.parts import Part, groups
from xiaoguan.transfer.problems import ERROR, WARNING, Problem

if TYPE_CHECKING:
    from xiaoguan.transfer.importer import Candidate, Draft, Importer

Mark = tuple[Any, str, str]


@dataclass(eq=False)
class Hanger:
    """One record beside the main one: `action` is created, updated, unchanged or skipped.

    `anchor` is the candidate that makes or holds the main record; `onto` is what a row above makes of the same one.
    """

    part: Part
    anchor: Candidate
    values: dict[str, Any]
    slots: dict[str, str] = field(default_factory=dict)
    action: str = ""
    row: Any = None
    changes: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    onto: Hanger | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.values[self.part.title])


class Hanging:
    """Decides and writes the parts of rows for one import."""

    def __init__(self, importer: Importer) -> None:
        self.importer = importer
        self.mode = importer.options.mode
        self.groups = list(groups(importer.parts, importer.used))
        self._stored: dict[Mark, Any] = {}
        self._above: dict[Mark, Hanger] = {}

    def forget(self) -> None:
        """Drop what earlier rows would have done: it is written now."""
        self._above.clear()

    def load(self, rows: Iterable[Any]) -> None:
        """Read what hangs on these stored main records already: one question per part."""
        ids = {row.pk for row in rows}
        self._stored.clear()
        for part in dict.fromkeys(part for part, _slots in self.groups):
            known = access.everything(part.model, because="what hangs on a record is entered once, whoever imports it")
            for row in known.filter(**{f"{part.link}__in": ids}) if ids else ():
                key = (getattr(row, f"{part.link}_id"), part.name, match_key(str(getattr(row, part.title))))
                self._stored.setdefault(key, row)

    # Deciding --------------------------------------------------------------------------------------------

    def decide(self, draft: Draft, *, may_change: Any, check: bool) -> None:
        """Settle the parts of one row whose main record is decided; findings make the whole row fail."""
        anchor = self._anchor(draft)
        if anchor is None:
            return
        for part, slots in self.groups:
            values = {named: draft.values[slot] for slot, named in slots.items() if draft.values.get(slot)}
            if not values:
                continue
            if not values.get(part.title):
                draft.problems.append(self._finding(WARNING, "part_without_name", draft, next(iter(slots)), part))
                continue
            hanger = Hanger(part, anchor, values, slots)
            self._settle(hanger, draft, may_change)
            if check and hanger.action in ("created", "updated"):
                self._check(hanger, draft)
            draft.hangers.append(hanger)

    def _anchor(self, draft: Draft) -> Candidate | None:
        """The candidate whose record the row's parts hang on; None where the row stays out."""
        if draft.failed or not draft.candidates:
            return None
        first = draft.candidates[0]
        if first.action == "skipped":
            return first.above
        return first.onto or first

    def _settle(self, hanger: Hanger, draft: Draft, may_change: Any) -> None:
        row = hanger.anchor.row
        stored = row is not None and row.pk is not None and not row._state.adding
        mark = (row.pk if stored else id(hanger.anchor), hanger.part.name, match_key(hanger.title))
        if above := self._above.get(mark):
            self._merge(hanger, above)
            return
        known = self._stored.get(mark)
        if known is not None:
            self._update(hanger, known)
        elif self.mode == "update":
            hanger.action = "skipped"
            draft.problems.append(self._finding(WARNING, "part_missing", draft, self._slot(hanger), hanger.part))
        else:
            hanger.action = "created"
        if stored and hanger.action in ("created", "updated") and not may_change(row):
            draft.problems.append(self._finding(ERROR, "may_not_create", draft, self._slot(hanger), hanger.part))
        self._above[mark] = hanger

    def _merge(self, hanger: Hanger, above: Hanger) -> None:
        """A row below says more of the same part."""
        changes = {name: value for name, value in hanger.values.items() if above.values.get(name) != value}
        changes.pop(above.part.title, None)
        hanger.onto, hanger.row = above, above.row
        hanger.action = "unchanged"
        if not changes or above.action == "skipped":
            return
        above.values |= changes
        if above.row is not None:
            self._update(above, above.row)

    def _update(self, hanger: Hanger, known: Any) -> None:
        stored = {name: hanger.before.get(name, getattr(known, name)) for name in hanger.values}
        changes = {name: value for name, value in hanger.values.items() if stored[name] != value}
        changes.pop(hanger.part.title, None)
        hanger.row = known
        hanger.action = "updated" if changes and self.mode != "create" else "unchanged"
        hanger.changes = changes if hanger.action == "updated" else {}
        hanger.before = {name: stored[name] for name in hanger.changes}

    def _check(self, hanger: Hanger, draft: Draft) -> None:
        """Ask the model, so that the preview tells what the write will say; the link is made by the write."""
        part = hanger.part
        row = rowcheck.changed(hanger.row, hanger.changes) if hanger.row else part.model(**hanger.values)
        slots = {named: slot for slot, named in hanger.slots.items()}
        for name, messages in rowcheck.complaints(row).items():
            if name == part.link:
                continue
            slot = slots.get(name, self._slot(hanger))
            for message in messages:
                draft.problems.append(self._finding(ERROR, "invalid", draft, slot, part, reason=message))

    def _slot(self, hanger: Hanger) -> str:
        return next(slot for slot, named in hanger.slots.items() if named == hanger.part.title)

    def _finding(self, level: str, code: str, draft: Draft, slot: str, part: Part, **params: Any) -> Problem:
        text = str(draft.values.get(slot, ""))
        found = {"what": part.entity.label, **params}
        return Problem(level, code, draft.number, self.importer.headers.get(slot, ""), slot, text, found)

    # Writing ---------------------------------------------------------------------------------------------

    def write(self, work: Any, drafts: Sequence[Draft]) -> None:
        """Create and change what these rows' parts came to, inside a running work."""
        wanted = [each for each in hangers(drafts) if each.onto is None]
        for part in dict.fromkeys(each.part for each in wanted):
            mine = [each for each in wanted if each.part is part]
            new = [each for each in mine if each.action == "created"]
            if new:
                values = [{part.link: each.anchor.row, **each.values} for each in new]
                guard.check(f"{part.entity.name}.create", work=work, rows=[], values=values)
                for each, row in zip(new, work.create(part.model, values), strict=True):
                    each.row = row
            changed = {each.row.pk: each.row for each in mine if each.action == "updated"}
            for each in mine:
                if each.action == "updated":
                    for name, value in each.changes.items():
                        setattr(each.row, name, value)
            if changed:
                guard.check(f"{part.entity.name}.update", work=work, rows=list(changed.values()), values={})
                work.save(*changed.values())


def hangers(drafts: Iterable[Draft]) -> Iterator[Hanger]:
    """The parts of all rows that are imported."""
    for draft in drafts:
        if not draft.failed:
            yield from draft.hangers


def add_parts(counts: Mapping[str, Any], drafts: Iterable[Draft]) -> dict[str, dict[str, int]]:
    """{part: {created, updated, unchanged}} with these rows added."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, results in counts.items():
        found[name] = dict(results)
    for each in hangers(drafts):
        if each.action != "skipped":
            found[each.part.name][each.action] = found[each.part.name].get(each.action, 0) + 1
    return dict(found)
