"""The grid out to Excel and in again: the differences are looked at before they are set."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.goals import queries, table, workbook
from xiaoguan.apps.goals.actions import Cell, set_targets
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.pages import address, chosen
from xiaoguan.apps.goals.workbook import Difference
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, toasts
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.pages.exporting import XLSX

SHOWN = 500
"""So many differences the page lists; all of them are set."""
UNITS = {"money": "CNY", "rate": "%", "minutes": "h", "days": "d", "count": ""}


def out(request: HttpRequest) -> HttpResponse:
    """The grid as the reader sees it, as a workbook to edit and bring in again."""
    metric, year, _show = chosen(request)
    if not access.may(request.user, "export", Target):
        raise Denied("export", Target)
    title = f"{metric.label} {year.code}"
    raw = workbook.write(metric, year, queries.grid(request.user, metric, year, most=None), title, UNITS[metric.unit])
    response = HttpResponse(raw, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{title}.xlsx")
    return response


def back(request: HttpRequest) -> HttpResponse:
    """Show what a workbook would change, or set it."""
    metric, year, show = chosen(request)
    if not access.may(request.user, "change", Target):
        raise Denied("change", Target)
    tops = queries.grid(request.user, metric, year, most=None)
    if "apply" in request.POST:
        cells = _agreed(request, metric, year)
        done = set_targets(metric, cells, actor=request.user, name="workbook")
        text = ngettext("%(n)d target is set", "%(n)d targets are set", len(cells)) % {"n": len(cells)}
        toasts.tell(request, text, done.change)
        return redirect(address(metric, year, show))
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid({"file": [_("Choose the file you edited.")]})
    found = workbook.read(upload, metric, year, tops)
    good = [each for each in found if not each.refused]
    bad = [each for each in found if each.refused]
    context = {
        "page_title": _("What the file changes, %(year)s: %(metric)s") % {"year": year.code, "metric": metric.label},
        "metric": metric,
        "good": [_line(metric, each) for each in good[:SHOWN]],
        "count": len(good),
        "refused": len(bad),
        "cells": json.dumps([[each.subject.key, each.month.code, each.now, each.then] for each in good]),
        "bad": [_line(metric, each) for each in bad[:SHOWN]],
        "unit": wording.unit(metric),
        "back": address(metric, year, show),
    }
    return TemplateResponse(request, "goals/workbook.html", context)


def _line(metric: Metric, found: Difference) -> dict[str, Any]:
    return {
        "name": found.name,
        "month": found.month.code,
        "now": table.shown(metric, found.now) or "—",
        "then": table.shown(metric, found.then) or "—",
        "refused": found.refused,
    }


def _agreed(request: HttpRequest, metric: Metric, year: Period) -> dict[Cell, int | None]:
    """The cells of the list that was looked at; Invalid when one of them has changed meanwhile."""
    cells: dict[Cell, int | None] = {}
    asked: dict[Cell, int | None] = {}
    try:
        for key, code, now, then in json.loads(request.POST.get("cells", "")):
            month = year.calendar.parse(code)
            if str(month.kind) != "month" or month.start not in year or not _whole(now) or not _whole(then):
                raise Http404
            cell = (queries.Subject.parse(key), month)
            cells[cell], asked[cell] = then, now
    except (ValueError, TypeError, AttributeError, PeriodError):
        raise Http404 from None
    if not cells:
        raise Invalid({"": [_("Nothing in this file changes a target.")]})
    found = queries.targets(metric, year.start, year.end, {subject.key for subject, _month in cells})
    for (subject, month), was in asked.items():
        if found.of(subject.key, month) != was:
            text = _("Somebody has changed %(month)s meanwhile; bring the file in again.")
            raise Invalid({"": [text % {"month": month.code}]})
    return cells


def _whole(value: Any) -> bool:
    """Whether a cell holds what a target may be: nothing, or a whole number of 0 or more."""
    return value is None or (type(value) is int and value >= 0)
