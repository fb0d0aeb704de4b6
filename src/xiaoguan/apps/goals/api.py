"""Targets for programs: the days of a month, and what both sides say about a person's year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from xiaoguan.api import problems, values
from xiaoguan.api.problems import Problem
from xiaoguan.api.routes import Call, answer, endpoint
from xiaoguan.apps.goals import agreeing, daily, queries
from xiaoguan.apps.goals.models import Round, Target
from xiaoguan.apps.goals.models.target import value_field
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock
from xiaoguan.kit.errors import Invalid

LIMIT = 100
ACTS = ("propose", "counter", "confirm", "accept")
KEYS = {"act", "metric", "year", "person", "months", "reason", "share_out"}
LARGEST = 2**62


def days(call: Call) -> HttpResponse:
    """GET `?person&metric&month`: what a person is to reach on every day of a month; the caller and now by default."""
    metric, person = _metric(call, call.params), _person(call, call.params.get("person"))
    month = _period(call.params.get("month") or queries.calendar().month(clock.today()).code, "month")
    if not metric.additive:
        raise Problem(400, "no_days", _("A rate holds every day alike: it is not shared among days."))
    year = month.within("year")
    key = queries.person_key(person.pk)
    vector = daily.vectors(metric, year, [key]).get(key)
    first = (month.start - year.start).days
    calendar = working_calendar()
    told = [
        {
            "day": day.isoformat(),
            "works": calendar.works(day),
            "target": int(vector.values[first + at]) if vector is not None and vector.covered[first + at] else None,
        }
        for at, day in enumerate(month.each_day())
    ]
    total = None if vector is None else vector.total(first, first + month.days - 1)
    head = {"person": person.pk, "metric": metric.code, "unit": metric.unit, "month": month.code, "target": total}
    return answer({**head, "days": told})


def rounds(call: Call) -> HttpResponse:
    """GET `?person&metric&year`: what was said about a year, the newest first; without a person, what waits."""
    if call.params.get("person"):
        metric, person = _metric(call, call.params), _person(call, call.params["person"])
        year = _period(call.params.get("year") or queries.calendar().year(clock.today()).code, "year")
        found = agreeing.of_person(person, metric, year)
    else:
        shown = [metric.code for metric in metrics.values() if not queries.is_hidden(call.actor, metric)]
        found = agreeing.turns(call.actor).filter(metric__in=shown)
    before = call.params.get("before", "")
    if before:
        if not (before.isascii() and before.isdigit() and len(before) < 19):
            raise Problem(400, "bad_cursor", _("This is no place to go on from."))
        found = found.filter(pk__lt=int(before))
    page = list(found.order_by("-pk")[: LIMIT + 1])
    following = str(page[LIMIT - 1].pk) if len(page) > LIMIT else None
    return answer({"data": [_told(row) for row in page[:LIMIT]], "next": following})


def say(call: Call) -> HttpResponse:
    """POST {"act", "metric", "year", "person", "months", "reason", "share_out"}: one more round."""
    body = call.body()
    if unknown := body.keys() - KEYS:
        raise Invalid({name: [_("There is no such field.")] for name in unknown})
    act, reason = body.get("act"), body.get("reason") or ""
    if act not in ACTS or not isinstance(reason, str):
        raise Invalid({"act": [_("There are propose, counter, confirm and accept.")]})
    metric, year = _metric(call, body), _period(body.get("year"), "year")
    person = _person(call, body.get("person"))
    if act in ("propose", "accept") and person.pk != call.actor.pk:
        raise Invalid({"person": [_("Everybody proposes and accepts for himself.")]})
    if act == "propose":
        done = agreeing.propose(metric, year, _months(body), reason, actor=call.actor, source="api")
    elif act == "counter":
        done = agreeing.counter(person, metric, year, _months(body), reason, actor=call.actor, source="api")
    elif act == "confirm":
        share = body.get("share_out") is True
        done = agreeing.confirm(person, metric, year, reason, actor=call.actor, share_out=share, source="api")
    else:
        done = agreeing.accept(metric, year, actor=call.actor, source="api")
    return answer(_told(done.result), 201)


def _told(row: Round) -> dict[str, Any]:
    """A round as JSON: twelve months in fen, counts or minutes, null where nothing was said."""
    return {
        "id": row.pk, "person": row.person_id, "metric": row.metric,
        "year": queries.calendar().year(row.start).code, "number": row.number, "step": row.step, "by": row.by_id,
        "at": values.out(row.at), "reason": row.reason, "months": row.months, "latest": row.latest,
    }  # fmt: skip


def _metric(call: Call, given: Mapping[str, Any]) -> Metric:
    code = given.get("metric") or "won_amount"
    metric = metrics.get(code) if isinstance(code, str) else None
    if metric is None:
        raise Problem(400, "bad_metric", _("There is no metric “%(code)s”.") % {"code": code})
    if not access.may(call.actor, "view", Target) or value_field(metric) in access.masked(call.actor, Target):
        raise problems.denied()
    return metric


def _person(call: Call, given: Any) -> Person:
    """The caller, or somebody whose targets he sees; strangers are not found."""
    if given in (None, ""):
        return Person.objects.get(pk=call.actor.pk)
    text = str(given)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise problems.not_found()
    person = Person.objects.filter(pk=int(text)).first()
    sees_all = access.grants(call.actor).scope(Target.entity.name, "view") == "all"
    if person is None or not (sees_all or person.pk == call.actor.pk or person.pk in call.actor.reach_ids()):
        raise problems.not_found()
    return person


def _period(code: Any, kind: str) -> Period:
    words = {"month": _("A month is written like 2026-01."), "year": _("A year is written like 2026.")}
    try:
        found = queries.calendar().parse(str(code))
    except PeriodError:
        raise Problem(400, "bad_period", words[kind]) from None
    if str(found.kind) != kind:
        raise Problem(400, "bad_period", words[kind])
    return found


def _months(body: Mapping[str, Any]) -> list[int | None]:
    given = body.get("months")
    whole = isinstance(given, list) and all(
        value is None or (type(value) is int and 0 <= value < LARGEST) for value in given
    )
    if not whole:
        raise Invalid({"months": [_("Send twelve whole numbers of 0 or more, null where nothing is said.")]})
    return list(given or [])


def addresses() -> list[URLPattern]:
    """Two addresses under /api/v1/ beside those of the target lines."""
    return [
        path("goals/days", endpoint(Target.entity, {"GET": days}), name="days"),
        path("goals/rounds", endpoint(Target.entity, {"GET": rounds, "POST": say}), name="rounds"),
    ]
