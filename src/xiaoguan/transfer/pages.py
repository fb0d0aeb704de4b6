"""The import wizard: choose a file, check its header, map and preview, import, result. Works without script."""

from __future__ import annotations

import io
import uuid
from itertools import islice
from typing import Any

import segno
from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.kit import access, clock
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.pages.answers import go
from xiaoguan.tables.encoding import ENCODINGS
from xiaoguan.tables.header import HEAD
from xiaoguan.tables.layout import choose_sheet, read_layout
from xiaoguan.tables.limits import MEGABYTE, Limits
from xiaoguan.tables.sheet import cell_text, column_letter
from xiaoguan.tables.source import Source, open_source
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.transfer import batches, decisions, foreseeing, report, results, running, saved, wording
from xiaoguan.transfer.finder import spellings
from xiaoguan.transfer.importer import Importer, importer_of, importers
from xiaoguan.transfer.mapping import known_word
from xiaoguan.transfer.models import Import, SavedRecipe
from xiaoguan.transfer.options import BadOptions, Options
from xiaoguan.transfer.preview import Page, figures
from xiaoguan.transfer.problems import said
from xiaoguan.transfer.storing import Unstorable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_ROWS, SHOWN_COLUMNS = 25, 12
RECENT = 8
COLUMNS = 24
"""So many columns are named before there is a file."""
State = Import.State


# 1 Choose a file -----------------------------------------------------------------------------------------------


def start(request: HttpRequest) -> HttpResponse:
    """Choose what to import and the file; a file that is none is refused here, with the reason."""
    entity = _entity_asked(request)
    problem = ""
    if request.method == "POST":
        answer = _take(request, entity)
        if isinstance(answer, HttpResponse):
            return answer
        problem = answer
    context = {
        "page_title": _("Import %(records)s") % {"records": entity.plural.lower()} if entity else _("Import a table"),
        "entity": entity,
        "offers": _offers(request.user),
        "recent": _recent(request.user),
        "problem": problem,
        "limit": Limits().max_bytes // MEGABYTE,
        "step": 1,
        "recipes": _recipes(request, entity),
        "chosen_recipe": request.POST.get("recipe") or request.GET.get("recipe") or "",
        "columns": _columns(request.user, entity) if entity else None,
        "by_hand": entity.url("new") if entity and access.may(request.user, "create", entity.model) else "",
    }
    return TemplateResponse(request, "transfer/start.html", context, status=422 if problem else 200)


def _entity_asked(request: HttpRequest) -> Entity | None:
    """The entity of `?as=` if the person may import it; strangers to it are told it isn't there."""
    slug = request.POST.get("as") or request.GET.get("as") or ""
    chosen = request.POST.get("recipe", "")
    if not slug and chosen.isdigit() and (recipe := saved.usable(request.user).filter(pk=chosen).first()):
        slug = entities[recipe.entity].slug
    if not slug:
        return None
    try:
        entity = Entity.by_slug(slug)
    except KeyError as error:
        raise Http404 from error
    if not access.may(request.user, "import", entity.model):
        raise Denied("import", entity.model)
    return entity


def _offers(actor: Any) -> list[tuple[Entity, bool]]:
    """What the person may import; True for what people import every day."""
    importer_of(next(iter(entities.values())))  # makes sure that the apps have told what they import
    found = [each for each in entities.values() if each.names("form") and access.may(actor, "import", each.model)]
    daily = [
        each for each in found if each.name in importers or each.name in spellings or each.nav not in ("", "settings")
    ]
    return [(each, True) for each in daily] + [(each, False) for each in found if each not in daily]


def _columns(actor: Any, entity: Entity) -> dict[str, list[str]]:
    """What a file may hold: the columns a new record needs, and the others there are places for."""
    importer = importer_of(entity)(entity, actor, Options(), None)
    needed = importer.needed()
    known = {name: capfirst(str(slot.label)) for name, slot in importer.slots.items() if not slot.part}
    more = [label for name, label in known.items() if name not in needed]
    return {"needed": [known[name] for name in needed if name in known], "more": more[:COLUMNS]}


def _recipes(request: HttpRequest, entity: Entity | None) -> list[tuple[SavedRecipe, str]]:
    """The recipes to choose from, each with what it is for."""
    return [(row, "" if entity else entities[row.entity].plural) for row in saved.usable(request.user, entity)]


def _recent(actor: Any) -> list[dict[str, Any]]:
    rows = Import.objects.filter(actor=actor).order_by("-created_at")[:RECENT]
    return [
        {"batch": row, "entity": entities[row.entity].plural, "url": _where(row)}
        for row in rows
        if row.entity in entities
    ]


