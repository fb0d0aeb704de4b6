"""Briefings are sent on working days: of the day before, of a week or month on the first working day after its end."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.briefing.composing import compose
from xiaoguan.apps.briefing.scope import due, scope_of
from xiaoguan.apps.briefing.wording import title
from xiaoguan.apps.notices.kinds import TEAM, declare
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import job, schedule

LABELS = {
    "day": _("My briefing of the day"),
    "week": _("My briefing of the week"),
    "month": _("My briefing of the month"),
}
for _kind, _label in LABELS.items():
    declare(f"briefing_{_kind}", _label, icon="report", group=TEAM, one="%(text)s", mail=_kind != "day")


@job.job("briefing.send", label=_("Send briefings"), slow=True, lease=120)
def send(run: job.Run) -> dict[str, int]:
    """Tell everybody who reads figures what a period brought; nothing where nothing moved. One person is one chunk."""
    kind, told = run.payload["kind"], 0
    period = due(kind)
    if period is None:
        return {"told": 0}
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True, pk__gt=int(run.cursor or 0))
    for person in rows.order_by("pk").iterator():
        scope = scope_of(person)
        with run.chunk(cursor=person.pk, done=1):
            if scope is not None:
                with translation.override(person.language or settings.LANGUAGE_CODE):
                    found = compose(person, scope, period)
                    text = "\n".join([title(period), *(f"· {line.text}" for line in found.lines)])
                    url = f"{reverse('briefing:page')}?kind={kind}&of={period.code}"
                    told += len(tell(f"briefing_{kind}", [person], text=text, url=url)) if found.lines else 0
    return {"told": told}


for _kind, _cron in (("day", "50 7 * * *"), ("week", "55 7 * * *"), ("month", "58 7 * * *")):
    schedule.every(_cron, "briefing.send", label=LABELS[_kind], name=f"briefing.{_kind}", payload={"kind": _kind})
