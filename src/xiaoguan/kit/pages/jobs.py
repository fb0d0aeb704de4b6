"""Background jobs as people see them: how far one is, what became of it, stopping it, trying it again."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.kit import access, job, nav, render
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.pages import answers

SHOWN = 100
TONES: dict[str, render.Tone] = {"running": "accent", "done": "green", "failed": "red"}


def visible(actor: Any, verb: str = "view") -> QuerySet[Job]:
    """The jobs this person started; for administrators (and, to look at, auditors) everybody's."""
    rows = Job.objects.select_related("actor")
    if access.grants(actor).scope("kit.job", verb) == "all":
        return rows
    return rows.filter(actor=actor)


def jobs_page(request: HttpRequest) -> HttpResponse:
    """The latest jobs, failed ones first, as a table."""
    rows = list(visible(request.user).order_by("-pk")[:SHOWN])
    rows.sort(key=lambda row: row.state != Job.State.FAILED)
    failed = sum(row.state == Job.State.FAILED for row in rows)
    context = {
        "page_title": _("Background jobs"),
        "fact": ngettext("%(count)s failed", "%(count)s failed", failed) % {"count": failed} if failed else "",
        "lines": [_line(row) for row in rows],
    }
    return TemplateResponse(request, "kit/jobs.html", context)


def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: JSON for programs, its progress alone for HTMX, a page for a browser."""
    row = _get(request.user, pk)
    if request.htmx:
        return progress(request, row)
    if "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse(as_json(row))
    return TemplateResponse(request, "kit/job.html", {"page_title": label(row), **facts(row, request.user)})


def progress(request: HttpRequest, row: Job) -> HttpResponse:
    """The part that asks again each second until the job has ended, and then says so to the page around it."""
    response = TemplateResponse(request, "kit/job_progress.html", facts(row, request.user))
    if not row.active:
        response["HX-Trigger"] = json.dumps({"job-ended": {"id": row.pk, "state": row.state}})
    return response


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a job; what it has done so far stays."""
    return _after(request, _get(request.user, pk, "change"), job.cancel)


def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a failed job go on where it stopped."""
    return _after(request, _get(request.user, pk, "change"), job.retry)


def _after(request: HttpRequest, row: Job, act: Any) -> HttpResponse:
    act(row)
    row.refresh_from_db()
    return progress(request, row) if request.htmx else answers.go(request, reverse("job", args=[row.pk]))


def _get(actor: Any, pk: int, verb: str = "view") -> Job:
    """A job the actor may see; «not found» for strangers, also to those who may look but not act."""
    row = visible(actor, verb).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def label(row: Job) -> str:
    """What a job does, in the reader's words."""
    kind = job.kinds.get(row.kind)
    return str(kind.label) if kind else row.kind


def said(row: Job) -> str:
    """One sentence on where a job stands."""
    if row.state == Job.State.QUEUED:
        return _("Waiting to be tried again") if row.error else _("Waiting to start")
    if row.state == Job.State.RUNNING:
        counts = {"done": f"{row.progress:,}", "total": f"{row.total or 0:,}"}
        return row.note or (_("%(done)s of %(total)s") % counts if row.total else _("Running"))
    return str(row.get_state_display())


def facts(row: Job, actor: Any) -> dict[str, Any]:
    """What the templates show of a job."""
    result = row.result if isinstance(row.result, dict) else {}
    may_act = visible(actor, "change").filter(pk=row.pk).exists()
    return {
        "job": row,
        "label": label(row),
        "said": said(row),
        "percent": row.percent,
        "next_url": str(result.get("url", "")) if row.state == Job.State.DONE else "",
        "may_cancel": may_act and row.active,
        "may_retry": may_act and row.state == Job.State.FAILED,
        "trace": row.trace if access.grants(actor).scope("kit.job", "view") == "all" else "",
    }


def as_json(row: Job) -> dict[str, Any]:
    """A job for programs."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "label": label(row),
        "state": row.state,
        "progress": row.progress,
        "total": row.total,
        "percent": row.percent,
        "note": row.note,
        "result": row.result,
        "error": row.error,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
    }


def _line(row: Job) -> SafeString:
    """A row of the table."""
    state = render.tag(row.get_state_display(), TONES.get(row.state, ""))
    name = render.person(row.actor.name) if row.actor else render.NOTHING
    detail = row.error or (said(row) if row.active else row.note)
    return format_html(
        '<tr><td class="col-key p1"><a href="{}">{}</a></td><td class="p1r">{}</td><td class="p2">{}</td>'
        '<td class="p2r">{}</td><td class="p0">{}</td></tr>',
        reverse("job", args=[row.pk]),
        label(row),
        state,
        detail,
        name,
        render.moment(row.created_at),
    )


nav.page(
    "settings",
    gettext_lazy("background jobs"),
    "jobs",
    icon="stack-2",
    position=90,
    shown=lambda actor: access.grants(actor).scope("kit.job", "view") == "all",
)
nav.chapter("settings", gettext_lazy("Operation"), "jobs", position=60)
