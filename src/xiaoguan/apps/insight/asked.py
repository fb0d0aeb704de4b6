"""What today asks of somebody: what is left of the month over the days left, in calls, visits and quotes.

The rates are the wins per call, visit and quote of the last twelve months, drawn towards those of the team where the
own history is short, and those of the team towards the company's where that is short too (``calc.conversion``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.apps.insight.outlook import Outlook
from xiaoguan.apps.metrics.queries import Figures, figures
from xiaoguan.apps.metrics.shipped import WON_AMOUNT, WON_COUNT, metrics
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.org.models import Person
from xiaoguan.calc.conversion import Need, Step, needed, per_win, shrunk
from xiaoguan.kit import clock, memo, render

YEAR = dt.timedelta(days=365)
ENOUGH = 20
"""From so many wins in a year on a team says enough by itself; below, the whole company stands for it."""
MOST = (40, 6, 6)
"""No day holds more calls, visits and quotes."""
ASKED_BELOW = 1.0
"""What is rarer than wins (a company that seldom writes quotes) does not lead to them and is not asked for."""
CALLS, VISITS, QUOTES = (metrics.shipped[code] for code in ("calls", "visits", "quotes_sent"))
NAMES = (
    ("phone", gettext_lazy("Calls"), "call"),
    ("map-pin", gettext_lazy("Visits"), "visit"),
    ("file-dollar", gettext_lazy("Quotes"), "quote"),
)
"""Icon, name and code of what is asked for, in the order of all counts here."""


@dataclass(frozen=True)
class History:
    """Calls, visits, quotes (``counts``), wins and what they came to (fen) of one person in a stretch of time."""

    counts: tuple[int, int, int] = (0, 0, 0)
    wins: int = 0
    amount: int = 0


@dataclass(frozen=True)
class Ask:
    """One thing that today asks for: how many, how many are done, and the rate it follows from."""

    icon: str
    name: str
    code: str
    count: int
    done: int
    step: Step

    @property
    def met(self) -> bool:
        """Whether that is done for today."""
        return self.done >= self.count

    @property
    def why(self) -> str:
        """The history behind the number, in words."""
        step = self.step
        words = {"name": self.name, "before": f"{step.before:,}", "wins": f"{step.after:,}"}
        if step.own >= 0.5 and step.after:
            return ngettext(
                "in 12 months %(before)s made %(wins)s win", "in 12 months %(before)s made %(wins)s wins", step.after
            ) % words  # fmt: skip
        each = f"{round(1 / step.rate, 1):g}"
        return _("one win of %(each)s as in the team; your own 12 months: %(before)s, %(wins)s won") % {
            **words,
            "each": each,
        }


@dataclass(frozen=True)
class Plan:
    """What one day asks of a person, and what is done of it."""

    person: Person
    need: Need
    each: int
    days: int
    gap: int
    asks: tuple[Ask, ...]

    @cached_property
    def met(self) -> bool:
        """Whether all of it is done."""
        return all(ask.met for ask in self.asks)

    @property
    def wins_a_month(self) -> int:
        """So many wins close the gap, rounded up."""
        return -(-self.gap // self.each)

    @property
    def why(self) -> str:
        """How the day's amount becomes wins."""
        wins = self.wins_a_month
        text = ngettext(
            "%(gap)s left ÷ %(each)s a win = %(wins)s win in %(days)s working days",
            "%(gap)s left ÷ %(each)s a win = %(wins)s wins in %(days)s working days",
            wins,
        )
        gap, each = render.money_text(self.gap), render.money_text(self.each)
        return text % {"gap": gap, "each": each, "wins": wins, "days": self.days}


def plans(people: Sequence[Person], outlooks: Mapping[int, Outlook]) -> dict[int, Plan]:
    """What today asks of each person who has a target of the month and a gap; a fixed number of queries.

    `outlooks` are those of the running month as the reader may see them.
    """
    wanted = [one for one in people if (found := outlooks.get(one.pk)) is not None and found.target and found.gap]
    if not wanted:
        return {}
    today = clock.today()
    done = histories([one.pk for one in wanted], today, today)
    teams: dict[int | None, list[Person]] = {}
    for one in wanted:
        teams.setdefault(one.unit_id, []).append(one)
    made = {}
    for unit, members in teams.items():
        around = _around(unit, today)
        for one in members:
            plan = _plan(one, outlooks[one.pk], around, done.get(one.pk, History()))
            if plan is not None:
                made[one.pk] = plan
    return made


def _plan(person: Person, outlook: Outlook, around: Mapping[int, History], done: History) -> Plan | None:
    own = around.get(person.pk, History())
    others = [history for pk, history in around.items() if pk != person.pk]
    steps = [
        shrunk(own.counts[place], own.wins, [(other.counts[place], other.wins) for other in others])
        for place in range(len(NAMES))
    ]
    each = per_win(own.wins, own.amount, [(other.wins, other.amount) for other in others])
    days = outlook.progress.left
    need = needed(outlook.gap, days, each, [step.rate for step in steps], MOST)
    if need is None:
        return None
    asks = tuple(
        Ask(icon, str(name), code, need.counts[place], done.counts[place], steps[place])
        for place, (icon, name, code) in enumerate(NAMES)
        if need.counts[place] and steps[place].rate < ASKED_BELOW
    )
    return Plan(person, need, each, days, outlook.gap, asks) if asks else None


def _around(unit: int | None, today: dt.date) -> dict[int, History]:
    """The last twelve months of a team's people, or of the company while the team has won little; kept for the day."""
    if unit is not None:
        team = memo.remember(("insight.asked", unit), today, lambda: _of_team(unit, today))
        if sum(history.wins for history in team.values()) >= ENOUGH:
            return team
    whole: dict[int, History] = memo.remember(("insight.asked", None), today, lambda: _past(None, today))
    return whole


def _of_team(unit: int, today: dt.date) -> dict[int, History]:
    people = Person.objects.filter(unit=unit, is_active=True, deleted_at__isnull=True)
    return _past(list(people.values_list("pk", flat=True)), today)


def _past(people: Sequence[int] | None, today: dt.date) -> dict[int, History]:
    return histories(people, today - YEAR, today - dt.timedelta(days=1))


def histories(people: Sequence[int] | None, first: dt.date, last: dt.date) -> dict[int, History]:
    """What people did and won from one day to another, both included; one query."""
    told = [CALLS, VISITS, QUOTES, WON_COUNT, WON_AMOUNT]
    found: Figures = figures(told, Slice(first, last, people=people), by=["person"])
    return {
        key[0]: History(
            (found.value(CALLS, key) or 0, found.value(VISITS, key) or 0, found.value(QUOTES, key) or 0),
            found.value(WON_COUNT, key) or 0,
            found.exact(key, WON_AMOUNT.measure),
        )
        for key in found.rows
        if key[0] is not None
    }


def of_one(person: Person, outlook: Outlook) -> Plan | None:
    """What today asks of one person."""
    return plans([person], {person.pk: outlook}).get(person.pk)
