"""The figures of a metric for programs: of some days, of whom one asks about, cut by dimensions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from xiaoguan.api import openapi
from xiaoguan.api.described import ID, Schema
from xiaoguan.api.problems import Problem, denied, not_found
from xiaoguan.api.routes import Call, answer
from xiaoguan.apps.metrics import dimensions
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.pages import whose
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import DIMENSIONS, TIMES, Metric, Slice
from xiaoguan.kit import access, clock, spans

ROUTE = "figures"
MOST = 10_000
"""Groups in one answer."""

Aims = Callable[[Any, Metric, Slice, str, Any, Collection[Any]], Mapping[Any, int | None] | None]
aims: list[Aims] = []
"""Who knows what groups are to reach: reader, metric, slice, dimension, whom the slice is about and keys → targets by
key; None where such groups have none."""


def of_metric(call: Call, pk: int) -> HttpResponse:
    """GET the figure, and its parts by the dimensions named in `by`; money in fen, rates in 1/100,000."""
    row = access.visible(Definition, call.actor).filter(pk=pk).first()
    spec = metrics.get(row.code) if row is not None else None
    if spec is None or access.grants(call.actor).scope("metrics.figures", "view") == "none":
        raise not_found()
    if is_hidden(call.actor, spec):
        raise denied()
    given = call.params
    month = spans.month_of(clock.today())
    first, last = _day(given, "from", month[0]), _day(given, "to", month[1])
    by = _by(call.actor, given)
    where, subject = whose(call.actor, given, spec, first, last)
    found = figures([spec], where, by=by)
    groups = dimensions.told_apart(call.actor, by, found.rows)
    if len(groups) > MOST:
        raise Problem(400, "too_many", _("These are more than %(n)s groups: ask for fewer days.") % {"n": MOST})
    data = [
        {
            "key": dict(zip(by, key, strict=True)),
            "value": found.value(spec, keys[0]) if len(keys) == 1 else found.total(spec, keys),
        }
        for key, keys in sorted(groups.items(), key=lambda pair: [str(part) for part in pair[0]])
    ]
    _set_beside(call.actor, spec, where, by, subject, data)
    whole = found.value(spec) if not by else found.total(spec)
    return answer(
        {"code": spec.code, "unit": spec.unit, "from": first.isoformat(), "to": last.isoformat(), "value": whole,
         "data": data if by else []}
    )  # fmt: skip


def _set_beside(
    actor: Any, spec: Metric, where: Slice, by: tuple[str, ...], subject: Any, data: list[dict[str, Any]]
) -> None:
    """Put the target of each group beside its value, where groups of this kind have one."""
    if len(by) != 1:
        return
    for knows in aims:
        if (told := knows(actor, spec, where, by[0], subject, [row["key"][by[0]] for row in data])) is not None:
            for row in data:
                row["target"] = told.get(row["key"][by[0]])


def _day(given: Mapping[str, Any], name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(given[name]) if given.get(name) else otherwise
    except ValueError:
        raise Problem(400, "bad_day", _("“%(name)s” is a day like 2026-01-31.") % {"name": name}) from None


def _by(actor: Any, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The dimensions asked for; those hidden from the caller are unknown to him."""
    asked = tuple(word for word in given.get("by", "").split(",") if word)
    known = (*dimensions.offered(actor), *TIMES)
    if wrong := [word for word in asked if word not in known]:
        words = {"word": wrong[0], "known": ", ".join(known)}
        raise Problem(400, "bad_dimension", _("There is no dimension “%(word)s”. There are: %(known)s.") % words)
    if len(set(asked)) != len(asked):
        raise Problem(400, "bad_dimension", _("Each dimension is named once."))
    return asked


@openapi.more
def described(entity: Any, name: str) -> Schema:
    """The address below a definition, for the document."""
    if entity.model is not Definition:
        return {}
    answers = {str(code): {"$ref": f"#/components/responses/{code}"} for code in (400, 401, 403, 404, 405, 429)}
    done: Schema = {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}
    asked = [
        {"name": word, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for word, text in (
            ("from", "The first day; otherwise that of this month."),
            ("to", "The last day; otherwise that of this month."),
            (
                "by",
                f"Dimensions with commas between them: {', '.join(DIMENSIONS)}. Customers hidden from the caller"
                " are one group, null. By person, unit, territory, customer or product alone, of a whole day, week,"
                " month, quarter or year, each group that is all of whom it names has its `target` too: null where"
                " there is none, or none the caller may see.",
            ),
        )
    ]
    get = {
        "tags": [entity.slug], "operationId": f"figuresOf{name}", "summary": "Its figures",
        "parameters": asked, "responses": {"200": done} | answers,
    }  # fmt: skip
    record = {"name": "id", "in": "path", "required": True, "schema": ID}
    return {f"/{entity.slug}/{{id}}/{ROUTE}": {"parameters": [record], "get": get}}
