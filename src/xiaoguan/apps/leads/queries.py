"""Reads of leads: who could take one, and how fast they are answered."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max

from xiaoguan.apps.leads.models import Lead, Question
from xiaoguan.apps.leads.models.lead import OPEN
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.org.queries import members_on, working_calendar, working_hours
from xiaoguan.apps.territories.queries import cut, looking_after, place
from xiaoguan.calc import worktime
from xiaoguan.calc.rota import Bearer, deal_out, median
from xiaoguan.kit import access, clock
from xiaoguan.lexicon import regions

BECAUSE = "whose turn it is depends on everybody's open leads"


def waited(received: dt.datetime, answered: dt.datetime) -> int:
    """Working minutes from one moment to another on the company's clock."""
    return worktime.minutes(clock.local(received), clock.local(answered), working_calendar(), *working_hours())


def workday() -> int:
    """Minutes of a working day."""
    opens, closes = working_hours()
    return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute


def takers(team: Team | None) -> list[Person]:
    """The sellers of a team and all below, or of the whole company, by name."""
    people = members_on(None, team, below=True) if team is not None else Person.objects.filter(deleted_at__isnull=True)
    return list(people.filter(is_active=True, roles__code="salesperson").distinct().order_by("name", "pk"))


def next_in_turn(
    count: int, people: Collection[Person], most: int, given: Mapping[int, int] | None = None
) -> list[Person]:
    """Who gets the next leads: who has waited longest and carries fewer open ones than `most`.

    `given` counts what is being given to people now and is not stored yet; they are as if served just now.
    """
    given = given or {}
    by_id = {person.pk: person for person in people}
    rows = access.everything(Lead, because=BECAUSE).filter(owner__in=by_id)
    carried = dict(rows.filter(status__in=OPEN).order_by().values_list("owner").annotate(n=Count("pk")))
    latest = dict(rows.order_by().values_list("owner").annotate(last=Max("assigned_at")))
    bearers = [
        Bearer(
            pk,
            carried.get(pk, 0) + given.get(pk, 0),
            clock.now().timestamp() + given[pk]
            if given.get(pk)
            else last.timestamp()
            if (last := latest.get(pk)) is not None
            else 0,
        )
        for pk in by_id
    ]
    return [by_id[pk] for pk in deal_out(count, bearers, most)]


def by_territory(leads: Sequence[Lead], most: int) -> dict[int, Person]:
    """Who looks after the territory each lead lies in, by its place: its sellers in turn, else the one responsible.

    Whoever carries `most` open leads is passed over; a lead that lies in no territory, or one nobody is free in,
    is left out. The answer goes by the leads' places in the list.
    """
    current, looking = cut(), looking_after()
    sellers = {person.pk for person in takers(None)} if looking else set()
    found: dict[int, Person] = {}
    given: Counter[int] = Counter()
    for at, lead in enumerate(leads):
        where = place(regions.find(lead.province, lead.city), "", lead.kind_id)
        rows = [row for row in looking.get(current.claims(where).winner or 0, ()) if row.person.is_active]
        people = [row.person for row in rows if row.person_id in sellers] or [
            row.person for row in rows if not row.helper
        ]
        if chosen := next_in_turn(1, people, most, given):
            found[at] = chosen[0]
            given[chosen[0].pk] += 1
    return found


def questions() -> list[Question]:
    """The questions in use, in their order."""
    rows = access.everything(Question, because="everybody is asked the same")
    return list(rows.filter(active=True).order_by("position", "pk"))


@dataclass(frozen=True)
class Speed:
    """How one person, or nobody yet, has dealt with the leads of a span of days; minutes are working minutes."""

    person: int | None
    name: str
    received: int
    answered: int
    converted: int
    median: int | None

    @property
    def waiting(self) -> int:
        """How many have had no answer."""
        return self.received - self.answered


def speeds(actor: Any, first: dt.date, last: dt.date) -> tuple[list[Speed], Speed]:
    """Person by person, and all together, for the leads received in a span of days that this person sees."""
    rows = access.visible(Lead, actor).filter(received_on__gte=first, received_on__lte=last)
    told = rows.order_by().values_list("owner", "owner__name", "response_minutes", "converted_on")
    found: dict[int | None, list[Any]] = defaultdict(list)
    names: dict[int | None, str] = {}
    for owner, name, minutes, converted in told:
        found[owner].append((minutes, converted))
        names[owner] = name or ""
    each = [_speed(owner, names[owner], lines) for owner, lines in found.items()]
    each.sort(key=lambda one: (one.person is not None, -one.waiting, one.name))
    return each, _speed(None, "", [line for lines in found.values() for line in lines])


def _speed(person: int | None, name: str, lines: list[Any]) -> Speed:
    answered = [minutes for minutes, _converted in lines if minutes is not None]
    converted = sum(day is not None for _minutes, day in lines)
    return Speed(person, name, len(lines), len(answered), converted, median(answered))
