"""Keeps the closure tables and everybody's main team in line with memberships, teams and stand-ins.

A change names the people, viewers or teams it touches, and only their rows are compared and repaired;
`rebuild` compares everything, as the daily job does when memberships begin and end by date.
Somebody who has left stays where he was on his last day, so that his manager still sees what he looked
after, but reaches nobody any more.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org.chart import Chart, Pair, Place, homes
from xiaoguan.apps.org.models import Deputy, Membership, Person, Reach, Team, UnitReach
from xiaoguan.apps.org.models.membership import LEADING, on
from xiaoguan.kit import clock
from xiaoguan.kit.derived import derived

BATCH = 2000
PART = 900
"""Ids in one IN list, below the limit of variables of any database."""
LOCK = 0x5EAC4
"""Key of the PostgreSQL lock under which one transaction at a time repairs the closure."""


@dataclass
class Repair:
    """How many rows of the closure were added and removed, and how many people got another main team."""

    added: int = 0
    removed: int = 0
    moved: int = 0


def chart_on(day: dt.date) -> Chart:
    """Read teams, leading posts and stand-ins of a day: three queries whatever the size."""
    leaders: dict[int, list[int]] = defaultdict(list)
    leading = Membership.objects.filter(on(day), working(day, "person__"), deleted_at__isnull=True, post__in=LEADING)
    for team, person in leading.values_list("team_id", "person_id"):
        leaders[team].append(person)
    stand_ins: dict[int, list[int]] = defaultdict(list)
    serving = Deputy.objects.filter(on(day), working(day, "deputy__"), deleted_at__isnull=True)
    for person, deputy in serving.filter(person__deleted_at__isnull=True).values_list("person_id", "deputy_id"):
        stand_ins[person].append(deputy)
    parents = dict(Team.objects.filter(deleted_at__isnull=True).values_list("pk", "parent_id"))
    return Chart(parents, leaders, stand_ins)


def working(day: dt.date, prefix: str = "") -> Q:
    """People who may act on a day: active, not deleted, not past their last day."""
    staying = Q(**{f"{prefix}left_on__isnull": True}) | Q(**{f"{prefix}left_on__gte": day})
    return staying & Q(**{f"{prefix}is_active": True, f"{prefix}deleted_at__isnull": True, f"{prefix}system": False})


def places_on(
    day: dt.date, *, people: Collection[int] | None = None, teams: Collection[int] | None = None
) -> list[Place]:
    """Where people are on a day, or were on their last day when they have left by then."""
    left, first, last = F("person__left_on"), F("start"), F("end")
    seen_on = Case(When(person__left_on__isnull=True, then=Value(day)), default=Least(left, Value(day)))
    rows = Membership.objects.filter(
        deleted_at__isnull=True, team__deleted_at__isnull=True, person__deleted_at__isnull=True
    )
    rows = rows.alias(seen_on=models.ExpressionWrapper(seen_on, output_field=models.DateField())).filter(
        Q(start__isnull=True) | Q(seen_on__gte=first), Q(end__isnull=True) | Q(seen_on__lte=last)
    )
    columns = ("person_id", "team_id", "main", "start", "pk", "person__is_active", "person__left_on")
    found = []
    for part in _parts(rows, "person", people) if teams is None else _parts(rows, "team", teams):
        for person, team, main, start, key, active, gone in part.values_list(*columns):
            found.append(Place(person, team, main, start, key, active and (gone is None or gone >= day)))
    return found


def rebuild(day: dt.date | None = None) -> Repair:
    """Compare and repair the whole closure as of a day, today unless said otherwise."""
    with transaction.atomic():
        _one_at_a_time()
        day = day or clock.today()
        chart, places = chart_on(day), places_on(day)
        people = set(_living().values_list("pk", flat=True))
        repair = Repair(moved=_settle(places, None))
        _store(Reach, repair, set(chart.pairs(people, places)), _pairs(Reach.objects.all()))
        _store_units(repair, chart.unit_pairs(chart.parents, places), _units(UnitReach.objects.all()))
        return repair


@derived("org.reach", _("Who reaches whom"))
def _rebuild_and_tell() -> str:
    """The closure, for doctor."""
    done = rebuild()
    return f"+{done.added} −{done.removed} ↔{done.moved}"


def refresh(*, people: Collection[int] = (), viewers: Collection[int] = (), teams: Collection[int] = ()) -> Repair:
    """Repair who sees `people`, what `viewers` see, and who sees `teams` and all below them.

    Runs in the transaction of the change; a few queries, and time by the number of rows compared.
    """
    _one_at_a_time()
    day = clock.today()
    chart = chart_on(day)
    below = chart.subtree(teams)
    in_teams = places_on(day, teams=below) if below else []
    repair = Repair()
    if people := {*people, *(place.person for place in in_teams)}:
        _see(repair, chart, people, places_on(day, people=people))
    if viewers := chart.with_stand_ins(viewers):
        _view(repair, chart, viewers, places_on(day, teams=chart.led_by(viewers)))
    if holders := people | viewers:
        own = places_on(day, people=holders)
        wanted = {key: leads for key, leads in chart.unit_pairs(chart.parents, own).items() if key[0] in holders}
        _store_units(repair, wanted, _units(*_parts(UnitReach.objects.all(), "viewer", holders)))
    if below:
        wanted = chart.unit_pairs(below, in_teams)
        _store_units(repair, wanted, _units(*_parts(UnitReach.objects.all(), "unit", below)))
    return repair


def admit(people: Collection[int]) -> None:
    """Let new people reach themselves; who sees them follows with their first membership."""
    Reach.objects.bulk_create(
        [Reach(viewer_id=one, person_id=one) for one in people], batch_size=BATCH, ignore_conflicts=True
    )


def _see(repair: Repair, chart: Chart, people: Set[int], places: list[Place]) -> None:
    """Repair the rows with these people as the ones who are seen."""
    living = _ids(*_parts(_living(), "pk", people))
    repair.moved += _settle(places, people)
    _store(Reach, repair, set(chart.pairs(living, places)), _pairs(*_parts(Reach.objects.all(), "person", people)))


def _view(repair: Repair, chart: Chart, viewers: Set[int], places: list[Place]) -> None:
    """Repair the rows with these people as the ones who see."""
    seen = _ids(*_parts(_living(), "pk", viewers | chart.stood_in_by(viewers)))
    wanted = {pair for pair in chart.pairs(seen, places) if pair[0] in viewers}
    _store(Reach, repair, wanted, _pairs(*_parts(Reach.objects.all(), "viewer", viewers)))


def _living() -> QuerySet[Person]:
    return Person.objects.filter(deleted_at__isnull=True)


def _settle(places: Iterable[Place], people: Collection[int] | None) -> int:
    """Store the main team of the people (None: of all) where it has changed."""
    wanted = homes(places)
    rows = [row for part in _parts(Person.objects.all(), "pk", people) for row in part.values_list("pk", "unit_id")]
    moved: dict[int | None, list[int]] = defaultdict(list)
    for person, unit in rows:
        if unit != (home := wanted.get(person)):
            moved[home].append(person)
    for home, members in moved.items():
        for part in _parts(Person.objects.all(), "pk", members):
            part.update(unit_id=home)
    return sum(map(len, moved.values()))


def _store(model: type[Reach], repair: Repair, wanted: Set[Pair], stored: Set[Pair]) -> None:
    fresh = sorted(wanted - stored)
    model.objects.bulk_create(
        [model(viewer_id=viewer, person_id=person) for viewer, person in fresh], batch_size=BATCH, ignore_conflicts=True
    )
    gone = stored - wanted
    _drop(model, "person", gone)
    repair.added += len(fresh)
    repair.removed += len(gone)


def _store_units(repair: Repair, wanted: dict[Pair, bool], stored: dict[Pair, bool]) -> None:
    gone = {pair for pair, leads in stored.items() if wanted.get(pair) is not leads}
    fresh = [(pair, leads) for pair, leads in sorted(wanted.items()) if stored.get(pair) is not leads]
    _drop(UnitReach, "unit", gone)
    UnitReach.objects.bulk_create(
        [UnitReach(viewer_id=viewer, unit_id=unit, leads=leads) for (viewer, unit), leads in fresh],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    repair.added += len(fresh)
    repair.removed += len(gone)


def _drop(model: type[models.Model], other: str, pairs: Set[Pair]) -> None:
    """Delete pairs by their rarer side, so that a director's ten thousand go in a dozen statements."""
    by: tuple[dict[int, list[int]], dict[int, list[int]]] = (defaultdict(list), defaultdict(list))
    for viewer, seen in pairs:
        by[0][viewer].append(seen)
        by[1][seen].append(viewer)
    names = ("viewer", other) if len(by[0]) <= len(by[1]) else (other, "viewer")
    for one, many in by[names[0] == other].items():
        for part in _parts(model._default_manager.filter(**{names[0]: one}), names[1], many):
            part.delete()


def _parts(rows: QuerySet[Any], name: str, ids: Collection[int] | None) -> Iterator[QuerySet[Any]]:
    """The rows whose `name` is among the ids, in as many queries as one IN list needs; None: all rows."""
    if ids is None:
        yield rows
        return
    rest = iter(sorted(ids))
    while part := list(islice(rest, PART)):
        yield rows.filter(**{f"{name}__in": part})


def _ids(*parts: QuerySet[Person]) -> set[int]:
    return {key for part in parts for key in part.values_list("pk", flat=True)}


def _pairs(*parts: QuerySet[Reach]) -> set[Pair]:
    return {pair for part in parts for pair in part.values_list("viewer_id", "person_id")}


def _units(*parts: QuerySet[UnitReach]) -> dict[Pair, bool]:
    return {
        (viewer, unit): leads
        for part in parts
        for viewer, unit, leads in part.values_list("viewer_id", "unit_id", "leads")
    }


def _one_at_a_time() -> None:
    """Two transactions that repair from what they can't see of each other would both be right and the sum wrong."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
