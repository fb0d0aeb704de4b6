"""The tabs of a record: its files, and what was said about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration import words
from xiaoguan.apps.collaboration.actions import VERB
from xiaoguan.apps.collaboration.files import listed
from xiaoguan.apps.collaboration.models.attachment import may_remove
from xiaoguan.apps.collaboration.models.comment import LONGEST
from xiaoguan.apps.collaboration.queries import attachments, comments, taking_part
from xiaoguan.files import content, keeping
from xiaoguan.kit import access, panel

PAGE = 50
"""So many comments are shown at once."""


def count_files(request: HttpRequest, record: Any) -> int:
    """How many files a record has."""
    return attachments(record).count()


def files_tab(request: HttpRequest, record: Any, problems: tuple[str, ...] = ()) -> SafeString:
    """The files of a record, and where more are dropped."""
    rows = list(attachments(record))
    actor = request.user
    removable = {row.pk for row in rows if may_remove(actor, record, row)}
    context = {
        "record": record,
        "entity": record.entity,
        "files": listed(rows, removable),
        "may_attach": access.may(actor, VERB, record),
        "problems": problems,
        "accept": content.ACCEPT,
        "limit": keeping.limit() // 2**20,
        "csrf_token": get_token(request),
    }
    return render_to_string("collaboration/files.html", context, request)


def count_comments(request: HttpRequest, record: Any) -> int:
    """How many comments a record has."""
    return comments(record).count()


def comment_rows(request: HttpRequest, record: Any, before: str = "") -> dict[str, Any]:
    """A page of comments, the newest first, and where older ones are."""
    found = comments(record)
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    shown, names = rows[:PAGE], words.names_of(rows[:PAGE])
    actor = request.user
    may_comment = access.may(actor, VERB, record)
    older = reverse("collaboration:comments", args=[record.entity.slug, record.pk])
    return {
        "comments": [
            {"row": row, "html": words.html(row, names), "own": may_comment and row.owner_id == actor.pk}
            for row in shown
        ],
        "older": f"{older}?before={shown[-1].pk}" if len(rows) > PAGE else "",
        "may_comment": may_comment,
    }


def comments_tab(
    request: HttpRequest, record: Any, *, draft: str = "", problem: str = "", untold: str = ""
) -> SafeString:
    """What was said about a record, and the place to say something."""
    context = {
        "record": record,
        "entity": record.entity,
        "longest": LONGEST,
        "draft": draft,
        "problem": problem,
        "untold": untold,
        "csrf_token": get_token(request),
        **comment_rows(request, record),
    }
    return render_to_string("collaboration/comments.html", context, request)


def register_all() -> None:
    """Hang the tabs on every kind of record; called when all models are known."""
    for entity in taking_part():
        panel.panel(entity.model, "comments", _("Comments"), count=count_comments, position=60, icon="message-2")(
            comments_tab
        )
        panel.panel(entity.model, "files", _("Files"), count=count_files, position=62, icon="paperclip")(files_tab)
