"""The channels of this installation, and what each person wants of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from xiaoguan.apps.notices.kinds import Kind, kinds
from xiaoguan.apps.notices.models import Wish
from xiaoguan.apps.notices.models.message import Channel


def mail_is_set_up() -> bool:
    """Whether the installation has a mail server."""
    return bool(settings.MAIL_SERVER)


def wants(wish: Wish, kind: Kind, channel: str) -> bool:
    """Whether a person has a kind switched on for a channel, by his own choice or by default.

    A robot of one's own gets what the inbox gets, until one says otherwise.
    """
    chosen = wish.switches.get(kind.code, {}).get(channel)
    if chosen is not None:
        return bool(chosen)
    return channel == Channel.ROBOT or channel in kind.channels


def reached(wish: Wish, kind: Kind, email: str) -> set[str]:
    """The channels a notice takes to this person."""
    found = {str(Channel.INBOX)} if wants(wish, kind, Channel.INBOX) else set()
    if email and mail_is_set_up() and wants(wish, kind, Channel.MAIL):
        found.add(str(Channel.MAIL))
    if wish.service and wish.address and wants(wish, kind, Channel.ROBOT):
        found.add(str(Channel.ROBOT))
    return found


def offered(person: Any, *, administrates: bool) -> list[Kind]:
    """The kinds somebody may switch."""
    return [kind for kind in kinds.values() if administrates or not kind.admin]
