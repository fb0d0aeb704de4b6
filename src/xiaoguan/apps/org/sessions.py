"""Who is signed in where: the list of a person's devices, and the ways in which a session ends."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.http import HttpRequest

from xiaoguan.apps.org import signins
from xiaoguan.apps.org.models import Person, Session
from xiaoguan.apps.org.queries import company
from xiaoguan.kit import clock

VISIT = "visit"
"""Under this name a signed-in session holds when it began and ends, when and from where it was last seen."""
TOUCH = 300
"""Seconds after which being here is written down again."""


def open_visit(request: HttpRequest) -> dict[str, Any]:
    """Begin the visit of somebody who has just signed in; idle and longest time are those of the company now."""
    rules = company()
    address, agent = signins.visitor(request)
    now = time.time()
    visit = {
        "started": now,
        "until": now + rules.session_days * 86_400,
        "idle": rules.idle_hours * 3600,
        "seen": now,
        "address": address,
        "agent": agent,
    }
    request.session.set_expiry(visit["idle"])
    request.session[VISIT] = visit
    return visit


def over(data: dict[str, Any]) -> bool:
    """Whether a session's longest time is over; being idle too long ends it by its expiry."""
    visit = data.get(VISIT)
    return bool(visit) and time.time() > visit["until"]


def due(session: SessionBase) -> bool:
    """Whether it is time to write down again that somebody is here."""
    visit = session.get(VISIT)
    return bool(visit) and time.time() - visit["seen"] > TOUCH


def touch(request: HttpRequest, **more: Any) -> None:
    """Write down that somebody is here, and what else is known about the visit."""
    address, agent = signins.visitor(request)
    visit = request.session[VISIT] | {"seen": time.time(), "address": address, "agent": agent} | more
    visit["idle"] = min(visit["idle"], company().idle_hours * 3600)
    request.session.set_expiry(visit["idle"])
    request.session[VISIT] = visit


def columns(data: dict[str, Any]) -> dict[str, Any]:
    """What the table shows of a session's data."""
    visit = data.get(VISIT)
    if not visit or "_auth_user_id" not in data:
        return {}
    return {
        "person_id": int(data["_auth_user_id"]),
        "started_at": dt.datetime.fromtimestamp(visit["started"], dt.UTC),
        "seen_at": dt.datetime.fromtimestamp(visit["seen"], dt.UTC),
        "address": visit["address"],
        "agent": visit["agent"],
    }


def of(person: Person) -> QuerySet[Session]:
    """The sessions somebody has open, the latest first."""
    return Session.objects.filter(person=person, expire_date__gt=clock.machine_now()).order_by("-seen_at", "pk")


def end(person: Person, *, but: str | None = None) -> int:
    """End all sessions of somebody, `but` the one with this key; returns how many."""
    rows = Session.objects.filter(person=person)
    return (rows.exclude(pk=but) if but else rows).delete()[0]


def end_one(person: Person, mark: str) -> int:
    """End the session of somebody that a page showed under this mark."""
    keys = [row.pk for row in of(person) if mark_of(row.pk) == mark]
    return Session.objects.filter(pk__in=keys).delete()[0]


def mark_of(key: str) -> str:
    """What pages call a session: its key must never be shown."""
    return signins.digest(key)[:16]


def sweep() -> int:
    """Drop sessions that are over."""
    return Session.objects.filter(expire_date__lt=clock.machine_now()).delete()[0]
