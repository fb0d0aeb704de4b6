"""The targets beside figures that are cut by a dimension: one for each line that is all of whom it names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from xiaoguan.apps.goals import daily
from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import calendar, is_hidden, person_key, targets_of
from xiaoguan.apps.goals.sight import seen
from xiaoguan.apps.goals.singles import LISTED, targets_within
from xiaoguan.apps.goals.stays import stays_within
from xiaoguan.apps.goals.subject import COMPANY, Subject
from xiaoguan.apps.metrics import api
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.org.policy import teams_on
from xiaoguan.apps.territories.models import Territory
from xiaoguan.apps.territories.queries import territories, with_parts
from xiaoguan.calc.period import Period

LEVELS = {
    "person": Level.PERSON,
    "unit": Level.TEAM,
    "territory": Level.TERRITORY,
    "customer": Level.CUSTOMER,
    "product": Level.PRODUCT,
}
"""The dimensions whose lines may have a target of their own."""
WHOLE = {Person: ("person",), Team: ("person", "unit"), Territory: ("territory",)}
"""By what a page about one of these may be cut so that a line is still all of whom it names."""
FEW = 500
"""Of so many at most, those with a target and without a figure get a line too."""


def level_of(by: str, where: Slice, subject: Any = None) -> Level | None:
    """Whose targets stand beside the lines of a cut; None where a line is just a part of whom it names."""
    if where.only or (subject is not None and by not in WHOLE.get(type(subject), ())):
        return None
    return LEVELS.get(by)


def aimed(actor: Any, metric: Metric, period: Period, by: str, where: Slice, subject: Any = None) -> set[int]:
    """The ids of who has a target that the reader may see, whether there is a figure or not; empty of very many."""
    level = level_of(by, where, subject)
    if level is None or is_hidden(actor, metric):
        return set()
    rows = targets_within(metric.code, period.start.replace(day=1), period.end).filter(level=level).order_by()
    inside = _inside(by, where)
    if inside is not None and len(inside) <= LISTED:
        rows = rows.filter(**{f"{level}__in": list(inside)})
    if by == "person" and where.units is not None:
        rows = rows.filter(person__unit__in=list(where.units))
    found = list(rows.values_list(level, flat=True).distinct()[: FEW + 1])
    if len(found) > FEW:
        return set()
    return {each.pk for each in seen(actor, [Subject(level.value, pk) for pk in found]) if each.pk}


def of_lines(
    actor: Any, metric: Metric, period: Period, by: str, ids: Collection[Any], where: Slice, subject: Any = None
) -> dict[int, int | None]:
    """The target of each line by its id, as far as the reader may see it.

    Beside the people of a team stands what of their targets lies on the days they were in it, as their figures do.
    """
    level = level_of(by, where, subject)
    if level is None or is_hidden(actor, metric):
        return {}
    inside = _inside(by, where)
    wanted = [Subject(level.value, pk) for pk in ids if pk and (inside is None or pk in inside)]
    known = {each.pk: each.key for each in seen(actor, wanted) if each.pk}
    if not known:
        return {}
    if level == Level.PERSON and where.units is not None:
        return of_people_in(metric, period, known, where.units)
    found = targets_of(metric, period, [*known.values(), COMPANY.key])
    told = {pk: found[key] for pk, key in known.items()}
    if level == Level.TEAM and found[COMPANY.key] is not None and (top := _top()) in told and told[top] is None:
        told[top] = found[COMPANY.key]
    return told


def _top() -> int | None:
    """The team that holds all others: what the company aims at is aimed at by it."""
    tops = list(Team.objects.filter(parent__isnull=True, deleted_at__isnull=True).values_list("pk", flat=True)[:2])
    return tops[0] if len(tops) == 1 else None


def _inside(by: str, where: Slice) -> Collection[int] | None:
    """Who is all inside the slice; None for everybody."""
    return {"person": where.people, "unit": where.units, "territory": where.territories}.get(by)


def for_programs(
    actor: Any, metric: Metric, where: Slice, by: str, subject: Any, ids: Collection[Any]
) -> dict[int, int | None] | None:
    """The targets of groups as the API tells them; None where the days are no period, or groups have no target.

    A group of the API is a team or territory without its parts, so one that has any isn't all of it.
    """
    period = _period(where)
    if period is None or level_of(by, where, subject) is None:
        return None
    if by == "unit":
        inner = Team.objects.filter(parent__in=[pk for pk in ids if pk], deleted_at__isnull=True)
        above = set(inner.values_list("parent", flat=True))
        ids = [pk for pk in ids if pk not in above]
    if by == "territory":
        parts = with_parts(territories())
        ids = [pk for pk in ids if len(parts.get(pk, ())) == 1]
    return of_lines(actor, metric, period, by, ids, where, subject)


api.aims.append(for_programs)


def _period(where: Slice) -> Period | None:
    """The day, week, month, quarter or year that some days are."""
    known = calendar()
    found = (known.of(kind, where.first) for kind in ("day", "week", "month", "quarter", "year"))
    return next((each for each in found if (each.start, each.end) == (where.first, where.last)), None)


def of_people_in(
    metric: Metric, period: Period, people: Collection[int], units: Collection[int]
) -> dict[int, int | None]:
    """What of each person's target lies on days he was in some teams: all of it for who changed no team.

    Over teams that hold everybody the parts are the whole to the fen, since days are exact parts of targets. A rate
    is no sum of days: whoever was there on any day has it whole.
    """
    stays = {pk: held for pk, held in stays_within(period.start, period.end).items() if pk in people}
    places = teams_on({(pk, period.end) for pk in people if pk not in stays})
    there = [pk for pk in people if (places[pk, period.end] in units if pk not in stays else True)]
    whole = targets_of(metric, period, [person_key(pk) for pk in there])
    found: dict[int, int | None] = dict.fromkeys(people) | {pk: whole[person_key(pk)] for pk in there}
    for pk, held in stays.items():
        if not any(team in units for team, _first, _last in held.parts):
            found[pk] = None
        elif metric.additive:
            found[pk] = None if found[pk] is None else 0
    if not metric.additive or not stays:
        return found
    for year in period.calendar.tile("year", period.start, period.end):
        shift = (period.start - year.start).days
        vectors = daily.vectors(metric, year, [person_key(pk) for pk in stays])
        for pk, held in stays.items():
            days = vectors.get(person_key(pk))
            for team, first, last in held.parts if days is not None and found[pk] is not None else ():
                if team in units and last + shift >= 0 and days is not None:
                    found[pk] = (found[pk] or 0) + (days.total(first + shift, last + shift) or 0)
    return found
