"""The preview of an import as stored: made at once for small files, by a job for large ones, shown from JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import job
from xiaoguan.kit.errors import Denied
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.transfer import recipe
from xiaoguan.transfer.batches import entity_of, session_of
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import Options
from xiaoguan.transfer.problems import said
from xiaoguan.transfer.session import Session
from xiaoguan.transfer.tally import Tally

AT_ONCE = 600_000
"""Bytes up to which a text file is checked while the page waits; a packed workbook counts five times."""


def mark_of(options: dict[str, Any]) -> str:
    """A short hash of decisions: a preview is good for the ones it was made with."""
    return hashlib.sha256(json.dumps(options, sort_keys=True, default=str).encode()).hexdigest()[:16]


def is_current(batch: Import) -> bool:
    """Whether the stored preview belongs to the stored decisions."""
    return bool(batch.preview) and batch.preview.get("mark") == mark_of(batch.options)


def is_small(batch: Import) -> bool:
    """Whether the preview may be made while somebody waits for the page."""
    packed = 5 if not batch.name.lower().endswith((".csv", ".txt", ".tsv")) else 1
    return batch.file.size * packed <= AT_ONCE


def ensure(batch: Import) -> bool:
    """Make the preview now or ask for it; False while it is being made. Raises Unreadable or Denied."""
    if is_current(batch):
        return True
    if is_small(batch):
        make(batch)
        return True
    row = job.enqueue(
        "transfer.import.plan", {"batch": str(batch.pk)}, actor=batch.actor, key=str(batch.pk), again=True
    )
    Import.objects.filter(pk=batch.pk).update(state=Import.State.PLANNING, job=row)
    batch.refresh_from_db()
    return False


def make(batch: Import, run: job.Run | None = None) -> None:
    """Plan the file and store what was found."""
    session = _session(batch)
    mark = mark_of(batch.options)

    def beat(done: int) -> None:
        if run is not None:
            with run.chunk(done=done - run.progress):
                pass

    if run is not None:
        run.expect(session.rows)
    tally = session.plan(beat=beat)
    found = {"mark": mark, **_about_file(session), **_about_columns(session), **tally.to_json(), **_about(tally)}
    Import.objects.filter(pk=batch.pk).update(preview=found, state=Import.State.PLANNED, options=batch.options)
    batch.refresh_from_db()


def _session(batch: Import) -> Session:
    """The prepared file; on the first look the decisions of last time are taken over."""
    session = session_of(batch, use_recipe=True)
    if not batch.preview and not batch.options.get("columns"):
        found = recipe.find(entity_of(batch), session.layout)
        if found is not None:
            batch.options = recipe.apply_lasting(Options.from_json(batch.options), found).to_json()
            return session_of(batch, use_recipe=True)
    return session


def _about_file(session: Session) -> dict[str, Any]:
    source, layout = session.source, session.layout
    return {
        "kind": source.kind,
        "encoding": source.encoding,
        "notices": source.notices,
        "sheet": layout.sheet.name if source.kind != "text" else "",
        "sheets": [sheet.name for sheet in source.sheets] if source.kind != "text" else [],
        "header": list(layout.header.rows),
        "layout": {kind.name.lower(): number for kind, number in layout.counts.items()},
        "unit": layout.unit,
        "title": layout.title,
        "filled_down": layout.filled_down,
        "rows": session.rows,
    }


def _about_columns(session: Session) -> dict[str, Any]:
    kept = ("index", "header", "slot", "reason", "unit", "order", "order_sure", "styles", "filled", "examples")
    return {
        "columns": [
            {"group": each.column.group} | {name: getattr(each, name) for name in kept} for each in session.maps
        ],
        "policies": {slot: linker.policy for slot, linker in session.planner.linkers.items()},
    }


def _about(tally: Tally) -> dict[str, Any]:
    return {
        "keys": ["+".join(way) for way in tally.importer.usual_ways()],
        "key_parts": [name for name in tally.importer.headers if tally.importer.can_be_key(name)],
        "used": sorted(tally.importer.used),
        "listed": [name for name in sorted(tally.importer.used) if tally.importer.slots[name].is_listed],
    }


@job.job("transfer.import.plan", label=_("Check a file before importing it"))
def plan(run: job.Run) -> dict[str, Any]:
    """Make the preview of a large file."""
    batch = Import.objects.select_related("actor").get(pk=run.payload["batch"])
    if is_current(batch):
        return {}
    try:
        make(batch, run)
    except (Unreadable, Denied) as problem:
        raise job.Fail(said(problem)) from problem
    return dict(batch.preview["counts"])
