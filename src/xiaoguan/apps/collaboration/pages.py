"""What people do with files of a record: bring them, look at them, remove them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.collaboration import actions, panels
from xiaoguan.apps.collaboration.actions import VERB
from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.apps.collaboration.queries import attachments, record_of, row_of
from xiaoguan.files import keeping
from xiaoguan.files.models import StoredFile
from xiaoguan.files.serving import address
from xiaoguan.kit import access, toasts
from xiaoguan.kit.action import Done
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.pages import answers


def files(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take several files in at once: those that are taken are attached in one change, the others are named."""
    actor: Any = request.user
    record = record_of(slug, pk, actor)
    if not access.may(actor, VERB, record):
        raise Denied(VERB, record)
    kept: list[StoredFile] = []
    problems: list[str] = []
    for upload in request.FILES.getlist("files"):
        try:
            kept.append(keeping.keep(upload, upload.name or "", actor, declared=upload.content_type or ""))
        except Invalid as problem:
            problems += [str(text) for texts in problem.errors.values() for text in texts]
        except Refusal as problem:
            problems.append(f"{problem.title}: {problem.cause}")
            break
    if not kept:
        return _answer(request, record, problems or [_("Choose a file.")], status=422)
    try:
        done = actions.attach(record, kept, actor=actor)
    except BaseException:
        for stored in kept:
            keeping.drop(stored)
        raise
    said = ngettext("%(n)s file attached", "%(n)s files attached", len(kept)) % {"n": len(kept)}
    return _answer(request, record, problems, said, done)


def look(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture or a PDF in a dialog, with the way to the ones before and after it; a page without script."""
    row, record = row_of(Attachment, pk, request.user)
    shown = [each for each in attachments(record) if each.file.previewed]
    place = next((index for index, each in enumerate(shown) if each.pk == row.pk), None)
    context = {
        "row": row,
        "record": record,
        "page_title": row.file.name,
        "address": address(row.file),
        "back": record.entity.url("detail", record),
        "before": shown[place - 1] if place else None,
        "after": shown[place + 1] if place is not None and place + 1 < len(shown) else None,
        "place": None if place is None else place + 1,
        "total": len(shown),
    }
    if request.htmx:
        return answers.dialog(request, "collaboration/look.html", context)
    return TemplateResponse(request, "collaboration/look_page.html", {**context, "dialog": False})


def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a file; the toast brings it back."""
    row, record = row_of(Attachment, pk, request.user)
    done = actions.detach(row, record, actor=request.user)
    return _answer(request, record, [], _("%(name)s is removed") % {"name": row.file.name}, done)


def _answer(
    request: HttpRequest, record: Any, problems: list[str], said: str = "", done: Done | None = None, status: int = 200
) -> HttpResponse:
    """The tab anew for HTMX, with the count beside its title; without script the page of the tab."""
    if not request.htmx and status == 200 and not problems:
        toasts.tell(request, said, done.change if done else None)
        return answers.go(request, f"{record.entity.url('detail', record)}?tab=files")
    if not request.htmx:
        raise Invalid({"file": problems})
    html = panels.files_tab(request, record, tuple(problems))
    response = HttpResponse(html + counted(record, "files", panels.count_files(request, record)), status=status)
    return toasts.attach(response, said, done.change if done else None, refresh=False) if said else response


def counted(record: Any, tab: str, count: int) -> str:
    """The figure beside a tab's title, swapped where it stands."""
    where = f"a.tab[href='{record.entity.url('detail', record)}?tab={tab}'] .count"
    return format_html('<template><span hx-swap-oob="innerHTML:{}">{}</span></template>', where, count)
