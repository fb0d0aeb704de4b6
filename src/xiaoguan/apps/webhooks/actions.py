"""Verbs of webhooks: what it hears of, secrets, resuming, taking over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.webhooks import sending, signing
from xiaoguan.apps.webhooks.models import Endpoint
from xiaoguan.apps.webhooks.payload import EVENTS
from xiaoguan.kit import access
from xiaoguan.kit.action import Done, Work, action, working
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied


@action(Endpoint, _("Resume"), icon="player-play", shown=lambda row: row.paused_at is not None, position=10)
def resume(work: Work, endpoint: Endpoint) -> Endpoint:
    """Call a paused endpoint again; everything that waited meanwhile is delivered."""
    endpoint.paused_at = endpoint.failing_since = endpoint.next_try = None
    endpoint.failures = 0
    work.save(endpoint)
    sending.start(endpoint)
    return endpoint


@action(
    Endpoint,
    _("Take over"),
    name="take_over",
    icon="user-check",
    shown=lambda row: row.reader is None or not row.reader.is_active,
)
def take_over(work: Work, endpoint: Endpoint) -> Endpoint:
    """Let an endpoint read with one's own rights from now on, after its reader has left."""
    endpoint.reader = work.actor
    work.save(endpoint)
    return endpoint


def subscribe(endpoint: Endpoint, topics: Mapping[str, Sequence[str]], *, actor: object) -> Done:
    """Say what an endpoint hears of; unknown names are left out."""
    _may_change(actor, endpoint)
    chosen = {}
    for name, events in sorted(topics.items()):
        if name in entities:
            known = {*EVENTS, *entities[name].actions}
            if wanted := sorted(set(events) & known):
                chosen[name] = wanted
    with working(Endpoint, "subscribe", actor=actor) as work:
        endpoint.topics = chosen
        work.save(endpoint)
    return Done(work.change if work.change.pk else None, endpoint)


def new_secret(endpoint: Endpoint, *, actor: object) -> str:
    """Make a secret and return it; the change entry says that, not what it is."""
    _may_change(actor, endpoint)
    with transaction.atomic():
        value = signing.renew(endpoint)
        with working(Endpoint, "new_secret", actor=actor, undoable=False) as work:
            work.note(endpoint, {}, {"secret": "new"})
        sending.start(endpoint)
    return value


def end_old_secret(endpoint: Endpoint, *, actor: object) -> int:
    """Let only the newest secret sign."""
    _may_change(actor, endpoint)
    with working(Endpoint, "end_old_secret", actor=actor, undoable=False) as work:
        ended = signing.end_old(endpoint)
        work.note(endpoint, {}, {"secret": "old one ended"})
    return ended


def _may_change(actor: object, endpoint: Endpoint) -> None:
    if not access.may(actor, "change", endpoint):
        raise Denied("change", endpoint)
