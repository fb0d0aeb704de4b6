"""Which file belongs to which record: named in a column of the sheet, or lying in a folder named like the record."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from xiaoguan.apps.enclosures.archive import Archive
from xiaoguan.kit import access
from xiaoguan.lexicon.companies import match_key
from xiaoguan.lexicon.header_groups import names_files
from xiaoguan.tables.sheet import cell_text
from xiaoguan.transfer.batches import entity_of, session_of
from xiaoguan.transfer.models import Import

SEPARATORS = re.compile(r"[;；,，、|\n]+")
SHOWN = 200


def headers_of(batch: Import) -> list[str]:
    """The columns of the imported sheet."""
    return [each["header"] for each in batch.preview.get("columns", ())] or [
        column.name for column in session_of(batch).layout.columns
    ]


def guessed(headers: Iterable[str]) -> str:
    """The column that likely names files, or an empty text."""
    return next((header for header in headers if names_files(header)), "")


def plan(batch: Import, archive: Archive, column: str) -> tuple[list[list[Any]], dict[str, Any]]:
    """([[record, file]…], {unmatched, missing, refused}): nothing is left unsaid."""
    found = _by_column(batch, archive, column) if column else _by_folder(batch, archive)
    pairs, missing = found
    taken = {name for _record, name in pairs}
    unmatched = [name for name in archive.files if name not in taken]
    return pairs, {
        "unmatched": unmatched[:SHOWN],
        "unmatched_count": len(unmatched),
        "missing": missing[:SHOWN],
        "missing_count": len(missing),
        "refused": list(archive.refused.items())[:SHOWN],
        "refused_count": len(archive.refused),
    }


def _records(batch: Import) -> dict[int, int]:
    """Row of the sheet → record."""
    rows = batch.rows.filter(object_id__isnull=False).values_list("number", "object_id")
    return dict(rows)


def _by_column(batch: Import, archive: Archive, column: str) -> tuple[list[list[Any]], list[list[Any]]]:
    session, records = session_of(batch), _records(batch)
    index = next((each.index for each in session.layout.columns if each.name == column), None)
    known = _names(archive.files)
    pairs: dict[tuple[int, str], None] = {}
    missing: list[list[Any]] = []
    for row in session.layout.data(twins=True):
        if index is None or index >= len(row.cells) or row.number not in records:
            continue
        for text in SEPARATORS.split(cell_text(row.cells[index])):
            if not (wanted := text.strip()):
                continue
            if files := known.get(_folded(wanted)):
                pairs |= dict.fromkeys((records[row.number], name) for name in files)
            else:
                missing.append([row.number, wanted])
    return [list(pair) for pair in pairs], missing


def _names(files: Iterable[str]) -> Mapping[str, list[str]]:
    """Files by their whole path and by their bare name, and by both without the ending."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in files:
        bare = name.rpartition("/")[2]
        for spelling in {name, bare, bare.rpartition(".")[0] or bare}:
            found[_folded(spelling)].append(name)
    return found


def _folded(name: str) -> str:
    return name.strip().replace("\\", "/").casefold().removeprefix("./")


def _by_folder(batch: Import, archive: Archive) -> tuple[list[list[Any]], list[list[Any]]]:
    """Files whose folder, at any depth, is called like a record's key or title."""
    entity = entity_of(batch)
    names = [name for name in dict.fromkeys([*entity.names("key"), *entity.names("title")]) if "__" not in name]
    rows = access.visible(entity.model, batch.actor).filter(pk__in=set(_records(batch).values()))
    called: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for name in names:
            if key := match_key(str(getattr(row, name) or "")):
                called[key].add(row.pk)
    pairs = []
    for name in archive.files:
        folders = name.split("/")[:-1]
        found = next((called[key] for each in reversed(folders) if (key := match_key(each)) in called), set())
        if len(found) == 1:
            pairs.append([next(iter(found)), name])
    return pairs, []
