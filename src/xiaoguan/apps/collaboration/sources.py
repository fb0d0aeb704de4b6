"""Files and comments on the timelines of records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from xiaoguan.apps.collaboration import words
from xiaoguan.apps.collaboration.files import tile
from xiaoguan.apps.collaboration.models import Attachment, Comment
from xiaoguan.apps.collaboration.queries import living, taking_part
from xiaoguan.kit import timeline
from xiaoguan.kit.timeline import Item


def attached(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """When which file was laid to a record that the reader has before him."""
    rows = living(Attachment, model._meta.label_lower, ids)
    if before is not None:
        rows = rows.filter(created_at__lte=before)
    for row in rows.select_related("file", "owner").order_by("-created_at", "-pk")[:limit]:
        yield Item(
            when=row.created_at,
            icon="paperclip",
            title=_("File attached"),
            kind="file",
            body=format_html('<p class="file-line">{}</p>', tile(row)),
            person=row.owner,
            key=f"file-{row.pk}",
        )


def said(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """What was said about a record that the reader has before him."""
    rows = living(Comment, model._meta.label_lower, ids)
    if before is not None:
        rows = rows.filter(created_at__lte=before)
    found = list(rows.select_related("owner").order_by("-created_at", "-pk")[:limit])
    names = words.names_of(found)
    for row in found:
        yield Item(
            when=row.created_at,
            icon="message-2",
            title=_("Comment, edited") if row.edited_at else pgettext("said about a record", "Comment"),
            kind="comment",
            body=format_html("<p>{}</p>", words.html(row, names)),
            person=row.owner,
            key=f"comment-{row.pk}",
        )


def register_all() -> None:
    """Called when all models are known."""
    for entity in taking_part():
        timeline.source(entity.model, "comment", gettext_lazy("Comments"), position=60)(said)
        timeline.source(entity.model, "file", gettext_lazy("Files"), position=62)(attached)
