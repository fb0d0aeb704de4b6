"""The ageing report, the instalments behind each of its numbers, and the same as a file."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.billing import ageing
from xiaoguan.apps.billing.ageing import BUCKETS, Line, Table
from xiaoguan.apps.billing.models import Instalment
from xiaoguan.kit import access, clock, kinds, render
from xiaoguan.kit.entity import Entity
from xiaoguan.transfer import table_file

SHOWN = 100
"""So many lines the page draws; the file has all."""
RECORDS = 200
MONTHS = 6


def _asked(request: HttpRequest) -> tuple[dt.date, str]:
    """Day and dimension of the address; not found for strangers and on nonsense."""
    if not ageing.may_read(request.user):
        raise Http404
    ways = ageing.ways(request.user)
    by = request.GET.get("by", next(iter(ways), ""))
    try:
        on = dt.date.fromisoformat(request.GET.get("on") or clock.today().isoformat())
    except ValueError:
        raise Http404 from None
    if by not in ways:
        raise Http404
    return min(on, clock.today()), by


def report(request: HttpRequest) -> HttpResponse:
    """What is owed, by how late it is."""
    on, by = _asked(request)
    found = ageing.table(request.user, on, by)
    today = clock.today()
    context = {
        "page_title": _("Receivable ageing"),
        "table": found,
        "body": _body(found),
        "foot": _cells(found, found.whole, ""),
        "total": found.whole.total,
        "late": found.whole.late,
        "share": render.percent(found.whole.late * 100_000 // found.whole.total) if found.whole.total else "",
        "heads": BUCKETS,
        "ways": ageing.ways(request.user).items(),
        "by": by,
        "on": on,
        "today": today,
        "days": [today, *_month_ends(today)],
        "more": max(len(found.lines) - SHOWN, 0),
        "unit": render.money_unit(),
    }
    return TemplateResponse(request, "billing/ageing.html", context)


def _month_ends(today: dt.date) -> list[dt.date]:
    """The last days of the months before, the latest first."""
    found, day = [], today
    for _month in range(MONTHS):
        day = day.replace(day=1) - dt.timedelta(days=1)
        found.append(day)
    return found


def _body(found: Table) -> SafeString:
    """The lines as one string: they are many and all alike."""
    lines, word = [], f'<span class="only-phone">{escape(_("Overdue"))}</span> '
    for line in found.lines[:SHOWN]:
        late = f'<td class="num p2r">{word}{_amount(line.late)}</td>'
        name = f'<td class="col-key p1">{escape(line.name)}</td>'
        lines.append(f"<tr>{name}{_cells(found, line, line.key)}{late}</tr>")
    return SafeString("".join(lines))


def _amount(fen: int) -> str:
    return str(render.amount(fen)) if fen else '<span class="faint">0</span>'


def _cells(found: Table, line: Line, key: str) -> SafeString:
    """Each bucket and the sum, every number a way to its instalments."""
    about = {"on": found.on.isoformat(), "by": found.by, "key": key}
    base = reverse("billing:behind")

    def linked(fen: int, more: dict[str, Any]) -> str:
        url = escape(f"{base}?{urlencode({**about, **more})}")
        return f'<a href="{url}">{_amount(fen)}</a>' if fen else _amount(fen)

    tones = ("", "", "", "", " amber", " red")
    buckets = "".join(
        f'<td class="num p0{tones[place] if fen else ""}">{linked(fen, {"bucket": place})}</td>'
        for place, fen in enumerate(line.sums)
    )
    return SafeString(f'{buckets}<td class="num strong p1r">{linked(line.total, {})}</td>')


def behind(request: HttpRequest) -> HttpResponse:
    """The instalments that make one number of the report."""
    on, by = _asked(request)
    raw, key = request.GET.get("bucket", ""), request.GET.get("key", "")
    if (raw and raw not in "012345") or len(raw) > 1 or not _known(by, key):
        raise Http404
    rows = list(ageing.behind(request.user, on, by, key, int(raw) if raw else None)[: RECORDS + 1])
    paid = ageing.paid_by(rows, on)
    lines = [(row, row.amount - paid.get(row.pk, 0), _late(row, on)) for row in rows[:RECORDS]]
    access.covered(request.user, *(row for row, _owed, _days in lines))
    entity = Entity.of(Instalment)
    context = {
        "page_title": _("Receivables: %(bucket)s") % {"bucket": BUCKETS[int(raw)] if raw else _("All")},
        "lines": [(row, entity.url("detail", row.pk), owed, late) for row, owed, late in lines],
        "total": sum(owed for _row, owed, _days in lines),
        "on": on,
        "more": len(rows) > RECORDS,
        "back": f"{reverse('billing:ageing')}?{urlencode({'on': on.isoformat(), 'by': by})}",
    }
    return TemplateResponse(request, "billing/behind.html", context)


def _known(by: str, key: str) -> bool:
    """Whether a key can be one of the dimension."""
    if not key or key == "none":
        return True
    return key.isalpha() if by == "kind" else key.isascii() and key.isdigit() and len(key) < 19


def _late(row: Instalment, on: dt.date) -> int:
    return max((on - row.due_on).days, 0) if row.due_on else 0


def file(request: HttpRequest) -> HttpResponse:
    """The whole report as CSV or xlsx, in yuan."""
    on, by = _asked(request)
    if not access.may(request.user, "export", Instalment):
        raise Http404
    found = ageing.table(request.user, on, by)
    head = [str(ageing.WAYS[by]), *map(str, BUCKETS), _("Sum"), _("Overdue")]
    lines: list[list[Any]] = [[line.name, *_yuan(line)] for line in found.lines]
    lines.append([_("Sum"), *_yuan(found.whole)])
    return table_file.answer(request.GET.get("as", "xlsx"), f"ageing-{on.isoformat()}", head, lines)


def _yuan(line: Line) -> list[Any]:
    return [kinds.MONEY.plain(fen) for fen in (*line.sums, line.total, line.late)]
