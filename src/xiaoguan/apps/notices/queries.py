"""Reads of notices: the inbox of one person, its count, and what an administrator must know."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, QuerySet

from xiaoguan.apps.notices.models import Notice, Wish
from xiaoguan.apps.org.models import Person


def inbox(person: Any) -> QuerySet[Notice]:
    """Everything this person was told here, newest first."""
    return Notice.objects.filter(person=person, shown=True).select_related("actor").order_by("-at", "-id")


def unread(person: Any) -> tuple[int, int]:
    """How many unread notices there are, and the newest of them; one query over an index of unread ones."""
    found = Notice.objects.filter(person=person, shown=True, read_at=None).aggregate(n=Count("id"), newest=Max("id"))
    return found["n"], found["newest"] or 0


def wish_of(person: Any) -> Wish:
    """How somebody wants to be told; the defaults, not stored, until he says so."""
    return Wish.objects.filter(pk=person.pk).first() or Wish(person=person)


def administrators() -> list[int]:
    """Ids of the people who look after the installation."""
    rows = Person.objects.filter(roles__code="administrator", is_active=True, deleted_at__isnull=True)
    return list(rows.values_list("pk", flat=True).distinct())


def timed_by(hour: int | None = None) -> QuerySet[Wish]:
    """The wishes of those who chose an hour for what comes regularly; with one, those whose hour has come by then."""
    rows = Wish.objects.filter(hour__isnull=False)
    return rows if hour is None else rows.filter(hour__lte=hour)
