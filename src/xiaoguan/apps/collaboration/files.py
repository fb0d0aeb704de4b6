"""How files look: a small picture or an icon, the name, and what can be done."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.files.models import StoredFile
from xiaoguan.files.serving import address
from xiaoguan.kit import render

ICONS = {"application/pdf": "file-text", "text/plain": "notes", "application/zip": "archive"}
WORDS = (("spreadsheet", "file-spreadsheet"), ("audio/", "microphone"), ("image/", "ruler"), ("rar", "archive"))
KILO = 1024


def size(count: int) -> str:
    """Bytes as people say them: 340 KB, 2.1 MB."""
    if count < KILO:
        return f"{count} B"
    if count < KILO * KILO:
        return f"{round(count / KILO)} KB"
    return f"{count / KILO / KILO:.1f} MB"


def symbol(file: StoredFile) -> SafeString:
    """A small picture of a picture, else the icon of its sort."""
    if file.picture and file.cleared_at is None:
        return format_html('<img class="file-thumb" src="{}?small" alt="" loading="lazy">', address(file))
    found = ICONS.get(file.type) or next((icon for word, icon in WORDS if word in file.type), "file-text")
    return format_html('<span class="file-thumb">{}</span>', render.icon(found, size=24))


def tile(row: Attachment, *, told: bool = False) -> SafeString:
    """One file: it opens to be looked at where that is safe, else it is downloaded; `told` says who brought it when."""
    by = format_html('<small class="file-meta">{} · {}</small>', row.owner, render.moment(row.created_at))
    return opened(row.file, reverse("collaboration:file", args=[row.pk]), by if told else SafeString(""))


def opened(file: StoredFile, look: str, more: str = "") -> SafeString:
    """Picture or icon, name and size as one link."""
    if file.cleared_at is not None:
        return format_html("{} <span>{} <small>{}</small>{}</span>", symbol(file), file.name, _("cleared away"), more)
    words = format_html("{}<span>{} <small>{}</small>{}</span>", symbol(file), file.name, size(file.size), more)
    if file.previewed:
        html = '<a class="file" href="{0}" hx-get="{0}" hx-target="#dialogs" hx-swap="innerHTML">{1}</a>'
        return format_html(html, look, words)
    return format_html('<a class="file" href="{}" download>{}</a>', address(file), words)


def listed(rows: list[Attachment], removable: set[int]) -> list[dict[str, Any]]:
    """What a list of files shows of each."""
    return [
        {
            "row": row,
            "tile": tile(row, told=True),
            "download": address(row.file),
            "remove": reverse("collaboration:detach", args=[row.pk]) if row.pk in removable else "",
        }
        for row in rows
    ]
