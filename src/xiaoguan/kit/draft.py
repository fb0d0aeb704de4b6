"""Nothing typed is lost: a form that could not be taken waits in the session until its page is opened again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict

KEY = "kit_drafts"
MOST = 5
LARGEST = 60_000


def keep(request: HttpRequest) -> None:
    """Remember what was posted to this path; the oldest of too many is dropped, as is what is too large."""
    posted = request.POST.copy()
    for name in [name for name in posted if name.startswith("csrf")]:
        del posted[name]
    text = posted.urlencode()
    if not text or len(text) > LARGEST:
        return
    drafts: dict[str, Any] = request.session.get(KEY, {})
    drafts.pop(request.path, None)
    drafts[request.path] = text
    for path in list(drafts)[:-MOST]:
        del drafts[path]
    request.session[KEY] = drafts


def take(request: HttpRequest) -> QueryDict | None:
    """What waits for this path, once."""
    drafts: dict[str, Any] = request.session.get(KEY, {})
    text = drafts.pop(request.path, None)
    if text is None:
        return None
    request.session[KEY] = drafts
    return QueryDict(text)
