"""One verb on many rows: chosen ones, or all that match the list's filters; and what became of them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.kit import access, bulk as work, toasts
from xiaoguan.kit.bulk import Outcome, Task
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.pages import answers, jobs
from xiaoguan.kit.pages.list import flat, template

MOST = 5000
"""So many rows may be chosen one by one; all that match may be more."""


def bulk(request: HttpRequest, entity: Entity, name: str) -> HttpResponse:
    """Ask what the verb needs, then run it on every chosen row in one change."""
    actor = request.user
    offered = {each["name"]: each for each in work.offered(entity, actor)}
    if name not in offered:
        if name in entity.actions or name in work.OWN:
            raise Denied(Task(entity, actor, name).verb, entity.model)
        raise Http404
    listing = Listing(entity, actor, flat(request.GET))
    task = Task(entity, actor, name, flat(request.POST) if "_confirmed" in request.POST else None)
    ids = _ids(request, listing)
    rows = work.rows_of(listing, task.verb, ids)
    total = rows.count()
    if not total:
        raise Invalid({"": [_("Choose at least one row that you may change.")]})
    if task.data is None or not task.ready():
        return _ask(request, listing, task, rows, total, offered[name])
    if total > work.AT_ONCE:
        row = work.enqueue(listing, task, ids, total)
        return answers.go(request, entity.url("bulk_done", row.pk))
    outcome = Outcome()
    work.run(task, list(rows), outcome)
    if outcome.refusals:
        return answers.go(request, entity.url("bulk_done", work.remember(entity, actor, name, outcome).pk))
    words = _("%(what)s: %(outcome)s") % {"what": offered[name]["label"], "outcome": outcome.words()}
    toasts.tell(request, words, outcome.change)
    return answers.go(request, entity.url("list") + listing.address())


def _ids(request: HttpRequest, listing: Listing) -> list[int] | None:
    """The chosen rows; None for all that match."""
    if request.POST.get("all") == "1":
        if listing.problems:  # a filter left out would mean more rows than were asked for
            raise Invalid({"": listing.problems})
        return None
    raws = [raw for raw in request.POST.getlist("ids") if raw.isascii() and raw.isdigit() and len(raw) < 19]
    return [int(raw) for raw in raws[:MOST]]


def _ask(
    request: HttpRequest, listing: Listing, task: Task, rows: Any, total: int, offer: dict[str, Any]
) -> HttpResponse:
    """How many rows, and what the verb needs; 422 where what was sent is wrong."""
    entity, everything = listing.entity, request.POST.get("all") == "1"
    status = 200 if task.data is None else 422
    context = {
        "entity": entity,
        "offer": offer,
        "inputs": task.inputs,
        "form": task.verb_form,
        "fields": task.form.inputs.values() if task.form is not None else None,
        "chosen": task.chosen,
        "errors": [*task.errors, *(task.verb_form.errors if task.verb_form else [])],
        "n": total,
        "ids": [] if everything else list(rows.values_list("pk", flat=True)),
        "everything": everything,
        "titles": [entity.title_of(row) for row in rows[:5]],
        "more": max(0, total - 5),
        "matching": listing.totals.count if not everything else 0,
        "url": entity.url("bulk", offer["name"]) + listing.address(),
        "back": entity.url("list") + listing.address(),
        "page_title": str(offer["label"]),
        "waits": total > work.AT_ONCE,
    }
    name = template(entity, "bulk")
    if request.htmx:
        return answers.dialog(request, name, context, status)
    return TemplateResponse(request, name, {**context, "dialog": False}, status=status)


def done(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """What became of the rows: while a job runs how far it is, then the counts, and who was refused and why."""
    if not access.may(request.user, "view", entity.model):
        raise Denied("view", entity.model)
    row = get_object_or_404(Job, pk=pk, kind=work.KIND, actor=request.user, payload__entity=entity.name)
    outcome = Outcome.of(row.result if isinstance(row.result, dict) else (row.cursor or {}).get("outcome"))
    undoable = outcome.change is not None and not row.active
    context = {
        "entity": entity,
        "page_title": _("What became of it"),
        **jobs.facts(row, request.user),
        "next_url": entity.url("bulk_done", row.pk),
        "outcome": outcome,
        "words": outcome.words(),
        "refused": sorted(((len(ids), reason) for reason, ids in outcome.refused.items()), reverse=True),
        "refused_url": f"{entity.url('list')}?refused={row.pk}",
        "undo_url": toasts.undo_url(outcome.change) if undoable else "",
        "back": entity.url("list"),
    }
    return TemplateResponse(request, "kit/bulk_done.html", context)
