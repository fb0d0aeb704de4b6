"""Sending a stored file: only to who sees it, as what it is, and never as a page of ours."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.files import content, keeping, uses
from xiaoguan.files.models import StoredFile
from xiaoguan.kit.errors import Invalid, Refusal

NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"
PICTURES = {sort.type for sort in content.SORTS if sort.picture}


def address(stored: StoredFile) -> str:
    """Where a file is downloaded; `?view` shows it, `?small` is its small picture."""
    return reverse("stored_file", args=[stored.pk])


def file_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file for who may see it, as a download unless it is a picture or a PDF to look at; else «not found»."""
    stored = uses.visible_file(pk, request.user)
    if stored.cleared_at is not None:
        raise Http404
    small = "small" in request.GET and stored.picture
    tag = f'"{stored.digest[:32]}{"-small" if small else ""}"'
    if request.headers.get("If-None-Match") == tag:
        return _private(HttpResponseNotModified(), tag)
    try:
        body = keeping.open_stored(stored, small=small)
    except FileNotFoundError as error:
        raise Http404 from error
    shown = "view" in request.GET and (stored.type in PICTURES or stored.type == content.PDF.type)
    kind = "image/webp" if small else stored.type
    if kind == content.TEXT.type:
        kind = "application/octet-stream"
    name = "" if small else stored.name
    response = FileResponse(body, as_attachment=not (shown or small), filename=name, content_type=kind)
    if not small:
        response["Content-Length"] = str(stored.size)
    return _private(response, tag, pdf=shown and stored.type == content.PDF.type)


def keep_page(request: HttpRequest) -> HttpResponse:
    """Take one file in before the form it belongs to is sent: JSON with what to send for it, or what is wrong."""
    upload = request.FILES.get("file")
    if upload is None:
        return JsonResponse({"error": _("Choose a file.")}, status=422)
    try:
        stored = keeping.keep(upload, upload.name or "", request.user, declared=upload.content_type or "")
    except Invalid as problem:
        return JsonResponse({"error": " ".join(map(str, problem.errors["file"]))}, status=422)
    except Refusal as problem:
        return JsonResponse({"error": f"{problem.title}: {problem.cause}"}, status=507)
    known = {"id": str(stored.pk), "name": stored.name, "type": stored.type, "size": stored.size}
    return JsonResponse({**known, "value": f"{stored.pk}/{stored.name}", "url": address(stored)}, status=201)


def _private(response: HttpResponseBase, tag: str, *, pdf: bool = False) -> HttpResponseBase:
    """Headers of every answer: asked for anew each time, so that who loses sight of a record loses its files.

    A browser's own PDF viewer refuses to work in a sandbox; everything else gets one.
    """
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Security-Policy"] = NOTHING_RUNS if pdf else f"{NOTHING_RUNS}; sandbox"
    return response
