"""Telling what has been done, with the way back."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from xiaoguan.kit.models.change import Change


def undo_url(change: Change | None) -> str:
    """Where a POST takes a change back; empty for what can't be undone."""
    return reverse("undo", args=[change.pk]) if change is not None and change.undoable else ""


def tell(request: HttpRequest, text: str, change: Change | None = None) -> None:
    """Show a toast on the next page."""
    messages.success(request, text, extra_tags=undo_url(change))


def attach(response: HttpResponse, text: str, change: Change | None = None, *, refresh: bool = True) -> HttpResponse:
    """Show a toast with this HTMX answer and let lists reload what changed."""
    said: dict[str, Any] = {"toast": {"text": text, "undo": undo_url(change)}}
    if refresh:
        said["records-changed"] = True
    response["HX-Trigger"] = json.dumps(said)
    return response
