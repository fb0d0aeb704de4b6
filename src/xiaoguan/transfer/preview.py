"""The mapping page as values for its template: columns, findings, changes and samples in the reader's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _, ngettext

from xiaoguan.kit import kinds, render
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.lexicon.sheets import COMMON_UNITS
from xiaoguan.transfer import wording
from xiaoguan.transfer.batches import entity_of
from xiaoguan.transfer.decisions import words_asked
from xiaoguan.transfer.finder import Finder
from xiaoguan.transfer.importer import Importer, importer_of
from xiaoguan.transfer.links import creatable
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import NEVER, Options
from xiaoguan.transfer.report import stored_problem
from xiaoguan.transfer.slots import Slot

SAMPLE_COLUMNS = 6
FINDINGS = 60


@dataclass
class Choice:
    """One thing to choose from."""

    value: str
    label: str
    chosen: bool = False


@dataclass
class ColumnRow:
    """One column of the file: example, where it goes and why."""

    index: int
    header: str
    group: str
    example: str
    reason: str
    look: bool
    choices: list[Choice] = field(default_factory=list)
    units: list[Choice] = field(default_factory=list)
    orders: list[Choice] = field(default_factory=list)
    policies: list[Choice] = field(default_factory=list)
    slot: str = ""


@dataclass
class FindingRow:
    """One finding: where, what the file says, what is wrong, and the act that settles it."""

    index: int
    rows: str
    column: str
    text: str
    message: str
    level: str
    fix: str
    count: int


@dataclass
class Words:
    """A word of the file that is none of a list: which one is meant?"""

    slot: str
    label: str
    text: str
    count: int
    choices: list[Choice]


class Page:
    """Everything the mapping page shows for one import."""

    def __init__(self, batch: Import) -> None:
        self.batch = batch
        self.found: Mapping[str, Any] = batch.preview
        self.options = Options.from_json(batch.options)
        self.entity: Entity = entity_of(batch)
        self.importer: Importer = importer_of(self.entity)(self.entity, batch.actor, self.options, None)
        self.slots = self.importer.slots

    # The file ----------------------------------------------------------------------------------------------

    @property
    def fact(self) -> str:
        """File, sheet and header in one grey line."""
        parts = [self.batch.name]
        if self.found["sheet"]:
            parts.append(_("sheet “%(name)s”") % {"name": self.found["sheet"]})
        return " · ".join([*parts, wording.header_sentence(self.found)])

    @property
    def notices(self) -> list[str]:
        """What was noticed about the file as a whole."""
        found = [str(wording.NOTICES[code]) for code in self.found["notices"]]
        if besides := wording.layout_sentence(self.found["layout"]):
            found.append(_("Besides records: %(rows)s") % {"rows": besides})
        if self.found["filled_down"]:
            found.append(
                ngettext(
                    "%(count)s merged cell was filled down into all its rows.",
                    "%(count)s merged cells were filled down into all their rows.",
                    self.found["filled_down"],
                )
                % {"count": self.found["filled_down"]}
            )
        return found

    # Decisions ---------------------------------------------------------------------------------------------

    @property
    def columns(self) -> list[ColumnRow]:
        """The columns of the file in order; periods of a wide sheet are one row of their own."""
        return [self._column(each) for each in self.found["columns"] if each["reason"] != "period"]

    @property
    def periods(self) -> list[str]:
        """Headers of the period columns, which map themselves."""
        return [each["header"] for each in self.found["columns"] if each["reason"] == "period"]

    @property
    def placed(self) -> int:
        """How many columns go somewhere."""
        return sum(bool(each["slot"]) for each in self.found["columns"])

    def _column(self, each: Mapping[str, Any]) -> ColumnRow:
        slot = self.slots.get(each["slot"])
        reason, look = wording.reason_of(each, slot)
        row = ColumnRow(
            each["index"],
            each["header"],
            each["group"],
            "; ".join(each["examples"][:2]) or "—",
            reason,
            look,
            slot=each["slot"],
        )
        row.choices = [Choice("", _("Leave out"), not each["slot"])]
        row.choices += [
            Choice(name, str(choice.label) + (" *" if choice.required else ""), name == each["slot"])
            for name, choice in sorted(self.slots.items(), key=lambda pair: not pair[1].required)
            if choice.number <= self._groups
        ]
        if slot is not None and slot.is_amount:
            row.units = [Choice(unit, unit, unit == (each["unit"] or COMMON_UNITS[0])) for unit in COMMON_UNITS]
        if slot is not None and slot.is_date and each["order"] in ("dmy", "mdy"):
            labels = {"dmy": _("day / month / year"), "mdy": _("month / day / year")}
            row.orders = [Choice(order, label, order == each["order"]) for order, label in labels.items()]
        if slot is not None and slot.is_link:
            row.policies = self._policies(slot)
        return row

    @cached_property
    def _groups(self) -> int:
        """How many records beside the main one are offered: one more than the file has."""
        used = [self.slots[each["slot"]].number for each in self.found["columns"] if each["slot"] in self.slots
                and self.slots[each["slot"]].part]  # fmt: skip
        return max(used, default=0) + 1

    def _policies(self, slot: Slot) -> list[Choice]:
        chosen = self.found["policies"].get(slot.name, "blank")
        labels = {
            "create": _("Not found: create it"),
            "blank": _("Not found: leave it empty and say so"),
            "error": _("Not found: leave the row out"),
        }
        if slot.is_person:
            labels["blank"] = _("Nobody of that name: keep the name as text")
        if slot.model is None or not creatable(slot.model, self.batch.actor):
            labels.pop("create")
        if slot.required:
            labels.pop("blank")
        return [Choice(policy, label, policy == chosen) for policy, label in labels.items()]

    @property
    def modes(self) -> list[Choice]:
        """What happens when a record exists already."""
        labels = {"create": _("Only new"), "update": _("Only changes"), "both": _("Both")}
        return [Choice(mode, label, mode == self.options.mode) for mode, label in labels.items()]

    @property
    def keys(self) -> list[Choice]:
        """By what an existing record is recognised."""
        ways = [way for way in self.found["keys"] if all(name in self.slots for name in way.split("+"))]
        usual = " / ".join(self._way(way) for way in ways)
        found = [
            Choice("", _("as usual: %(ways)s") % {"ways": usual} if usual else _("as usual"), not self.options.key)
        ]
        first = self.options.key.partition("+")[0]
        single = [name for name in self.found.get("key_parts", []) if name in self.slots]
        found += [Choice(name, self._way(name), name == first) for name in single]
        if first not in ("", NEVER, *single):
            found.append(Choice(first, self._way(first), True))
        found.append(Choice(NEVER, _("never: every row is new"), self.options.key == NEVER))
        return found

    @property
    def key_parts(self) -> list[Choice]:
        """Fields that can recognise a record together with the chosen one."""
        if self.options.key in ("", NEVER):
            return []
        chosen = self.options.key.split("+")
        names = [name for name in self.found.get("key_parts", []) if name in self.slots and name != chosen[0]]
        return [Choice(name, str(self.slots[name].label), name in chosen[1:]) for name in names]

    @property
    def emptying(self) -> list[Choice]:
        """What an empty cell does to a record that exists."""
        labels = {"keep": _("keeps what is there"), "clear": _("clears it")}
        return [Choice(value, label, value == self.options.empty) for value, label in labels.items()]

    def _way(self, way: str) -> str:
        return " + ".join(str(self.slots[name].label) if name in self.slots else name for name in way.split("+"))

    @property
    def words(self) -> list[Words]:
        """Words that are none of a list, and those that were given a meaning here."""
        unplaced = self.found["unplaced"]
        return [
            Words(
                name, str(self.slots[name].label), text, unplaced.get(name, {}).get(text, 0), self._meanings(name, text)
            )
            for name, text in words_asked(self.batch)
        ]

    def _meanings(self, name: str, text: str) -> list[Choice]:
        slot = self.slots[name]
        decided = self.options.values.get(name, {}).get(text, {})
        if slot.kind is kinds.CHOICE:
            return [
                Choice(str(code), str(label), decided.get("text") == code) for code, label in slot.field.flatchoices
            ]
        if slot.model is None or not issubclass(slot.model, Coded):
            return []
        rows = Finder(slot.model, self.batch.actor).all()
        return [Choice(str(row.pk), str(row), str(decided.get("id")) == str(row.pk)) for row in rows]

    @property
    def twins(self) -> int:
        """Rows that repeat another one exactly."""
        return int(self.found["layout"].get("duplicate", 0))

    # Effects -----------------------------------------------------------------------------------------------

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """(code, label, number) of the five results."""
        return [(name, str(label), self.found["counts"][name]) for name, label in wording.RESULTS.items()]

    @property
    def importing(self) -> int:
        """How many rows will be written."""
        counts = self.found["counts"]
        return int(self.found.get("writes", counts["created"] + counts["updated"]))

    @property
    def errors(self) -> int:
        """How many rows will be left out for a problem."""
        return int(self.found["counts"]["errors"])

    @property
    def findings(self) -> list[FindingRow]:
        """What to look at, problems first."""
        return [self._finding(index, each) for index, each in enumerate(self.found["problems"][:FINDINGS])]

    def _finding(self, index: int, each: Mapping[str, Any]) -> FindingRow:
        problem = stored_problem(each["rows"][0], each)
        rows = render.listed(each["rows"][:3]) + ("…" if each["count"] > 3 else "")
        column = problem.column or (str(self.slots[problem.slot].label) if problem.slot in self.slots else "")
        fix = wording.fix_label(problem.fix) if problem.slot and problem.text else ""
        return FindingRow(
            index, rows, column or _("whole row"), problem.text, problem.message, problem.level, fix, each["count"]
        )

    @property
    def alike(self) -> list[dict[str, Any]]:
        """Rows that are like a stored record, each with what can be done and what was chosen."""
        return [
            {**each, "name": f"alike-{place}", "ways": self._alike_ways(each), "url": self._alike_url(each)}
            for place, each in enumerate(self.found.get("alike", []))
        ]

    def _alike_ways(self, each: Mapping[str, Any]) -> list[Choice]:
        decided = self.options.alike.get(each["text"], {})
        chosen = "update" if "id" in decided else decided.get("way", "")
        return [choice for choice in self.ways_alike(chosen) if choice.value != "update" or each["id"]]

    def ways_alike(self, chosen: str) -> list[Choice]:
        """What can become of such a row; nothing chosen is as for all."""
        labels = {
            "": _("as for all"),
            "update": _("update that one"),
            "create": _("make a new one"),
            "skip": _("leave the row out"),
        }
        return [Choice(way, label, way == chosen) for way, label in labels.items()]

    @property
    def alike_all(self) -> list[Choice]:
        """What becomes of all such rows without a choice of their own."""
        found = self.ways_alike(self.options.alike_all)
        found[0].label = _("make new ones and warn")
        return found

    def _alike_url(self, each: Mapping[str, Any]) -> str:
        return self.entity.url("detail", each["id"]) if each["id"] else ""

    @property
    def look_at(self) -> int:
        """How many findings there are in all."""
        return sum(self.found["totals"].values())

    @property
    def changes(self) -> str:
        """What updates will change, field by field."""
        parts = []
        for name, count in self.found["changes"].items():
            label = str(self.slots[name].label)
            delta = self.found["deltas"].get(name)
            if delta:
                sign = "+" if delta > 0 else "−"
                parts.append(
                    _("%(field)s %(count)s × (in all %(sum)s)")
                    % {"field": label, "count": count, "sum": sign + render.money_text(abs(delta))}
                )
            else:
                parts.append(_("%(field)s %(count)s ×") % {"field": label, "count": count})
        return _(", ").join(parts)

    @property
    def besides(self) -> list[str]:
        """What will be made along with the records."""
        found = []
        for slot, number in self.found["new_links"].items():
            model = self.slots[slot].model
            plural = str(model._meta.verbose_name_plural) if model else slot
            found.append(_("%(count)s new %(records)s") % {"count": number, "records": plural})
        for slot, made in self.found["more"].items():
            label = str(self.slots[slot].label) if slot in self.slots else slot
            names = render.listed(made["names"][:6])
            found.append(
                _("%(label)s, %(count)s new: %(names)s") % {"label": label, "count": made["count"], "names": names}
            )
        return found

    @property
    def parts(self) -> list[str]:
        """What becomes of the records beside the main ones."""
        return [self._part(name, results) for name, results in self.found["counts"].get("parts", {}).items()]

    def _part(self, name: str, results: Mapping[str, int]) -> str:
        """What becomes of the records beside the main ones: so many of each result, and the first new names."""
        said = wording.parts_said(type(self.importer), {"parts": {name: results}})
        names = self.found.get("beside", {}).get(name, [])
        if names:
            said.append(render.listed(names) + ("…" if results.get("created", 0) > len(names) else ""))
        return " · ".join(said)

    @property
    def diffs(self) -> list[dict[str, Any]]:
        """The first records that change: row, title, and each field with its old and its new value."""
        return [
            {**each, "fields": [self._diff(*field) for field in each["fields"] if field[0] in self.slots]}
            for each in self.found.get("diffs", [])
        ]

    def _diff(self, name: str, before: Any, after: Any) -> tuple[str, Any, Any]:
        slot = self.slots[name]
        return str(slot.label), plain(slot, before) or "—", plain(slot, after) or "—"

    @property
    def left_out(self) -> list[str]:
        """Named columns that are not imported."""
        return [each["header"] for each in self.found["columns"] if not each["slot"] and each["reason"] != "period"]

    @property
    def sample_slots(self) -> list[Slot]:
        """The columns of the sample table: what names the record first."""
        used = [name for name in self.slots if name in self.found["used"]]
        shown = {name for each in self.found["samples"] for name in each["values"]}
        titles = self.entity.names("title")
        beside = [name for name in used if self.slots[name].part]
        names = [
            name
            for name in (*titles, *beside[:2], *used, *sorted(shown - {"extra", "owner", "unit_id"}))
            if name in self.slots
        ]
        return [self.slots[name] for name in dict.fromkeys(names) if name in shown][:SAMPLE_COLUMNS]

    @property
    def samples(self) -> list[dict[str, Any]]:
        """The first rows as they will be."""
        return [
            {
                "row": each["row"],
                "result": each["result"],
                "label": wording.result_label(each["result"]),
                "tone": wording.TONES.get(each["result"], ""),
                "cells": [(self._cell(slot, each), slot.kind.align == "end") for slot in self.sample_slots],
            }
            for each in self.found["samples"]
        ]

    def _cell(self, slot: Slot, sample: Mapping[str, Any]) -> Any:
        now = plain(slot, sample["values"].get(slot.name))
        if slot.name not in sample["before"]:
            return now
        return format_html("<del>{}</del> <ins>{}</ins>", plain(slot, sample["before"][slot.name]) or "—", now)


def plain(slot: Slot, value: Any) -> Any:
    """A stored sample value as people read it."""
    if value in (None, ""):
        return ""
    if slot.kind is kinds.MONEY:
        return render.money_exact(value)
    if slot.kind is kinds.PERCENT:
        return render.share(value)
    if slot.kind is kinds.CHOICE:
        return next((str(label) for code, label in slot.field.flatchoices if str(code) == str(value)), value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def figures(slots: Sequence[Slot]) -> list[bool]:
    """Which columns are set to the right."""
    return [slot.kind.align == "end" for slot in slots]
