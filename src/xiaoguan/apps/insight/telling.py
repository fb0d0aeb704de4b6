"""Once a week, whoever is off pace hears it, and so does the manager."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.insight import outlook, work
from xiaoguan.apps.insight.outlook import Outlook
from xiaoguan.apps.notices.kinds import TEAM, declare
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import managers_of_people, system_actor, working_calendar
from xiaoguan.calc.figure import format_probability
from xiaoguan.kit import clock, job, render, schedule

declare(
    "off_pace",
    gettext_lazy("I am off pace, once a week"),
    icon="trending-down",
    group=TEAM,
    one=gettext_lazy("This month is off pace: %(text)s"),
    mail=True,
)
declare(
    "off_pace_team",
    gettext_lazy("People of my team are off pace, once a week"),
    icon="trending-down",
    group=TEAM,
    one=gettext_lazy("Off pace this month: %(text)s"),
    mail=True,
)
EARLY = 5
"""Nobody is off pace before a fifth (1/EARLY) of the month's working days are over."""
UNLIKELY = 0.5
"""Off pace: behind the on-pace value, and the target less likely than this."""
NAMED = 8


def off_pace(one: Outlook) -> bool:
    """Whether a month deserves an alert: behind by working days, and more likely missed than reached."""
    days = one.progress
    late = days.elapsed * EARLY >= days.total and days.left > 0
    return bool(late and one.target and one.ahead < 0 and (one.probability or 0) < UNLIKELY)


def said(one: Outlook, deals: Sequence[Deal] = ()) -> str:
    """By how much, what is left of it, how likely, and the deals worth most to it, in the language at hand."""
    words = {
        "behind": render.money_text(-one.ahead),
        "gap": render.money_text(one.gap),
        "days": one.progress.left,
        "chance": format_probability(one.probability),
    }
    text = _("%(behind)s behind, %(gap)s to go in %(days)s working days, probability %(chance)s") % words
    return f"{text}\n{named(deals, one.gap)}" if deals else text


def named(deals: Sequence[Deal], gap: int) -> str:
    """The open deals due this month that are worth most, with amount and probability, and their sum."""
    told = [f"{deal} {render.money_text(deal.amount)} ({render.share(deal.likely)})" for deal in deals]
    whole = sum(deal.amount or 0 for deal in deals)
    words = {"deals": render.listed(told), "sum": render.money_text(whole)}
    if whole >= gap:
        return _("Would close it: %(deals)s; together %(sum)s") % words
    return _("Worth most to it: %(deals)s; together %(sum)s, more is needed") % words


def _begins_a_week(day: dt.date) -> bool:
    """Whether it is the first working day of its week: nobody hears anything on a day off."""
    days = working_calendar()
    return days.works(day) and days.add(day, -1) < calendar().of("week", day).start


@job.job("insight.off_pace", label=gettext_lazy("Say who is off pace"), slow=True, lease=120)
def tell_off_pace(run: job.Run) -> dict[str, int]:
    """Tell each person who is off pace, and each manager once about all of his; a killed job repeats at most a part."""
    if not _begins_a_week(clock.today()):
        return {"told": 0}
    month = calendar().month(clock.today())
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True, unit__isnull=False)
    people = {one.pk: one for one in rows}
    leaders = managers_of_people(list(people))
    under: dict[int, list[Person]] = defaultdict(list)
    for pk, one in people.items():
        under[leaders[pk].pk if pk in leaders else 0].append(one)
    reader, told = system_actor(), 0
    for leader in sorted(pk for pk in under if pk > int(run.cursor if run.cursor is not None else -1)):
        with run.chunk(cursor=leader, done=len(under[leader])):
            each = outlook.of_people(reader, month, [one.pk for one in under[leader]])
            told += _tell(under[leader], people.get(leader), each, month.end)
    return {"told": told}


def _tell(people: Sequence[Person], leader: Person | None, each: Mapping[int, Outlook], last: dt.date) -> int:
    """Tell those of some people who are off pace, and whoever leads them; each only what he may see."""
    behind = sorted((one for one in people if off_pace(each[one.pk])), key=lambda one: each[one.pk].ahead)
    told, url = 0, reverse("home")
    for one in behind:
        if outlook.sight(one).both:
            with translation.override(one.language or settings.LANGUAGE_CODE):
                deals = _closing(one, [one.pk], last)
                told += len(tell("off_pace", [one], text=said(each[one.pk], deals), url=url))
    if behind and leader is not None and outlook.sight(leader).both:
        with translation.override(leader.language or settings.LANGUAGE_CODE):
            lines = [render.listed(_name(one, each[one.pk]) for one in behind[:NAMED])]
            if len(behind) > NAMED:
                more = len(behind) - NAMED
                lines[0] += " " + ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}
            if deals := _closing(leader, [one.pk for one in behind], last):
                lines.append(named(deals, sum(each[one.pk].gap for one in behind)))
            told += len(tell("off_pace_team", [leader], text="\n".join(lines), url=url, count=1))
    return told


def _name(person: Person, one: Outlook) -> str:
    """Who, how far behind, and what is to go."""
    words = {"name": person.name, "behind": render.money_text(-one.ahead), "gap": render.money_text(one.gap)}
    return _("%(name)s %(behind)s behind (%(gap)s to go)") % words


def _closing(reader: Person, people: list[int], last: dt.date) -> list[Deal]:
    """The deals that would close the gap, where their reader may see what they are worth and how likely they are."""
    return [deal for deal in work.closers(reader, people, last) if deal.amount and deal.likely]


schedule.every("0 8 * * *", "insight.off_pace", label=gettext_lazy("Say who is off pace"))
