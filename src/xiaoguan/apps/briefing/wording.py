"""How the period of a briefing is called."""

from __future__ import annotations

from django.utils.translation import gettext as _

from xiaoguan.calc.period import Period
from xiaoguan.kit import render


def title(period: Period) -> str:
    """The heading of a briefing."""
    kind = str(period.kind)
    if kind == "day":
        return _("Briefing of %(day)s") % {"day": render.day_heading(period.start)}
    if kind == "week":
        words = {"week": period.index, "first": f"{period.start:%m-%d}", "last": f"{period.end:%m-%d}"}
        return _("Briefing of week %(week)s (%(first)s to %(last)s)") % words
    return _("Briefing of %(month)s") % {"month": period.code}