def _take(request: HttpRequest, entity: Entity | None) -> HttpResponse | str:
    """Store the uploaded file and go on, or say what is wrong with it."""
    upload = request.FILES.get("file")
    if entity is None:
        return _("Choose what the file holds.")
    if upload is None:
        return _("Choose a file.")
    chosen = request.POST.get("recipe", "")
    recipe = saved.usable(request.user, entity).filter(pk=chosen).first() if chosen.isdigit() else None
    options = saved.options_of(recipe) if recipe else Options()
    try:
        batch = batches.take(upload, upload.name or "file", entity, request.user, options.to_json(), recipe=recipe)
    except Unstorable as problem:
        return str(problem)
    try:
        source = open_source(lambda: batches.open_file(batch), batch.name)
        simple = _is_simple(source, entity)
    except Unreadable as problem:
        batches.drop(batch)
        return said(problem)
    return go(request, reverse("import:map" if simple else "import:header", args=[batch.pk]))


def _is_simple(source: Source, entity: Entity) -> bool:
    """One sheet with the header in its first row needs no look at the header page."""
    known = known_word(entity.slug)
    sheet = choose_sheet(source.sheets, known)
    head = _head(sheet, known, None)
    return len(source.sheets) == 1 and head["header"] == [1] and not source.notices


# 2 Check the header --------------------------------------------------------------------------------------------


