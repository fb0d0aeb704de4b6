"""Events: what has happened, told to other apps after the commit.

A higher app answers a lower app's event with `on`. Answers run as jobs: the job row is written in the
transaction of the event itself, so an event and its answers can't be separated by a crash. An answer marked
`inline` runs in the same process right after the commit; its failure is logged and harms nobody.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import clock, job

logger = logging.getLogger("xiaoguan.event")


@dataclass(frozen=True)
class Event:
    """A declared kind of happening: `name` in the past tense (`deal.won`), `label` for people."""

    name: str
    label: Any


@dataclass(frozen=True)
class Happening:
    """One event that took place: which rows, by whom, when, and what the action added (JSON values)."""

    name: str
    ids: tuple[int, ...]
    actor_id: int | None
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


Handler = Callable[[Happening], None]


@dataclass(frozen=True)
class Reaction:
    """A handler of one event; `where` names it in wiring lists and in job payloads."""

    event: str
    handler: Handler
    inline: bool

    @property
    def where(self) -> str:
        """Module and name of the handler."""
        return f"{self.handler.__module__}.{self.handler.__qualname__}"


events: dict[str, Event] = {}
"""Every declared event by its name."""

reactions: dict[str, list[Reaction]] = {}
"""Handlers by event name, in the order of registration."""


def declare(name: str, label: Any) -> Event:
    """Declare an event beside the actions that emit it; the same name twice is a mistake."""
    if name in events:
        raise ValueError(f"the event {name} is declared twice")
    events[name] = Event(name, label)
    return events[name]


def on(name: str, *, inline: bool = False) -> Callable[[Handler], Handler]:
    """Answer an event; a handler must bear being run again, as it is after a crash."""

    def add(handler: Handler) -> Handler:
        reactions.setdefault(name, []).append(Reaction(name, handler, inline))
        return handler

    return add


def emit(name: str, *, actor_id: int | None = None, ids: Sequence[int] = (), **data: Any) -> None:
    """Tell that something happened; called inside the action's transaction, heard after its commit.

    Raises LookupError for an undeclared name and TypeError for data that is not JSON.
    """
    if name not in events:
        raise LookupError(f"the event {name} is not declared")
    if not reactions.get(name):
        return
    told = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    happening = Happening(name, tuple(ids), actor_id, clock.now(), told)
    for reaction in reactions[name]:
        if reaction.inline:
            transaction.on_commit(partial(_answer_now, reaction, happening))
        else:
            job.enqueue("event.answer", _to_payload(reaction, happening))


def _answer_now(reaction: Reaction, happening: Happening) -> None:
    """Run an inline answer; the event is already a fact, so a failing answer only shows in the log."""
    try:
        reaction.handler(happening)
    except Exception:
        logger.exception("%s failed on %s", reaction.where, happening.name)


def _to_payload(reaction: Reaction, happening: Happening) -> dict[str, Any]:
    return {
        "handler": reaction.where,
        "event": happening.name,
        "ids": list(happening.ids),
        "actor": happening.actor_id,
        "at": happening.at.isoformat(),
        "data": happening.data,
    }


@job.job("event.answer", label=_("Answer to an event"), atomic=True)
def answer(run: job.Run) -> None:
    """Run one reaction; its effects and the end of the job are one transaction."""
    said = run.payload
    for reaction in reactions.get(said["event"], ()):
        if reaction.where == said["handler"]:
            moment = datetime.fromisoformat(said["at"])
            reaction.handler(Happening(said["event"], tuple(said["ids"]), said["actor"], moment, said["data"]))
            return
    raise job.Fail(_("No part of the program answers this event any more."))


@register()
def check_reactions(**_kwargs: Any) -> list[CheckMessage]:
    """Whoever answers an event answers one that exists."""
    return [
        Error(f"{reaction.where} answers {name}, which nobody declares", id="kit.E010")
        for name, found in reactions.items()
        if name not in events
        for reaction in found
    ]
