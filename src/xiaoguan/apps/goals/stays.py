"""Where people were in the course of a year: their main teams by the day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from xiaoguan.apps.org.models import Membership


@dataclass(frozen=True)
class Stays:
    """The teams of one person in a stretch: (team, first, last place of a day), and the team he is listed in now."""

    parts: tuple[tuple[int, int, int], ...]
    now: int | None


def stays_within(first: dt.date, last: dt.date) -> dict[int, Stays]:
    """Whoever changes his main team between two days, by person, in one query; most years hardly anybody.

    Who joins the company, or leaves it, changes no team: all his days count where he is.
    """
    inside = Q(start__gt=first, start__lte=last) | Q(end__gte=first, end__lt=last)
    rows = Membership.objects.filter(main=True, deleted_at__isnull=True)
    moving = rows.filter(inside).values("person_id")
    found: dict[int, list[tuple[int, dt.date, dt.date]]] = {}
    now: dict[int, int | None] = {}
    for person, team, start, end, unit in (
        rows.filter(person__in=moving)
        .order_by("start", "pk")
        .values_list("person_id", "team_id", "start", "end", "person__unit_id")
    ):
        now[person] = unit
        begin, stop = max(start or first, first), min(end or last, last)
        if begin <= stop:
            found.setdefault(person, []).append((team, begin, stop))
    return {
        person: Stays(_filled(parts, first, last), now[person])
        for person, parts in found.items()
        if len({team for team, _begin, _stop in parts}) > 1
    }


def _filled(
    parts: list[tuple[int, dt.date, dt.date]], first: dt.date, last: dt.date
) -> tuple[tuple[int, int, int], ...]:
    """Stays without gaps: a day between two of them belongs to the one before, the first one begins at once."""
    parts = sorted(parts, key=lambda part: (part[1], part[2]))
    starts = [0, *[(begin - first).days for _team, begin, _stop in parts[1:]]]
    ends = [*[begin - 1 for begin in starts[1:]], (last - first).days]
    return tuple(
        (team, begin, end)
        for (team, _begin, _stop), begin, end in zip(parts, starts, ends, strict=True)
        if begin <= end
    )