def header(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the first rows with what each of them is, and let sheet, encoding and header be chosen."""
    batch = _batch(request, pk)
    if request.method == "POST":
        _decide(batch, decisions.from_header(batch, request.POST))
        if "look" not in request.POST:
            return go(request, reverse("import:map", args=[batch.pk]))
    options = Options.from_json(batch.options)
    entity = batches.entity_of(batch)
    context = _frame(batch, entity, 2) | {"encodings": ENCODINGS, "options": options, "letters": []}
    try:
        source = open_source(lambda: batches.open_file(batch), batch.name, encoding=options.encoding)
        known = known_word(entity.slug)
        sheet = source.sheet(options.sheet) if options.sheet else choose_sheet(source.sheets, known)
        head = _head(sheet, known, options.header)
    except Unreadable as problem:
        return TemplateResponse(request, "transfer/header.html", context | {"problem": said(problem)}, status=422)
    context |= {
        "source": source,
        "sheet": sheet.name if source.kind != "text" else "",
        "head": head,
        "letters": [column_letter(index) for index in range(min(sheet.width, SHOWN_COLUMNS))],
        "notices": [str(wording.NOTICES[code]) for code in source.notices],
    }
    return TemplateResponse(request, "transfer/header.html", context)


def _head(sheet: Any, known: Any, chosen: list[int] | None) -> dict[str, Any]:
    """The first rows, classified; the rest of the sheet is not read."""
    layout = read_layout(_Beginning(sheet), known, chosen)
    rows = []
    for row, kind in islice(layout.rows(), SHOWN_ROWS):
        name = kind.name.lower()
        cells = [cell_text(cell)[:40] for cell in row.cells[:SHOWN_COLUMNS]]
        rows.append({"number": row.number, "kind": name, "label": str(wording.LAYOUT[name]), "cells": cells})
    return {"rows": rows, "header": list(layout.header.rows), "wider": max(0, sheet.width - SHOWN_COLUMNS)}


class _Beginning:
    """The first rows of a sheet as a sheet."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheet, name)

    def rows(self) -> Any:
        """No more than may hold a header."""
        return islice(self._sheet.rows(), HEAD)


# 3 Map and preview ---------------------------------------------------------------------------------------------


def mapping(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Decisions on the left, what they would do on the right."""
    batch = _batch(request, pk)
    if batch.state in (State.RUNNING, State.DONE, State.REVERTED):
        return go(request, _where(batch))
    if request.method == "POST":
        _read_mapping(batch, request)
    return _mapping_page(request, batch)


def _read_mapping(batch: Import, request: HttpRequest) -> None:
    if batch.preview:
        try:
            _decide(batch, decisions.from_mapping(batch, request.POST))
        except BadOptions as problem:
            raise BadRequest(str(problem)) from problem


def _mapping_page(request: HttpRequest, batch: Import, *, changed: bool = False) -> HttpResponse:
    entity = batches.entity_of(batch)
    context = _frame(batch, entity, 3)
    template = "transfer/halves.html" if request.htmx else "transfer/mapping.html"
    try:
        ready = foreseeing.ensure(batch)
    except Unreadable as problem:
        return TemplateResponse(request, template, context | {"problem": said(problem)}, status=422)
    row = batch.job
    if not ready and row is not None and row.state == row.State.FAILED:
        context["problem"] = row.error
    page = Page(batch) if batch.preview and (ready or not request.htmx) else None
    context |= {"ready": ready, "page": page, "job": row, "changed": changed, "mark": batch.preview.get("mark", "")}
    if page is not None:
        context["page_fact"] = page.fact
        context["recipe"] = batch.recipe
        context["sample_heads"] = list(zip(page.sample_slots, figures(page.sample_slots), strict=True))
    return TemplateResponse(request, template, context)


# 4 Import and result -------------------------------------------------------------------------------------------


def run(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Start the import as previewed; decisions changed since are previewed first."""
    batch = _batch(request, pk)
    if batch.state in (State.CHOSEN, State.PLANNING, State.PLANNED):
        _read_mapping(batch, request)
        if not foreseeing.is_current(batch):
            return _mapping_page(request, batch, changed=True)
        _decide(batch, decisions.as_previewed(batch))
        running.start(batch)
    return go(request, reverse("import:show", args=[batch.pk]))


def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Progress while it runs, the result afterwards."""
    batch = _batch(request, pk)
    if batch.state in (State.CHOSEN, State.PLANNING, State.PLANNED):
        return go(request, reverse("import:map", args=[batch.pk]))
    entity = batches.entity_of(batch)
    context = _frame(batch, entity, 4) | _result(batch)
    context["offers"] = [html for offer in results.offers if (html := offer(request, batch))]
    context["next"] = results.next_step(request, batch)
    template = "transfer/progress.html" if request.htmx else "transfer/show.html"
    return TemplateResponse(request, template, context)


def _result(batch: Import) -> dict[str, Any]:
    row = batch.job
    counts = batch.counts or {}
    total = (row.total if row else 0) or counts.get("rows", 0)
    errors = [problem for problem in islice(report.problems_of(batch), 400) if problem.level == "error"]
    hands_out = importer_of(batches.entity_of(batch)).hand_out is not Importer.hand_out
    return {
        "job": row,
        "failed": row is not None and row.state in (row.State.FAILED, row.State.CANCELLED),
        "done": batch.state in (State.DONE, State.REVERTED),
        "reverted": batch.state == State.REVERTED,
        "reverting": (batch.preview or {}).get("reverting"),
        "counts": [(name, str(label), counts.get(name, 0)) for name, label in wording.RESULTS.items()],
        "rows": counts.get("rows", 0),
        "parts": wording.parts_said(importer_of(batches.entity_of(batch)), counts),
        "total": total,
        "percent": min(100, 100 * counts.get("rows", 0) // total) if total else 0,
        "errors": errors[:20],
        "error_count": counts.get("errors", 0),
        "kept": (batch.preview or {}).get("kept", []),
        "hands_out": hands_out,
    }


def bad_rows(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The rows that were not, or would not be, imported: original columns and the reason."""
    batch = _batch(request, pk)
    try:
        session = batches.session_of(batch)
        if batch.state in (State.RUNNING, State.DONE, State.REVERTED):
            problems = list(report.problems_of(batch))
        else:
            problems = session.plan(every=True).every or []
        out = io.BytesIO()
        report.write_bad_rows(session, problems, out)
    except Unreadable as problem:
        raise Http404(said(problem)) from problem
    out.seek(0)
    name = batch.name.rpartition(".")[0] or batch.name
    return FileResponse(
        out, as_attachment=True, filename=_("%(file)s - problems") % {"file": name} + ".xlsx", content_type=XLSX
    )


def hand_out(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What people need after the import, to print; made anew, shown once."""
    batch = _batch(request, pk)
    entity = batches.entity_of(batch)
    importer = importer_of(entity)(entity, request.user, Options(), None)
    importer.check_allowed()
    handed = [
        {**each, "code": SafeString(segno.make(each["link"], error="m").svg_inline(scale=2))}
        for each in importer.hand_out(request.build_absolute_uri("/").rstrip("/"))
    ]
    context = {"page_title": _("One-time links"), "handed": handed, "back": reverse("import:show", args=[batch.pk])}
    return TemplateResponse(request, "transfer/hand_out.html", context)


# Shared --------------------------------------------------------------------------------------------------------


def _batch(request: HttpRequest, pk: uuid.UUID) -> Import:
    """The person's own import, still allowed; nobody else's is there at all."""
    batch = Import.objects.select_related("actor", "job", "recipe").filter(pk=pk, actor=request.user).first()
    if batch is None or batch.entity not in entities:
        raise Http404
    if not access.may(request.user, "import", batches.entity_of(batch).model):
        raise Denied("import", batches.entity_of(batch).model)
    return batch


def _decide(batch: Import, options: Options) -> None:
    """Store decisions; a preview that no longer fits them is made again when it is asked for."""
    batch.options = options.to_json()
    Import.objects.filter(pk=batch.pk).update(options=batch.options)


def _where(batch: Import) -> str:
    """The page an import stands at."""
    started = batch.state in (State.RUNNING, State.DONE, State.REVERTED)
    return reverse("import:show" if started else "import:map", args=[batch.pk])


def _frame(batch: Import, entity: Entity, step: int) -> dict[str, Any]:
    """What every step's page needs."""
    return {
        "batch": batch,
        "entity": entity,
        "page_title": _("Import %(records)s") % {"records": entity.plural.lower()},
        "page_fact": batch.name,
        "records": capfirst(entity.plural),
        "step": step,
        "today": clock.today(),
    }
