"""Briefings are sent on working days: of the day before, of a week or month on the first working day after its end.

Whoever has chosen no hour is told before the day's work begins, whoever has chosen one at that hour.
"""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.briefing.composing import compose
from xiaoguan.apps.briefing.models import Sent
from xiaoguan.apps.briefing.scope import KINDS, due, scope_of
from xiaoguan.apps.briefing.wording import title
from xiaoguan.apps.notices.kinds import TEAM, declare
from xiaoguan.apps.notices.queries import timed_by
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.org.models import Person
from xiaoguan.calc.period import Period
from xiaoguan.kit import clock, job, schedule

LABELS = {
    "day": _("My briefing of the day"),
    "week": _("My briefing of the week"),
    "month": _("My briefing of the month"),
}
for _kind, _label in LABELS.items():
    declare(f"briefing_{_kind}", _label, icon="report", group=TEAM, one="%(text)s", mail=_kind != "day", timed=True)


@job.job("briefing.send", label=_("Send briefings"), slow=True, lease=120)
def send(run: job.Run) -> dict[str, int]:
    """Tell everybody who reads figures what a period brought; nothing where nothing moved. One person is one chunk.

    A `kind` in the payload tells those without an hour of their own; without one, all kinds go to those whose
    hour has come. What a chunk sends and the mark that it was sent are one transaction.
    """
    asked = run.payload.get("kind")
    hour = None if asked else clock.local(clock.now()).hour
    told = 0
    for kind in [asked] if asked else KINDS:
        period = due(kind)
        if period is None:
            continue
        for person in _waiting(kind, period, hour).iterator():
            with run.chunk(done=1):
                told += _send(person, kind, period)
    return {"told": told}


def _waiting(kind: str, period: Period, hour: int | None) -> QuerySet[Person]:
    """Who has not been sent the briefing of a period and is to have it by this hour; None: who chose no hour."""
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True)
    chosen = timed_by(hour).values("person")
    rows = rows.exclude(pk__in=chosen) if hour is None else rows.filter(pk__in=chosen)
    return rows.exclude(pk__in=Sent.objects.filter(kind=kind, period=period.code).values("person")).order_by("pk")


def _send(person: Person, kind: str, period: Period) -> int:
    """Tell one person, and remember it; returns how many notices that made."""
    mark, fresh = Sent.objects.get_or_create(person=person, kind=kind, defaults={"period": period.code})
    if not fresh and mark.period == period.code:
        return 0
    Sent.objects.filter(pk=mark.pk).update(period=period.code)
    scope = scope_of(person)
    if scope is None:
        return 0
    with translation.override(person.language or settings.LANGUAGE_CODE):
        found = compose(person, scope, period)
        if not found.lines:
            return 0
        text = "\n".join([title(period), *(f"· {line.text}" for line in found.lines)])
        url = f"{reverse('briefing:page')}?kind={kind}&of={period.code}"
        return len(tell(f"briefing_{kind}", [person], text=text, url=url))


for _kind, _cron in (("day", "50 7 * * *"), ("week", "55 7 * * *"), ("month", "58 7 * * *")):
    schedule.every(_cron, "briefing.send", label=LABELS[_kind], name=f"briefing.{_kind}", payload={"kind": _kind})
schedule.every("0 7-21 * * *", "briefing.send", label=_("Briefings at an hour of one's own"), name="briefing.hours")
