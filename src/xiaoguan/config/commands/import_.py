"""Bring a CSV or Excel file in: people, customers, products, deals, contracts, receipts or targets."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import yaml
from django.core.files import File
from django.utils import translation
from django.utils.translation import gettext as _

from xiaoguan.apps.org.models.person import Person
from xiaoguan.config import schema
from xiaoguan.config.naming import actor_named, entity_named
from xiaoguan.config.refused import Refused
from xiaoguan.kit import worker
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.tables.limits import TRUSTED
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.transfer import batches, report, running, saved, session
from xiaoguan.transfer.alike import WAYS
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import BadOptions, Options
from xiaoguan.transfer.problems import said
from xiaoguan.transfer.storing import Unstorable

WRONG_USAGE = 2
SHOWN = 20


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a .csv, .xlsx, .xls or .ods file")
    parser.add_argument("--as", dest="entity", required=True, metavar="ENTITY", help="deals, customers, people …")
    parser.add_argument(
        "--map", dest="map", type=Path, metavar="MAP.yaml", help="decisions: columns, mode, key, units …"
    )
    parser.add_argument("--recipe", default="", metavar="NAME", help="a recipe kept under this name, instead of --map")
    parser.add_argument("--write-map", type=Path, metavar="OUT.yaml", help="write the decisions taken as a map file")
    parser.add_argument(
        "--alike",
        choices=("warn", *WAYS),
        help="what becomes of rows that are only like an existing record: make a new one and warn (default), "
        "update that one, create without a warning, or skip",
    )
    parser.add_argument("--sheet", default="", help="the sheet of a workbook (default: the one that fits best)")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--by", metavar="USERNAME", help="who imports (default: the system, which may do everything)")
    parser.add_argument("--bad-rows", type=Path, metavar="OUT.xlsx", help="write the rows that were not imported here")
    parser.add_argument("--no-links", action="store_true", help="make no one-time links for imported people")


def run(options: Namespace) -> int:
    """Plan, or import through the same job as the wizard."""
    try:
        entity = entity_named(options.entity)
        decisions = read_decisions(options)
    except (LookupError, BadOptions, yaml.YAMLError) as problem:
        print(str(problem), file=sys.stderr)
        return WRONG_USAGE
    schema.upgrade()
    actor = actor_named(options.by)
    if options.recipe:
        decisions = _recipe(options, entity, actor)
    with translation.override(actor.language or None):
        try:
            return (
                _dry_run(options, entity, actor, decisions)
                if options.dry_run
                else _import(options, entity, actor, decisions)
            )
        except (Unreadable, BadOptions, Unstorable) as problem:
            raise Refused(said(problem)) from problem
        except Denied as problem:
            raise Refused(_("You may not import %(entity)s.") % {"entity": entity.plural}) from problem


def _recipe(options: Namespace, entity: Entity, actor: Person) -> Options:
    """The recipe of that name, one's own before a shared one."""
    rows = saved.usable(actor, entity).filter(name=options.recipe)
    found = sorted(rows, key=lambda row: row.owner_id != actor.pk)
    if not found:
        raise Refused(_("There is no recipe “%(name)s”.") % {"name": options.recipe})
    decisions = saved.options_of(found[0])
    decisions.sheet = options.sheet or decisions.sheet
    if options.alike:
        decisions.alike_all = "" if options.alike == "warn" else options.alike
    return decisions


def read_decisions(options: Namespace) -> Options:
    """The decisions of the map file with those of the command line; raises BadOptions or a YAML error."""
    data: Any = {}
    if options.map and options.recipe:
        raise BadOptions("--map and --recipe exclude each other")
    if options.map:
        if not options.map.is_file():
            raise BadOptions(f"{options.map} is not a file")
        data = yaml.safe_load(options.map.read_text(encoding="utf-8")) or {}
        if not isinstance(data, dict):
            raise BadOptions(f"{options.map} must hold names and values")
    if options.sheet:
        data["sheet"] = options.sheet
    if options.alike:
        data["alike_all"] = "" if options.alike == "warn" else options.alike
    return Options.from_json(data)


