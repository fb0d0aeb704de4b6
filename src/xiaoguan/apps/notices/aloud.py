"""What robots say in groups: one message per group and happening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import translation

from xiaoguan.apps.notices.kinds import Kind
from xiaoguan.apps.notices.models import Message, Robot
from xiaoguan.apps.notices.models.message import Channel
from xiaoguan.apps.org.queries import subtrees
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity


def tell_groups(kind: Kind, rows: Sequence[Any], actor: Any, text: str) -> list[Message]:
    """Put a message for each robot that tells this kind about these rows' teams; returns them."""
    robots = [robot for robot in _robots() if kind.code in robot.kinds]
    if not robots or not kind.aloud:
        return []
    below = subtrees(*[robot.team_id for robot in robots if robot.team_id])
    now = clock.machine_now()
    made = []
    with translation.override(settings.LANGUAGE_CODE):
        for robot in robots:
            heard = [row for row in rows if robot.team_id is None or row.unit_id in below[robot.team_id]]
            words = (
                "\n".join(_words(kind, row, actor, text) for row in heard) if rows else _words(kind, None, actor, text)
            )
            if words:
                made.append(Message(channel=Channel.ROBOT, group=robot, text=words, next_try=now, created_at=now))
    return Message.objects.bulk_create(made)


def _robots() -> list[Robot]:
    """The robots at work."""
    return list(Robot.objects.filter(active=True, deleted_at__isnull=True, kept__isnull=False).order_by("pk"))


def _words(kind: Kind, row: Any, actor: Any, text: str) -> str:
    noun = Entity.of(row).label if row is not None else ""
    owner = getattr(row, "owner", None)
    names = {
        "actor": actor or "",
        "owner": owner or actor or "",
        "record": row or "",
        "text": kind.words(text),
        "noun": noun,
    }
    return str(kind.aloud) % names
