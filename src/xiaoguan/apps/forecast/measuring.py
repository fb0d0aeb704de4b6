"""How far off forecasts were, measured each night for the months that are over."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.forecast.models import Snapshot
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.readings import Found, Month, measurer
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.metrics.standing import stands
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import clock

PERSON = "person:"


@measurer
def forecasts(month: Month) -> Found:
    """What was told for each person when the month began, held against what he won in it; empty while it runs."""
    if month.last >= clock.today():
        return {}
    told = Snapshot.objects.filter(start=month.first, subject__startswith=PERSON).values_list("subject", "middle")
    came = figures([WON_AMOUNT], Slice(month.first, month.last), by=["person"])
    off: dict[int | None, int] = {}
    won: dict[int | None, int] = {}
    for subject, middle in told:
        person = int(subject.removeprefix(PERSON))
        won[person] = came.value(WON_AMOUNT, (person,)) or 0
        off[person] = abs(middle - won[person])
    return {"forecast_off": off, "forecast_came": won}


stands("forecast_came", "forecast_off", label=_("Deals won in the month"), model=Deal, whose="credited", status="won",
       won_on="{first}..{last}", sort="-amount")  # fmt: skip
