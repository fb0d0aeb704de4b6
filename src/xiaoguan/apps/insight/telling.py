"""Once a week, whoever is off pace hears it, and so does the manager."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.insight import outlook
from xiaoguan.apps.insight.outlook import Outlook
from xiaoguan.apps.notices.kinds import TEAM, declare
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import managers_of_people, system_actor
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


def said(one: Outlook) -> str:
    """By how much, what is left of it, how likely, in the language at hand."""
    words = {
        "behind": render.money_text(-one.ahead),
        "gap": render.money_text(one.gap),
        "days": one.progress.left,
        "chance": format_probability(one.probability),
    }
    return _("%(behind)s behind, %(gap)s to go in %(days)s working days, probability %(chance)s") % words


@job.job("insight.off_pace", label=gettext_lazy("Say who is off pace"), slow=True, lease=120)
def tell_off_pace(run: job.Run) -> dict[str, int]:
    """Tell each person who is off pace, and each manager once about all of his; a killed job repeats at most a part."""
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
            told += _tell(under[leader], people.get(leader), each)
    return {"told": told}


def _tell(people: Sequence[Person], leader: Person | None, each: Mapping[int, Outlook]) -> int:
    """Tell those of some people who are off pace, and whoever leads them; each only what he may see."""
    behind = sorted((one for one in people if off_pace(each[one.pk])), key=lambda one: each[one.pk].ahead)
    told, url = 0, reverse("home")
    for one in behind:
        if outlook.sight(one).both:
            with translation.override(one.language or settings.LANGUAGE_CODE):
                told += len(tell("off_pace", [one], text=said(each[one.pk]), url=url))
    if behind and leader is not None and outlook.sight(leader).both:
        with translation.override(leader.language or settings.LANGUAGE_CODE):
            names = [f"{one.name} {render.money_text(each[one.pk].ahead)}" for one in behind[:NAMED]]
            told += len(tell("off_pace_team", [leader], text=render.listed(names), url=url, count=1))
    return told


schedule.every("0 8 * * 1", "insight.off_pace", label=gettext_lazy("Say who is off pace"))
