"""How good forecasts are: win probabilities held against what became of deals, landings against what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.forecast import accuracy
from xiaoguan.apps.forecast.accuracy import Record
from xiaoguan.apps.forecast.learning import lesson
from xiaoguan.apps.forecast.models import Lesson
from xiaoguan.apps.metrics.queries import is_hidden
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.calc.figure import format_range
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.kit import access, render
from xiaoguan.kit.charts import chart


def may_read(actor: Any) -> bool:
    """Who reads figures and sees deals with their probabilities."""
    grants = access.grants(actor)
    reads = grants.scope("metrics.figures", "view") != "none" and access.may(actor, "view", Deal)
    return bool(reads) and "probability" not in access.masked(actor, Deal)


def calibration(request: HttpRequest) -> HttpResponse:
    """Brier score, reliability and past forecasts, in words first."""
    actor: Any = request.user
    if not may_read(actor):
        raise Http404
    row = lesson()
    report = row.report if row is not None else {}
    company, people = (None, []) if is_hidden(actor, WON_AMOUNT) else accuracy.records(actor)
    told = "ours" in report
    context = {
        "page_title": _("How good forecasts are"),
        "page_fact": _fact(report),
        "row": row,
        "report": report,
        "told": told,
        "sentences": _sentences(row, report),
        "ours": report.get("ours"),
        "known": report.get("known"),
        "curve": _curve(report) if told else "",
        "table": _table(report["ours"]["bins"]) if told else "",
        "company": company,
        "people": [(one, _record(one)) for one in people],
        "company_says": _record(company) if company else "",
        "later": any(month.later for one in [*people, *([company] if company else [])] for month in one.months),
        "unit": render.money_unit(),
    }
    return TemplateResponse(request, "forecast/calibration.html", context)


def _fact(report: dict[str, Any]) -> str:
    if not report.get("deals"):
        return ""
    words = {"n": report["deals"], "first": _day(report["first"]), "last": _day(report["last"])}
    return ngettext(
        "%(n)s closed deal, %(first)s to %(last)s", "%(n)s closed deals, %(first)s to %(last)s", report["deals"]
    ) % words  # fmt: skip


def _day(text: str) -> str:
    return dt.date.fromisoformat(text).isoformat()


def _sentences(row: Lesson | None, report: dict[str, Any]) -> list[str]:
    """What the scores mean, without a formula."""
    if row is None:
        return [_("Win probabilities are learnt every night from closed deals; the first night is still to come.")]
    if "ours" not in report:
        return [_("There are too few closed deals to learn from: forty are needed, with five won and five lost among"
                  " them. Until then every deal has the probability of its stage.")]  # fmt: skip
    ours, known = report["ours"], report["known"]
    said = []
    better = round((1 - ours["brier"] / known["brier"]) * 100) if known["brier"] else 0
    if row.used:
        said.append(
            _("On deals they were not learnt from, the learnt probabilities are off by %(ours)s (Brier score), those of"
              " the stages by %(known)s: %(better)s%% less.")
            % {"ours": _score(ours["brier"]), "known": _score(known["brier"]), "better": better}
        )  # fmt: skip
    else:
        said.append(
            _("On deals they were not learnt from, the learnt probabilities are off by %(ours)s (Brier score), those of"
              " the stages by %(known)s. So the stages' probabilities are used for now.")
            % {"ours": _score(ours["brier"]), "known": _score(known["brier"])}
        )  # fmt: skip
    said.append(
        _("Of a won and a lost deal, the won one had the higher probability in %(share)s of 100 pairs.")
        % {"share": round(ours["auc"] * 100)}
    )
    said += _timely(report)
    off = [each for each in ours["bins"] if not each[3] <= each[1] <= each[4]]
    if off:
        said.append(_("Where the curve leaves the range of chance, probabilities are off: see the marked lines."))
    else:
        said.append(_("In every band as many deals were won as was said, within what chance allows."))
    return said


def _timely(report: dict[str, Any]) -> list[str]:
    """How many of the wins expected in a month come in it, once a month is judged."""
    judged = report.get("on_time", {})
    if not judged.get("due"):
        return []
    due = round(judged["due"] / RATE_ONE)
    text = ngettext(
        "Of %(due)s win expected of deals due in past months %(came)s came in time; landings reckon with %(share)s.",
        "Of %(due)s wins expected of deals due in past months %(came)s came in time; landings reckon with %(share)s.",
        due,
    )
    said = [text % {"due": due, "came": judged["came"], "share": render.percent(judged["rate"])}]
    if judged.get("sway"):
        text = _("Months differ by %(sway)s beyond what deals alone explain: ranges are wider by that.")
        said.append(text % {"sway": render.percent(judged["sway"])})
    return said


def _score(value: float) -> str:
    return f"{value:.3f}"


def _curve(report: dict[str, Any]) -> SafeString:
    bins = report["ours"]["bins"]
    spec = {
        "kind": "columns",
        "labels": [_band(each) for each in bins],
        "measure": "rate",
        "series": [
            {"name": _("Won in fact"), "values": [round(each[2] * RATE_ONE) for each in bins]},
            {"name": _("Said"), "kind": "step", "values": [round(each[1] * RATE_ONE) for each in bins]},
        ],
    }
    sentence = _("Share of deals won by the probability they were given")
    return chart(
        spec, title=_("Said and won"), fact=_("deals left out of the learning"), sentence=sentence, size="tile-12"
    )


def _band(each: Sequence[float]) -> str:
    low = min(int(each[1] * 10), 9) * 10
    return format_range(str(low), f"{low + 10}%")


def _table(bins: Sequence[Sequence[float]]) -> SafeString:
    """The bands as a table: deals, said, won, range of chance, and whether it holds."""
    rows = []
    for count, said, came, low, high in bins:
        holds = low <= said <= high
        word = _("holds") if holds else _("too high") if said > high else _("too low")
        tone = "" if holds else " amber"
        won = f'<span class="only-phone small muted">{escape(_("Won in fact"))} </span>{_percent(came)}'
        chance = f'<span class="only-phone">{escape(_("Range of chance"))} </span>'
        chance += escape(format_range(_percent(low), _percent(high)))
        rows.append(
            f'<tr><td class="col-key p1">{escape(_band([count, said]))}</td><td class="num">{count:,}</td>'
            f'<td class="num">{_percent(said)}</td><td class="num p1r">{won}</td>'
            f'<td class="num faint wrap p2">{chance}</td><td class="p2r{tone}">{escape(word)}</td></tr>'
        )
    return SafeString("".join(rows))


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _record(record: Record) -> str:
    """What the months of somebody say, in a sentence."""
    if record.missed is None or record.lean is None:
        return _("Nothing was won in these months.")
    words = {
        "inside": record.inside,
        "count": len(record.months),
        "missed": render.percent(record.missed),
        "lean": render.percent(abs(record.lean)),
    }
    if record.lean > 0:
        return _("%(inside)s of %(count)s months ended within the range; %(lean)s too high on the whole") % words
    return _("%(inside)s of %(count)s months ended within the range; %(lean)s too low on the whole") % words
