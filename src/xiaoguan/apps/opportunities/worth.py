"""What deals add to the sums of territories: what is open, and what was won within a year."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.territories.queries import Worth, worth
from xiaoguan.kit import clock

YEAR = dt.timedelta(days=365)

worth(Worth("open", _("Open deals"), Deal, lambda rows: rows.filter(status=Status.OPEN)))
worth(
    Worth(
        "won",
        _("Won in 12 months"),
        Deal,
        lambda rows: rows.filter(status=Status.WON, won_on__gt=clock.today() - YEAR),
    )
)