def _session(options: Namespace, entity: Entity, actor: Person, decisions: Options) -> session.Session:
    if not options.file.is_file():
        raise Refused(_("%(file)s is not a file.") % {"file": options.file})
    return session.prepare(lambda: options.file.open("rb"), options.file.name, entity, actor, decisions, limits=TRUSTED)


def _chosen(prepared: session.Session, decisions: Options) -> Options:
    """The decisions with every column as it was placed."""
    return Options.from_json({
        **decisions.to_json(),
        "columns": {each.header: each.slot for each in prepared.maps if each.reason != "period"},
        "sheet": prepared.layout.sheet.name if prepared.source.kind != "text" else "",
    })  # fmt: skip


def _write_map(options: Namespace, prepared: session.Session, chosen: Options) -> None:
    if options.write_map:
        text = saved.to_text(saved.lasting(chosen, sheets=len(prepared.source.sheets)))
        options.write_map.write_text(text, encoding="utf-8")


def _dry_run(options: Namespace, entity: Entity, actor: Person, decisions: Options) -> int:
    """Decide every row and write nothing."""
    prepared = _session(options, entity, actor, decisions)
    _write_map(options, prepared, _chosen(prepared, decisions))
    tally = prepared.plan(every=True, beat=_progress(prepared.rows))
    problems = tally.every or []
    if options.bad_rows:
        with options.bad_rows.open("wb") as out:
            report.write_bad_rows(prepared, problems, out)
    _say(options, prepared, report.as_json(tally.counts, problems, prepared.left_out), [])
    return 0


def _import(options: Namespace, entity: Entity, actor: Person, decisions: Options) -> int:
    """Store the file as the wizard does, run its job here, and report from what became of every row."""
    prepared = _session(options, entity, actor, decisions)
    chosen = _chosen(prepared, decisions)
    _write_map(options, prepared, chosen)
    with options.file.open("rb") as file:
        batch = batches.take(File(file), options.file.name, entity, actor, chosen.to_json())
    running.start(batch)
    _work_off(batch)
    if options.bad_rows:
        with options.bad_rows.open("wb") as out:
            report.write_bad_rows(prepared, report.problems_of(batch), out)
    handed = [] if options.no_links else prepared.importer.hand_out()
    _say(options, prepared, report.as_json(batch.counts, report.problems_of(batch), prepared.left_out), handed)
    return 0


def _work_off(batch: Import) -> None:
    """Run the job in this process, or wait while a worker of the same installation does."""
    show = _progress(0)
    while True:
        worker.work_once(names={"transfer.import"})
        batch.refresh_from_db()
        row = batch.job
        if row is None:
            raise Refused(_("The import was cleared away."))
        row.refresh_from_db()
        if row.state == row.State.DONE:
            return
        if row.state in (row.State.FAILED, row.State.CANCELLED):
            raise Refused(row.error or str(row.get_state_display()))
        show(batch.counts.get("rows", 0))
        time.sleep(0.2)


def _progress(total: int) -> Any:
    """A line on stderr that counts up, where somebody looks at it."""

    def show(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done:,} / {total:,}" if total else f"\r{done:,}", end="", file=sys.stderr, flush=True)

    return show


def _say(options: Namespace, prepared: session.Session, found: dict[str, Any], handed: list[dict[str, str]]) -> None:
    """One JSON object, or a few readable lines."""
    if options.json:
        print(json.dumps({**found, **({"links": handed} if handed else {})}, ensure_ascii=False, default=str))
        return
    counts = {name: found[name] for name in ("created", "updated", "unchanged", "skipped")}
    bad = len({entry["row"] for entry in found["errors"]})
    print(f"{options.file.name} → {prepared.importer.entity.plural}: {found['rows']} rows")
    print("  " + ", ".join(f"{name} {number}" for name, number in {**counts, "errors": bad}.items()))
    for each in prepared.maps:
        print(f"  {each.column.letter:>3}  {each.header} → {each.slot or '-'}")
    for kind in ("errors", "warnings"):
        for entry in found[kind][:SHOWN]:
            where = f"row {entry['row']}" if entry["row"] else "file"
            print(f"  {kind[:-1]}: {where} {entry['column']} {entry['text']} {entry['message']}")
        if len(found[kind]) > SHOWN:
            print(f"  … {len(found[kind]) - SHOWN} more {kind}")
    for each in handed:
        print("  " + "  ".join(each.values()))
