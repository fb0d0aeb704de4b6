"""Tabs of a webhook: how it is set up, and what was delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.webhooks import signing
from xiaoguan.apps.webhooks.models import Delivery, Endpoint
from xiaoguan.kit import access, nav, outbound, render
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.pages import emptiness
from xiaoguan.kit.panel import panel

SHOWN = 50
BESIDE = frozenset({"comment"})
"""Verbs that say something beside a record: its own row has nothing new to tell."""
TONES: dict[str, render.Tone] = {"waiting": "amber", "delivered": "green", "failed": "red"}


@dataclass(frozen=True)
class Topic:
    """One box: an event of an entity."""

    value: str
    label: str
    on: bool


def words() -> dict[str, str]:
    """What can happen to any record."""
    return {"created": _("created"), "updated": _("changed"), "deleted": _("deleted")}


def topic_rows(endpoint: Endpoint) -> list[tuple[str, list[Topic], list[Topic], bool]]:
    """Entity by entity: the boxes of its events, those of its verbs, and whether a verb is ticked."""
    rows = []
    for entity in entities.values():
        on = set(endpoint.topics.get(entity.name, ()))
        basic = [Topic(f"{entity.name}:{code}", word, code in on) for code, word in words().items()]
        verbs = [_verb(entity, name, on) for name, each in entity.actions.items() if each.verb not in BESIDE]
        rows.append((entity.plural, basic, verbs, any(each.on for each in verbs)))
    return sorted(rows, key=lambda row: row[0])


def _verb(entity: Entity, name: str, on: set[str]) -> Topic:
    return Topic(f"{entity.name}:{name}", capfirst(str(entity.actions[name].label)), name in on)


@panel(Endpoint, "setup", gettext_lazy("Setup"), position=10, icon="adjustments")
def setup(request: HttpRequest, endpoint: Endpoint) -> SafeString:
    """What it hears of, the secret, and a test."""
    reader = endpoint.reader
    context = {
        "endpoint": endpoint,
        "rows": topic_rows(endpoint),
        "heard": sum(len(events) for events in endpoint.topics.values()),
        "words": list(words().values()),
        "secrets": len(signing.valid(endpoint)),
        "reader": reader,
        "reader_gone": reader is None or not reader.is_active,
        "waiting": _waiting(request, endpoint),
        "may_change": access.may(request.user, "change", endpoint),
        "csrf_token": get_token(request),
    }
    return render_to_string("webhooks/setup.html", context, request)


def _waiting(request: HttpRequest, endpoint: Endpoint) -> int:
    return Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.WAITING).count()


@panel(Endpoint, "deliveries", gettext_lazy("Deliveries"), count=_waiting, position=20, icon="history")
def deliveries(request: HttpRequest, endpoint: Endpoint) -> SafeString:
    """The latest calls and what became of them."""
    rows = Delivery.objects.filter(endpoint=endpoint).defer("body", "answer").order_by("-pk")
    state = request.GET.get("state", "")
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    context = {
        "endpoint": endpoint,
        "lines": [_line(row) for row in rows[:SHOWN]],
        "states": Delivery.State.choices,
        "state": state,
    }
    return render_to_string("webhooks/deliveries.html", context, request)


def _line(row: Delivery) -> SafeString:
    said = outbound.words(row.error) or (render.number(row.status) if row.status else "")
    took = f"{row.milliseconds:,} ms" if row.milliseconds is not None else ""
    return format_html(
        '<tr><td class="col-key p1"><a href="{}">{}</a></td><td class="p1r">{}</td><td class="num p0">{}</td>'
        '<td class="p2">{}</td><td class="num p0">{}</td><td class="p2r">{}</td></tr>',
        reverse("webhook_delivery", args=[row.pk]),
        what(row),
        render.tag(row.get_state_display(), TONES[row.state]),
        row.attempts,
        said,
        took,
        render.moment(row.created_at),
    )


def what(row: Delivery) -> str:
    """A delivery in words: the record and what happened to it."""
    entity: Any = entities.get(row.entity)
    if entity is None:
        return _("Test call")
    return f"{capfirst(entity.label)} {row.object_id} · {words().get(row.event, row.event)}"


nav.chapter("settings", gettext_lazy("Connections"), "webhooks.endpoint", position=42)
emptiness.teach(
    Endpoint,
    gettext_lazy(
        "A webhook tells another system within seconds that a record was created, changed or deleted. "
        "Each call is signed, and tried again while nobody answers."
    ),
)
