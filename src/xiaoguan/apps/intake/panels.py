"""Tabs of a scheduled import: how it is read, and the files that came."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from xiaoguan.apps.intake.actions import usable_recipes
from xiaoguan.apps.intake.models import Place, Source, SourceSecret
from xiaoguan.kit import access, nav, render
from xiaoguan.kit.pages import emptiness
from xiaoguan.kit.panel import panel

SHOWN = 50
TONES: dict[str, render.Tone] = {"waiting": "amber", "done": "green", "failed": "red"}


@panel(Source, "setup", gettext_lazy("Setup"), position=10, icon="adjustments")
def setup(request: HttpRequest, source: Source) -> SafeString:
    """Recipe, secret, and in whose name it works."""
    secret = SourceSecret.objects.filter(source=source).first()
    context = {
        "source": source,
        "web": source.place == Place.WEB,
        "recipes": usable_recipes(source, request.user),
        "secret": secret,
        "person_gone": source.person is None or not source.person.is_active,
        "may_change": access.may(request.user, "change", source),
        "csrf_token": get_token(request),
    }
    return render_to_string("intake/setup.html", context, request)


@panel(Source, "files", gettext_lazy("Files"), position=20, icon="history")
def files(request: HttpRequest, source: Source) -> SafeString:
    """The latest files and what became of them."""
    rows = source.arrivals.select_related("batch").order_by("-pk")[:SHOWN]
    lines = [
        {
            "row": row,
            "state": render.tag(row.get_state_display(), TONES[row.state]),
            "mine": row.batch is not None and row.batch.actor_id == request.user.pk,
        }
        for row in rows
    ]
    return render_to_string("intake/files.html", {"source": source, "lines": lines}, request)


nav.chapter("settings", gettext_lazy("Connections"), "intake.source", position=42)
emptiness.teach(
    Source,
    gettext_lazy(
        "A folder or a web address is read by the clock, by a recipe you kept, and in the name of one person. "
        "What went wrong waits here and is told."
    ),
)
