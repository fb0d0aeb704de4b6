"""Reading what somebody decided on the wizard's pages into options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from xiaoguan.lexicon.sheets import COMMON_UNITS
from xiaoguan.transfer.alike import CREATE, SKIP, UPDATE
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import NEVER, Options


def from_mapping(batch: Import, data: QueryDict) -> Options:
    """The mapping form over the stored options; raises BadOptions for values no control offers."""
    found = batch.options
    changed: dict[str, Any] = {**found}
    headers = {str(each["index"]): each for each in batch.preview["columns"]}
    columns = {
        each["header"]: data[f"col-{index}"]
        for index, each in headers.items()
        if data.get(f"col-{index}", each["slot"]) != each["slot"]
    }
    changed["columns"] = {**found.get("columns", {}), **columns}
    # Only what differs from what the page showed is a decision; the rest may be guessed again around it.
    for part, name, otherwise in (("unit", "units", COMMON_UNITS[0]), ("order", "orders", "")):
        values = {
            each["header"]: data[f"{part}-{index}"]
            for index, each in headers.items()
            if data.get(f"{part}-{index}") and data[f"{part}-{index}"] != (each[part] or otherwise)
        }
        changed[name] = {**found.get(name, {}), **values}
    changed["relations"] = {
        **found.get("relations", {}),
        **{
            name.removeprefix("rel-"): value
            for name, value in data.items()
            if name.startswith("rel-") and value and value != batch.preview["policies"].get(name.removeprefix("rel-"))
        },
    }
    for name in ("mode", "key", "empty"):
        if name in data:
            changed[name] = data[name]
    if changed.get("key", "") not in ("", NEVER) and changed["key"] == found.get("key", "").partition("+")[0]:
        changed["key"] = "+".join([changed["key"], *data.getlist("keypart")])
    if "boxes" in data:  # an unticked box sends nothing: this says that the boxes were on the page
        changed["twins"] = "twins" in data
        changed["guessed_rows"] = "guessed_rows" in data
    if data.get("year", "").isdecimal():
        changed["year"] = int(data["year"])
    changed["more"] = {
        **found.get("more", {}),
        **{name.removeprefix("more-"): value for name, value in data.items() if name.startswith("more-")},
    }
    changed["alike"] = _alike(batch, data, found.get("alike", {}))
    if "alike-all" in data:
        changed["alike_all"] = data["alike-all"]
    changed["values"] = _values(batch, data, found.get("values", {}))
    return Options.from_json(changed)


def _alike(batch: Import, data: QueryDict, known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What becomes of rows that are like a stored record, by what they call it."""
    found = dict(known)
    for place, each in enumerate(batch.preview.get("alike", [])):
        way = data.get(f"alike-{place}")
        if way is None or data.get("mark") != batch.preview["mark"]:
            continue
        found.pop(each["text"], None)
        if way == UPDATE and each["id"]:
            found[each["text"]] = {"id": each["id"]}
        elif way in (CREATE, SKIP):
            found[each["text"]] = {"way": way}
    return found


def _values(batch: Import, data: QueryDict, known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Meanings of words: chips chosen for them, and the one-click fix of a finding."""
    values = {slot: dict(words) for slot, words in known.items()}
    for place, (slot, text) in enumerate(words_asked(batch)):
        chosen = data.get(f"word-{place}", "")
        if chosen:
            by_id = any(each["slot"] == slot and slot in batch.preview["policies"] for each in batch.preview["columns"])
            values.setdefault(slot, {})[text] = (
                {"id": int(chosen)} if by_id and chosen.isdecimal() else {"text": chosen}
            )
    fix = data.get("fix", "")
    problems = batch.preview["problems"]
    if fix.isdecimal() and int(fix) < len(problems) and data.get("mark") == batch.preview["mark"]:
        problem = problems[int(fix)]
        if problem["slot"] and problem["fix"]:
            decision = {key: value for key, value in problem["fix"].items() if key != "label"}
            values.setdefault(problem["slot"], {})[problem["text"]] = decision
    return values


def words_asked(batch: Import) -> list[tuple[str, str]]:
    """(slot, word) in the order of the page: those without a meaning, then those that were given one."""
    found = [(slot, text) for slot, words in batch.preview["unplaced"].items() for text in words]
    for slot in batch.preview["listed"]:
        for text, meaning in batch.options.get("values", {}).get(slot, {}).items():
            if not meaning.get("blank") and (slot, text) not in found:
                found.append((slot, text))
    return found


def from_header(batch: Import, data: QueryDict) -> Options:
    """The header page: sheet, encoding and header rows; another sheet starts from its own guesses."""
    changed: dict[str, Any] = {**batch.options}
    sheet, encoding = data.get("sheet", ""), data.get("encoding", "")
    if sheet != changed.get("sheet", "") or encoding != changed.get("encoding", ""):
        changed |= {"columns": {}, "units": {}, "orders": {}, "header": None}
    changed |= {"sheet": sheet, "encoding": encoding}
    rows = [int(number) for number in data.getlist("header") if number.isdecimal()]
    if "no_header" in data:
        changed["header"] = []
    elif rows and data.get("shown") == f"{sheet}|{encoding}":
        changed["header"] = rows
    if changed["header"] != batch.options.get("header"):
        changed["columns"] = {}
    return Options.from_json(changed)


def as_previewed(batch: Import) -> Options:
    """The decisions with every column and sheet fixed as the preview showed them, for the run itself."""
    columns = {each["header"]: each["slot"] for each in batch.preview["columns"] if each["reason"] != "period"}
    return Options.from_json({**batch.options, "columns": columns, "sheet": batch.preview["sheet"]})
