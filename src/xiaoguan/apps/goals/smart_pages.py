"""Setting one target by the five questions of SMART: what, how much, within reach, what for, until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.goals import queries, singles, table
from xiaoguan.apps.goals.achievable import Evidence, evidence
from xiaoguan.apps.goals.actions import set_goal
from xiaoguan.apps.goals.models import Level, Target
from xiaoguan.apps.goals.pages import number, told_to
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.queries import is_hidden
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, kinds, render, toasts
from xiaoguan.kit.errors import Denied
from xiaoguan.lexicon.vague import hollow_word

SHORTEST = 6
"""A sentence of fewer characters says nothing."""


@dataclass(frozen=True)
class Draft:
    """What has been chosen and typed so far; `value` is None until it is a number."""

    metric: Metric
    node: Node | None
    parent: Node | None
    period: Period
    raw: str
    value: int | None
    purpose: str
    reason: str


@dataclass(frozen=True)
class Doubt:
    """Something that speaks against a target, in a sentence with its reason."""

    letter: str
    text: str

    @property
    def step(self) -> int:
        """The step of the form, as the phone shows it, in which it is mended."""
        return 2 if self.letter == "A" else 1


def new(request: HttpRequest) -> HttpResponse:
    """Ask the five questions, say what speaks against the answers, and set the target."""
    if not access.may(request.user, "create", Target):
        raise Denied("create", Target)
    metric = _metric(request)
    period = _period(request)
    key = _key(request)
    tops = queries.grid(request.user, metric, period.calendar.year(period.start), singles.named(key))
    draft = _draft(request, metric, period, tops, key)
    known = _evidence(request, draft)
    doubts = _doubts(draft, known)
    problems = _problems(draft) if request.method == "POST" else {}
    if request.method == "POST" and request.POST.get("act") == "set" and not problems:
        if doubts and not draft.reason.strip():
            problems["reason"] = _(
                "Say in one sentence why it stands all the same; the sentence stays with the target."
            )
        elif draft.node is not None and draft.value is not None:
            done = set_goal(
                metric, draft.node.subject, period, draft.value,
                purpose=draft.purpose, reason=draft.reason if doubts else "", actor=request.user,
            )  # fmt: skip
            words = {"name": draft.node.name, "period": period.code}
            toasts.tell(request, _("Target of %(name)s for %(period)s is set") % words, done.change)
            return redirect(table.line_url(draft.node.subject, metric, period.calendar.year(period.start)))
    context = _context(request, draft, tops, known, doubts, problems)
    return TemplateResponse(request, "goals/new.html", context, status=422 if problems else 200)


def _sent(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name, request.GET.get(name, "")))


def _key(request: HttpRequest) -> str:
    """Whose target it is: the customer or product that was looked for, else what the list says."""
    looked = singles.asked({level: _sent(request, level) for level in singles.MODELS})
    return looked[0].key if looked else _sent(request, "subject")


def _metric(request: HttpRequest) -> Metric:
    told = told_to(request.user)
    if not told:
        raise Denied("create", Target)
    return next((metric for metric in told if metric.code == _sent(request, "metric")), told[0])


def _period(request: HttpRequest) -> Period:
    """The period that was chosen: a month, quarter or year; the coming month first."""
    calendar = queries.calendar()
    try:
        found = calendar.parse(_sent(request, "period"))
    except PeriodError:
        found = calendar.month(clock.today()).next()
    return found if str(found.kind) in ("month", "quarter", "year") else calendar.month(found.start)


def periods() -> list[Period]:
    """What is offered: this and the coming months, quarters and years."""
    calendar, today = queries.calendar(), clock.today()
    found: list[Period] = []
    for kind, count in (("month", 7), ("quarter", 5), ("year", 3)):
        each = calendar.of(kind, today)
        for _place in range(count):
            found.append(each)
            each = each.next()
    return found


def _draft(request: HttpRequest, metric: Metric, period: Period, tops: list[Node], key: str) -> Draft:
    node = parent = None
    for top in tops:
        for each in top.walk():
            if each.may_set and (each.subject.key == key or (not key and node is None)):
                node = each
    for top in tops:
        for each in top.walk():
            if node is not None and (each.subject.key == node.serves or any(child is node for child in each.children)):
                parent = each
    raw = _sent(request, "value").strip()
    try:
        value = number(metric, raw) if raw else None
    except kinds.Unparsable:
        value = None
    return Draft(metric, node, parent, period, raw, value, _sent(request, "purpose"), _sent(request, "reason"))


def _problems(draft: Draft) -> dict[str, str]:
    """What has to be typed before anything can be set."""
    found = {}
    if draft.node is None:
        found["subject"] = _("Choose whose target it is.")
    if draft.value is None:
        found["value"] = _("Type the number to reach.")
    return found


def _evidence(request: HttpRequest, draft: Draft) -> Evidence | None:
    """What the figures say, where the reader may read them."""
    if draft.node is None or not draft.metric.additive or is_hidden(request.user, draft.metric):
        return None
    return evidence(draft.metric, draft.node.subject, draft.period, draft.value or 0)


def _parent_value(draft: Draft) -> int | None:
    """What the line above is to reach in the same period."""
    if draft.parent is None:
        return None
    if str(draft.period.kind) == "year":
        return draft.parent.year
    if str(draft.period.kind) == "quarter":
        return draft.parent.quarters[draft.period.index - 1]
    return draft.parent.months[draft.period.index - 1]


def _doubts(draft: Draft, known: Evidence | None) -> list[Doubt]:
    """Everything that speaks against the target as it stands; none of it forbids."""
    if draft.node is None or draft.value is None:
        return []
    found = []
    if len(draft.purpose.strip()) < SHORTEST:
        found.append(Doubt("S", _("It is vague: no sentence says what will be so when it is reached.")))
    elif word := hollow_word(draft.purpose):
        text = _(
            "“%(word)s” gives only a direction: say what will be so then — which customers, which products, where."
        )
        found.append(Doubt("S", text % {"word": word}))
    if known is not None and known.probability is not None and known.unlikely:
        chance = render.percent(round(known.probability * 100_000))
        found.append(
            Doubt("A", _("It is hardly within reach: %(chance)s by open deals and the past.") % {"chance": chance})
        )
    if known is not None and known.beyond_best and known.best is not None:
        best = f"{table.shown(draft.metric, known.best)} {wording.unit(draft.metric)}".strip()
        found.append(
            Doubt("A", _("It is more than there has ever been in so long a time (%(best)s).") % {"best": best})
        )
    if draft.node.subject.level != Level.COMPANY and _parent_value(draft) is None:
        found.append(Doubt("R", _("It serves nothing above it: the line above has no target for this period.")))
    return found


def _context(
    request: HttpRequest, draft: Draft, tops: list[Node], known: Evidence | None, doubts: list[Doubt], problems: Any
) -> dict[str, Any]:
    metric, above = draft.metric, _parent_value(draft)
    share = render.percent(draft.value * 100_000 // above) if above and draft.value and metric.additive else ""
    days = known.working_days if known else None
    return {
        "page_title": _("New target"),
        "draft": draft,
        "metric": metric,
        "metrics": told_to(request.user),
        "subjects": [node for top in tops for node in top.walk() if node.may_set],
        "pickers": singles.pickers(request.user),
        "looked": draft.node is not None and draft.node.subject.level in singles.MODELS,
        "periods": periods(),
        "unit": "%" if metric.unit == "rate" else wording.unit(metric),
        "shown": table.shown(metric, draft.value) if draft.value is not None else draft.raw,
        "parent": draft.parent,
        "above": wording.told(metric, above) if above is not None else "",
        "share": share,
        "days": days,
        "known": known,
        "chance": render.percent(round(known.probability * 100_000))
        if known and known.probability is not None and draft.value is not None
        else "",
        "reasons": _reasons(metric, draft, known) if known else [],
        "doubts": doubts,
        "problems": problems,
        "checked": request.method == "POST" or "look" in request.GET,
        "letters": [
            {"sign": sign, "good": all(doubt.letter != sign for doubt in doubts)} for sign in ("S", "M", "T", "A", "R")
        ],
    }


def _reasons(metric: Metric, draft: Draft, known: Evidence) -> list[dict[str, Any]]:
    """What the figures say, one line each: label, figure, what it means, and whether it speaks for the target."""
    value, found = draft.value, []

    def add(label: str, figure: Any, note: str, good: bool | None) -> None:
        found.append({"label": label, "figure": figure, "note": note, "good": good})

    if known.last_year is not None:
        change = ""
        if value is not None and known.last_year > 0:
            rate = (value - known.last_year) * 100_000 // known.last_year
            change = _("the target is %(change)s against it") % {"change": _signed(rate)}
        add(_("Last year"), wording.told(metric, known.last_year), change, None)
    if known.growth is not None:
        add(_("Growth"), _signed(known.growth), _("a year, over the last years"), None)
    if known.best is not None:
        good = None if value is None else not known.beyond_best
        add(_("Best ever"), wording.told(metric, known.best), _("in so long a time"), good)
    if known.done:
        add(_("Done"), wording.told(metric, known.done), _("of this period already"), None)
    if known.pipeline is not None:
        text = ngettext("%(n)s open deal, weighted", "%(n)s open deals, weighted", known.open_deals)
        add(_("Open deals"), wording.told(metric, known.pipeline), text % {"n": known.open_deals}, None)
    if known.capacity is not None:
        note = _("%(days)s working days at the pace of a good month") % {"days": known.working_days}
        add(
            _("Capacity"),
            wording.told(metric, known.capacity),
            note,
            None if value is None else known.capacity >= value,
        )
    if known.probability is None and value is not None:
        add(_("Probability"), "—", _("too little history to say one"), None)
    return found


def _signed(rate: int) -> str:
    return f"{'+' if rate > 0 else ''}{render.percent(rate)}"
