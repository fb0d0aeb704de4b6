"""A zip beside an import: choose it, see which file goes where, attach."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.enclosures import actions, queries
from xiaoguan.apps.enclosures.archive import REASONS, BadArchive
from xiaoguan.apps.enclosures.models import Enclosure
from xiaoguan.kit import access, render
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.pages import jobs
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.transfer import batches, results
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.problems import said
from xiaoguan.transfer.storing import Unstorable

SAYS = {"gone": gettext_lazy("The record is gone."), "denied": gettext_lazy("You may not attach files to this record.")}


def offer(request: HttpRequest, batch: Import) -> SafeString:
    """The button on the page of an import that has ended."""
    if batch.state != Import.State.DONE or not batch.file:
        return SafeString("")
    url = reverse("enclosures:new", args=[batch.pk])
    return format_html('<a class="btn" href="{}">{}{}</a>', url, render.icon("paperclip"), _("Attach files from a zip"))


results.offers.append(offer)


def new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose a zip and what says where its files go."""
    batch = _batch(request, pk)
    problem = ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None:
            problem = _("Choose a file.")
        else:
            try:
                row = actions.take(batch, upload, upload.name or "zip", request.POST.get("column", ""))
                return redirect("enclosures:show", pk=row.pk)
            except (BadArchive, Unstorable) as error:
                problem = str(error)
            except Unreadable as error:
                problem = said(error)
    headers = queries.headers_of(batch)
    context = {
        "page_title": _("Attach files from a zip"),
        "page_fact": batch.name,
        "batch": batch,
        "headers": headers,
        "guessed": queries.guessed(headers),
        "problem": problem,
        "limit": actions.largest() >> 20,
    }
    return TemplateResponse(request, "enclosures/new.html", context, status=422 if problem else 200)


def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Where the files go, or went; a POST starts it."""
    row = Enclosure.objects.select_related("batch__actor", "job").filter(pk=pk, batch__actor=request.user).first()
    if row is None:
        raise Http404
    batch = _batch(request, row.batch_id)
    if request.method == "POST":
        actions.start(row)
        return redirect("enclosures:show", pk=row.pk)
    entity = batches.entity_of(batch)
    titles = entity.model._default_manager.in_bulk([record for record, _name in row.plan[: queries.SHOWN]])
    context = {
        "page_title": _("Attach files from a zip"),
        "page_fact": row.name,
        "row": row,
        "batch": batch,
        "entity": entity,
        "planned": row.state == Enclosure.State.PLANNED,
        "running": row.state == Enclosure.State.RUNNING,
        "pairs": [(titles.get(record), name) for record, name in row.plan[: queries.SHOWN]],
        "more": max(0, len(row.plan) - queries.SHOWN),
        "refused": [(name, _reason(code)) for name, code in _refused(row)],
        **(jobs.facts(row.job, request.user) if row.job else {}),
    }
    return TemplateResponse(request, "enclosures/show.html", context)


def _refused(row: Enclosure) -> list[Any]:
    return [*row.report.get("refused", ()), *row.report.get("failed", ())]


def _reason(code: str) -> str:
    return str(REASONS.get(code) or SAYS.get(code) or code)


def _batch(request: HttpRequest, pk: uuid.UUID) -> Import:
    """The person's own import, still allowed."""
    batch = Import.objects.select_related("actor").filter(pk=pk, actor=request.user).first()
    if batch is None or batch.entity not in entities:
        raise Http404
    if not access.may(request.user, "import", entities[batch.entity].model):
        raise Denied("import", entities[batch.entity].model)
    return batch
