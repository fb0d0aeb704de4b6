"""The page of market shares: a year's markets, how much of each is ours, and what the wanted share means in money."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.metrics import dimensions, market, wording
from xiaoguan.apps.metrics.models import Confidence, MarketSize
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import is_hidden
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.kit import access, clock, gauges, render
from xiaoguan.kit.entity import Entity

TONES = {Confidence.HIGH: "green", Confidence.MEDIUM: "accent", Confidence.LOW: "amber"}


def page(request: HttpRequest) -> HttpResponse:
    """The markets of a year; figures are left out where amounts, places or products are hidden."""
    actor: Any = request.user
    if not access.may(actor, "view", MarketSize):
        raise Http404
    known = market.years(actor)
    this = clock.today().year
    year = _year(request.GET.get("year", ""), known[0] if known and this not in known else this)
    hidden = is_hidden(actor, WON_AMOUNT) or any(dimensions.is_hidden(actor, code) for code in ("region", "category"))
    masked = access.masked(actor, MarketSize)
    found = market.lines(actor, year)
    entity = Entity.of(MarketSize)
    context = {
        "page_title": _("Market share"),
        "year": year,
        "years": sorted({*known, this, year}, reverse=True)[:6],
        "lines": [_told(actor, line, hidden or "amount" in masked, masked) for line in found],
        "unit": wording.unit(WON_AMOUNT),
        "new_url": f"{entity.url('new')}?year={year}" if access.may(actor, "create", MarketSize) else "",
        "rows_url": f"{entity.url('list')}?year={year}",
    }
    return TemplateResponse(request, "metrics/market.html", context)


def _year(raw: str, otherwise: int) -> int:
    if not raw:
        return otherwise
    if not (raw.isascii() and raw.isdigit() and 2000 <= int(raw[:5]) <= 2999):
        raise Http404
    return int(raw)


def _told(actor: Any, line: market.Line, hidden: bool, masked: Any) -> dict[str, Any]:
    """One market as the table shows it; what is masked is said to be."""
    row = line.row
    first, last = market.span(row.year)
    about = {name: value for name, value in (("region", row.region[:2]), ("series", row.category)) if value}
    none = render.masked()
    aimed = "target" not in masked and row.target is not None and not hidden
    return {
        "name": row.market if not {"region", "category"} & masked else none,
        "url": Entity.of(MarketSize).url("detail", row),
        "depth": int(bool(row.region and row.category)),
        "size": none if "amount" in masked else render.amount(row.amount),
        "ours": none if hidden else render.amount(line.ours),
        "records": "" if hidden else records_url(WON_AMOUNT.code, first, last, **about),
        "share": none if hidden else render.percent(line.share),
        "before": none if hidden else render.percent(line.before) if line.before is not None else render.NOTHING,
        "bar": gauges.bar(line.share, row.target, _("Share wanted")) if aimed else "",
        "target": none if "target" in masked else render.percent(row.target) if row.target else render.NOTHING,
        "aim": render.amount(line.aim) if aimed else render.NOTHING,
        "left": render.amount(line.left) if aimed and line.left else (_("reached") if aimed else render.NOTHING),
        "source": none if "source" in masked else row.source,
        "confidence": "" if "confidence" in masked else row.get_confidence_display(),
        "tone": TONES[Confidence(row.confidence)],
    }
