"""`{% kept "frame/nav.html" %}`: a part of the frame that is the same for one reader on many pages."""

from __future__ import annotations

import time
from typing import Any

from django import template
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from xiaoguan.kit import memo, render

register = template.Library()

TOKEN = "csrf-token-of-the-page"
"""Stands for the token while a part is kept: every page puts its own in."""
SECONDS = 60
"""How long the frame may lag behind a renamed team or company."""


@register.simple_tag(takes_context=True)
def kept(context: template.Context, name: str) -> SafeString:
    """Render a template of the frame, or take what was rendered for the same reader and the same navigation."""
    request: HttpRequest | None = context.get("request")
    key = context.get("frame_key")
    if request is None or key is None:
        return _render(context, name)
    whole = ("frame", name, get_language(), render.money_unit_code(), key)
    html = memo.remember(whole, int(time.monotonic() // SECONDS), lambda: _render(context, name, csrf_token=TOKEN))
    return SafeString(html.replace(TOKEN, get_token(request))) if TOKEN in html else html


def _render(context: template.Context, name: str, **values: Any) -> SafeString:
    with context.push(**values):
        return SafeString(context.template.engine.get_template(name).render(context))
