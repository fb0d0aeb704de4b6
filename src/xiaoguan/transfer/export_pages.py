"""My exports: how far each is, the link to its file for a week, and the file itself."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.kit import access, clock, export, nav, reads, toasts
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied, Refusal, WayOut
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.pages import jobs
from xiaoguan.transfer import outgoing
from xiaoguan.transfer.models import Export

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MEGABYTE = 1 << 20


def later(request: HttpRequest, listing: Listing, form: str) -> HttpResponse:
    """Answer for a list too large to be sent at once: it is written by a job, and found under my exports."""
    outgoing.start(listing, form)
    count = listing.totals.count
    told = ngettext("%(count)s row is being written", "%(count)s rows are being written", count)
    toasts.tell(request, told % {"count": f"{count:,}"})
    return redirect("exports:list")


def exports(request: HttpRequest) -> HttpResponse:
    """The person's own exports, the newest first."""
    rows = Export.objects.filter(actor=request.user).select_related("actor", "job").order_by("-created_at")[:50]
    context = {
        "page_title": _("My exports"),
        "page_fact": _("Files are kept for %(days)s days") % {"days": outgoing.KEPT.days},
        "rows": [_facts(row, request.user) for row in rows],
    }
    return TemplateResponse(request, "transfer/exports.html", context)


def part(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One export as the list shows it, asked for again and again while it is being written."""
    row = _mine(request, pk)
    if not request.htmx:
        return redirect("exports:list")
    return TemplateResponse(request, "transfer/export.html", {"each": _facts(row, request.user)})


def _facts(row: Export, actor: Any) -> dict[str, Any]:
    """What the list shows of one export."""
    there = outgoing.is_there(row)
    running = row.state == Export.State.WAITING and row.job is not None and row.job.active
    stopped = row.state != Export.State.DONE and row.job is not None and row.job.state == Job.State.CANCELLED
    return {
        "row": row,
        "entity": entities[row.entity].plural if row.entity in entities else row.entity,
        "running": running,
        "there": there,
        "stopped": stopped,
        "failed": not running and not stopped and row.state in (Export.State.FAILED, Export.State.WAITING),
        "url": f"{reverse('exports:file', args=[row.pk])}?{urlencode({'key': outgoing.key_of(row)})}" if there else "",
        "megabytes": max(0.1, (row.size or 0) / MEGABYTE),
        **(jobs.facts(row.job, actor) if row.job is not None else {"job": None}),
    }


def fetch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The file, by the link of the person it was made for, while he may see what is in it."""
    row = _mine(request, pk)
    entity = entities.get(row.entity)
    if entity is None or not access.may(row.actor, "export", entity.model):
        raise Denied("export", entity.model if entity else None)
    if not outgoing.opens(row, request.GET.get("key", "")) or not outgoing.is_there(row):
        raise Refusal(
            _("This file is no longer there"),
            _("Exports are kept for %(days)s days. Export the list again.") % {"days": outgoing.KEPT.days},
            code="export.expired",
            ways_out=[WayOut(_("My exports"), reverse("exports:list"))],
        )
    if not outgoing.still_allowed(row):
        raise Refusal(
            _("Your rights have changed since this file was made"),
            _("It may hold what you may not see any more. Export the list again: the new file holds what you may see."),
            code="export.rights",
            ways_out=[WayOut(entity.plural, entity.url("list"))],
        )
    try:
        opened = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    reads.tell(
        reads.Reading(
            request.user, "export", entity, count=lambda: row.rows or 0, fields=row.shown,
            query=urlencode(row.params), where=reads.origin(request),
        )
    )  # fmt: skip
    Export.objects.filter(pk=row.pk).update(fetched_at=clock.machine_now())
    response = FileResponse(opened, as_attachment=True, filename=row.name, content_type=TYPES[row.form])
    response["Cache-Control"] = "private, no-store"
    return response


def delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete one's own export before its time."""
    outgoing.drop(_mine(request, pk))
    toasts.tell(request, _("The export is deleted"))
    return redirect("exports:list")


def _mine(request: HttpRequest, pk: uuid.UUID) -> Export:
    """The person's own export; nobody else's is there at all."""
    row = Export.objects.select_related("actor", "job").filter(pk=pk, actor=request.user).first()
    if row is None:
        raise Http404
    return row


export.later.append(later)


def _exports_anything(actor: Any) -> bool:
    rights = access.grants(actor)
    return any(rights.scope(name, "export") != "none" for name in entities)


nav.page("settings", gettext_lazy("my exports"), "exports:list", icon="download", position=88, shown=_exports_anything)
nav.chapter("settings", gettext_lazy("Operation"), "exports:list", position=60)
