"""Counting what rows come to, for the preview, the running import and the final report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xiaoguan.kit import kinds
from xiaoguan.tables.sheet import cell_text
from xiaoguan.transfer.hanging import add_parts, hangers
from xiaoguan.transfer.importer import Candidate, Draft, Importer
from xiaoguan.transfer.links import Pending
from xiaoguan.transfer.problems import ERROR, SKIPPED, WARNING, Problem

RESULTS = ("created", "updated", "unchanged", "skipped", "errors")
LEVELS = (ERROR, WARNING, SKIPPED)
GROUPS, ROWS_SHOWN = 300, 5
SAMPLES = 4
ALIKE = 300
"""How many rows that are like a stored record are listed to be decided."""
DIFFS = 60
"""How many changed records the preview shows field by field."""


def empty_counts() -> dict[str, int]:
    """Counts before the first row."""
    return dict.fromkeys(("rows", *RESULTS), 0)


def add_counts(counts: dict[str, Any], drafts: Iterable[Draft]) -> dict[str, Any]:
    """Counts with these rows added; every row is one of the five results, parts are counted by themselves."""
    total: dict[str, Any] = dict(counts)
    drafts = list(drafts)
    for draft in drafts:
        total["rows"] += 1
        total["errors" if draft.result == "error" else draft.result] += 1
    assert_complete(total)
    if parts := add_parts(total.get("parts", {}), drafts):
        total["parts"] = parts
    return total


def assert_complete(counts: dict[str, int]) -> None:
    """Nothing is lost: the five results add up to the rows read."""
    found = sum(counts[name] for name in RESULTS)
    if found != counts["rows"]:
        raise AssertionError(f"{counts['rows']} rows were read but {found} are accounted for: {counts}")


@dataclass
class Finding:
    """The same finding about the same text, however many rows it is in."""

    first: Problem
    rows: list[int] = field(default_factory=list)
    count: int = 0

    def stored(self) -> dict[str, Any]:
        """Plain values for the preview."""
        return {**self.first.stored(), "rows": self.rows, "count": self.count}


class Tally:
    """What a plan or an import came to so far; `every` keeps each single finding for the command line."""

    def __init__(self, importer: Importer, *, every: bool = False) -> None:
        self.importer = importer
        self.counts = empty_counts()
        self.every: list[Problem] | None = [] if every else None
        self.groups: dict[tuple[str, str, str, str], Finding] = {}
        self.totals: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.changes: Counter[str] = Counter()
        self.deltas: Counter[str] = Counter()
        self.new_links: dict[str, set[str]] = defaultdict(set)
        self.unplaced: dict[str, Counter[str]] = defaultdict(Counter)
        self.samples: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.more: dict[str, list[str]] = {}
        self.beside: dict[str, list[str]] = defaultdict(list)
        self.diffs: list[dict[str, Any]] = []
        self.alike: list[dict[str, Any]] = []
        self.all_alike = 0
        self.writes = 0

    def add(self, drafts: Sequence[Draft]) -> None:
        """Take the decided rows of a chunk into account."""
        self.counts = add_counts(self.counts, drafts)
        for draft in drafts:
            for problem in draft.problems:
                self._note(problem)
            if draft.failed:
                continue
            self.writes += draft.writes
            for candidate in draft.candidates:
                self._count_changes(candidate)
                if candidate.alike is not None:
                    self.all_alike += 1
                    if len(self.alike) < ALIKE:
                        self.alike.append(_alike(candidate, self.importer))
            for hanger in hangers([draft]):
                if hanger.action == "created" and len(self.beside[hanger.part.name]) < SAMPLES:
                    self.beside[hanger.part.name].append(hanger.title)
            if len(self.diffs) < DIFFS:
                self.diffs += _diffs(draft)
            if draft.candidates and len(self.samples[draft.result]) < SAMPLES:
                self.samples[draft.result].append(_sample(draft))

    def _note(self, problem: Problem) -> None:
        self.totals[problem.level] += 1
        self.codes[f"{problem.level}:{problem.code}"] += 1
        if self.every is not None:
            self.every.append(problem)
        mark = (problem.level, problem.code, problem.column, problem.text)
        if mark in self.groups or len(self.groups) < GROUPS:
            group = self.groups.setdefault(mark, Finding(problem))
            group.count += 1
            if len(group.rows) < ROWS_SHOWN:
                group.rows.append(problem.row)
        slot = self.importer.slots.get(problem.slot)
        if (
            slot is not None
            and slot.is_listed
            and problem.text
            and problem.code in ("not_a_choice", "not_found", "not_found_like")
        ):
            self.unplaced[problem.slot][problem.text] += 1

    def _count_changes(self, candidate: Candidate) -> None:
        for name, value in candidate.changes.items():
            self.changes[name] += 1
            if self.importer.slots[name].kind is kinds.MONEY:
                self.deltas[name] += (value or 0) - (candidate.before.get(name) or 0)
        if candidate.action in ("created", "updated"):
            for name, value in candidate.values.items():
                if isinstance(value, Pending):
                    self.new_links[name].add(value.name)

    def to_json(self) -> dict[str, Any]:
        """Everything the preview page shows, as plain values."""
        return {
            "counts": self.counts,
            "problems": [
                group.stored() for level in LEVELS for group in self.groups.values() if group.first.level == level
            ],
            "more": {kind: {"count": len(names), "names": names[:20]} for kind, names in self.more.items() if names},
            "beside": dict(self.beside),
            "diffs": self.diffs,
            "alike": self.alike,
            "all_alike": self.all_alike,
            "writes": self.writes,
            "totals": dict(self.totals),
            "codes": dict(self.codes),
            "changes": dict(self.changes),
            "deltas": dict(self.deltas),
            "new_links": {slot: len(names) for slot, names in self.new_links.items()},
            "unplaced": {slot: dict(words.most_common(20)) for slot, words in self.unplaced.items()},
            "samples": [each for result in ("created", "updated", "unchanged") for each in self.samples[result]],
        }


def _sample(draft: Draft) -> dict[str, Any]:
    """One row as it will look: shown texts, and the old ones where they change."""
    candidate = draft.candidates[0]
    beside = {slot: draft.values[slot] for each in draft.hangers for slot in each.slots if slot in draft.values}
    return {
        "row": draft.number,
        "result": draft.result,
        "values": {name: shown(value) for name, value in (candidate.values | beside).items() if name != "extra"},
        "before": {name: shown(value) for name, value in candidate.before.items()},
    }


def _alike(candidate: Candidate, importer: Importer) -> dict[str, Any]:
    """A row that is like a stored record, and which; nothing of one that the importing person may not see."""
    assert candidate.alike is not None
    title, found = importer.entity.names("title")[0], candidate.alike
    text = candidate.draft.values.get(title, candidate.values.get(title, ""))
    return {
        "row": candidate.draft.number,
        "text": str(text),
        "id": getattr(found.row, "pk", None),
        "title": "" if found.row is None else str(found.row),
        "note": found.note,
        "why": found.why,
        "sure": found.sure,
    }


def _diffs(draft: Draft) -> list[dict[str, Any]]:
    """What changes in existing records because of this row, field by field: slot, before, after."""
    found = []
    for each in draft.candidates:
        if each.action == "updated":
            fields = [[name, shown(each.before[name]), shown(value)] for name, value in each.changes.items()]
            found.append({"row": draft.number, "title": str(each.row), "fields": fields})
    for hanger in hangers([draft]):
        if hanger.action == "updated":
            slots = {named: slot for slot, named in hanger.slots.items()}
            fields = [[slots[name], shown(hanger.before[name]), shown(to)] for name, to in hanger.changes.items()]
            found.append({"row": draft.number, "title": hanger.title, "fields": fields})
    return found


def shown(value: Any) -> Any:
    """A value for the preview: numbers stay numbers (fen), links become names, dates ISO texts."""
    if value is None or isinstance(value, int | str):
        return value
    if isinstance(value, Pending):
        return value.name
    return cell_text(value) if not hasattr(value, "pk") else str(value)
