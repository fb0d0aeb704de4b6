"""The page of briefings: the last one, and the earlier ones, told anew by what the reader may see today."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _, pgettext

from xiaoguan.apps.briefing.composing import compose
from xiaoguan.apps.briefing.scope import KINDS, asked_for, before, last_over, scope_of
from xiaoguan.apps.briefing.wording import title
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period

EARLIER = 8


def briefing(request: HttpRequest) -> HttpResponse:
    """What moved, what stands out, why."""
    actor: Any = request.user
    scope = scope_of(actor)
    kind = request.GET.get("kind", "week")
    if scope is None or kind not in KINDS:
        raise Http404
    try:
        period = asked_for(kind, request.GET.get("of", ""))
    except PeriodError:
        raise Http404 from None
    found = compose(actor, scope, period)
    context = {
        "page_title": title(period),
        "kind": kind,
        "kinds": [
            ("day", pgettext("span", "Day")),
            ("week", pgettext("span", "Week")),
            ("month", pgettext("span", "Month")),
        ],
        "found": found,
        "parts": [
            (_("What moved"), found.moved),
            (_("What stands out"), found.out),
            (pgettext("causes", "Why"), found.why),
        ],
        "earlier": [(each.code, title(each), each == period) for each in _earlier(last_over(kind))],
        "group": not scope.alone,
    }
    return TemplateResponse(request, "briefing/briefing.html", context)


def _earlier(last: Period) -> list[Period]:
    found = [last]
    while len(found) < EARLIER:
        found.append(before(found[-1]))
    return found
