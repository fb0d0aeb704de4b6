"""The process report: one page, whose address says everything it is about."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.opportunities.models import Deal, Pipeline, StageEntry
from xiaoguan.apps.process import drawings
from xiaoguan.apps.process.queries import DIMENSIONS, Question, breakdown, flow, outcomes
from xiaoguan.kit import access, clock
from xiaoguan.kit.entity import Entity

YEAR = dt.timedelta(days=365)


def report(request: HttpRequest) -> HttpResponse:
    """Funnel, transitions, deviations, and the same by one dimension."""
    actor: Any = request.user
    if not (access.may(actor, "view", Deal) and access.may(actor, "view", StageEntry)):
        raise Http404
    pipelines = list(access.visible(Pipeline, actor).order_by("position", "pk"))
    if not pipelines:
        raise Http404
    given = {name: request.GET[name] for name in request.GET}
    asked = _question(given, pipelines, actor)
    offered = [each for each in DIMENSIONS if access.readable(actor, Entity.of(Deal), each.path)]
    by = next((each for each in offered if each.code == given.get("by")), offered[0] if offered else None)

    def address(**changes: Any) -> str:
        known = {name: value for name, value in given.items() if name in KNOWN} | changes
        query = urlencode({name: value for name, value in known.items() if value not in (None, "")})
        return f"{reverse('process:report')}?{query}"

    found = flow(actor, asked)
    context = {
        "page_title": _("How deals move"),
        "page_fact": _("stages entered from %(first)s to %(last)s") % {"first": asked.first, "last": asked.last},
        "asked": asked,
        "pipelines": [(each, address(pipeline=each.pk)) for each in pipelines],
        "periods": [(label, address(**{"from": first, "to": last}), (first, last) == (asked.first, asked.last))
                    for label, first, last in _periods()],
        "kept": [(name, value) for name, value in given.items() if name in KNOWN - {"from", "to"}],
        "chips": drawings.chips(asked, address),
        "sentence": drawings.sentence(asked, found),
        "funnel": drawings.funnel(asked, found),
        "matrix": drawings.matrix(asked, found),
        "deviations": drawings.deviations(asked, outcomes(actor, asked)),
        "tabs": [(each.label, address(by=each.code), each is by) for each in offered],
        "breakdown": drawings.breakdown(asked, by, breakdown(actor, asked, by), address) if by else "",
    }  # fmt: skip
    return TemplateResponse(request, "process/report.html", context)


KNOWN = frozenset({"pipeline", "from", "to", "by", *(each.code for each in DIMENSIONS)})


def _question(given: dict[str, str], pipelines: list[Pipeline], actor: Any) -> Question:
    """What the address asks for; what can't be read is as if it had not been asked."""
    pipeline = next((each for each in pipelines if str(each.pk) == given.get("pipeline")), pipelines[0])
    today = clock.today()
    first, last = _day(given.get("from")) or today - YEAR, _day(given.get("to")) or today
    where = []
    for each in DIMENSIONS:
        raw = given.get(each.code, "").replace("\x00", "").strip()[:60]
        number = raw.isascii() and raw.isdigit() and len(raw) < 19
        fits = bool(raw) if each.path.endswith("city") else number
        if fits and access.readable(actor, Entity.of(Deal), each.path):
            where.append((each.path, raw))
    return Question(pipeline, min(first, last), max(first, last), tuple(where))


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None


def _periods() -> list[tuple[str, dt.date, dt.date]]:
    """The periods people ask about."""
    today = clock.today()
    year = today.replace(month=1, day=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    before = year.replace(year=year.year - 1)
    return [
        (_("12 months"), today - YEAR, today),
        (_("This quarter"), quarter, today),
        (_("This year"), year, today),
        (_("Last year"), before, year - dt.timedelta(days=1)),
    ]
