"""The form of a metric: facts, measure, conditions, divisor; beside it what it gives before it is saved.

It stands in front of the kit's own form, so that nobody defines a metric without seeing what it gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.metrics import dimensions, formula, wording
from xiaoguan.apps.metrics.drafting import Draft, outcome
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.models.definition import FORMULA, How, SeenBy
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import CATEGORIES, CONDITIONS
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, action, conflict, draft as drafts, toasts
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Denied, Invalid, Refusal, Stale, WayOut
from xiaoguan.kit.fact import facts
from xiaoguan.kit.pages import cell as cells, detail


def new(request: HttpRequest, entity: Entity) -> HttpResponse:
    """A new metric, empty or a copy of another one."""
    hidden = _check(request.user, "create")
    if hidden & set(FORMULA):
        raise Denied("create", Definition)  # who may not see what is counted can't say it
    if request.method == "POST":
        return _save(request, Draft.sent(request.POST, None, hidden))
    if (kept := drafts.take(request)) is not None:
        return _show(request, Draft.sent(kept, None, hidden), kept=True)
    if like := request.GET.get("like"):
        row = Definition.objects.filter(code=like, deleted_at__isnull=True).first()
        if row is None:
            raise Http404
        return _show(request, Draft.of_row(row, copied=True, hidden=hidden))
    empty = Definition(how="count", seen_by="team", category="own", owner_id=request.user.pk)
    return _show(request, Draft.of_row(empty, hidden=hidden))


def _check(actor: Any, verb: str) -> frozenset[str]:
    """Who may do this, or it is not found; returns what is hidden from him."""
    if not access.may(actor, "view", Definition):
        raise Http404
    if not access.may(actor, verb, Definition):
        raise Denied(verb, Definition)
    hidden = frozenset(access.masked(actor, Definition))
    return hidden | set(FORMULA) if hidden & set(FORMULA) else hidden  # a part of a formula is none


def edit(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """The definition of one metric; another formula makes a version."""
    row = detail.load(entity, request.user, pk)
    hidden = _check(request.user, "change")
    if request.method == "POST":
        return _save(request, Draft.sent(request.POST, row, hidden))
    if (kept := drafts.take(request)) is not None:
        return _show(request, Draft.sent(kept, row, hidden), kept=True)
    return _show(request, Draft.of_row(row, hidden=hidden))


def cell(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """One cell in place; what is counted is changed where one sees what it gives."""
    name = request.GET.get("field", "")
    if name in FORMULA and name not in access.masked(request.user, Definition):
        row = detail.load(entity, request.user, pk)
        if access.may(request.user, "change", row):
            raise Refusal(
                _("What is counted isn't changed in a cell"),
                _("Its form shows what “%(name)s” gives for last month before it is saved.") % {"name": row},
                code="metric.formula",
                ways_out=[WayOut(_("Open the form"), entity.url("edit", row), icon="pencil")],
            )
    return cells.cell(request, entity, pk)


def _save(request: HttpRequest, draft: Draft) -> HttpResponse:
    if draft.errors:
        return _show(request, draft, status=422)
    seen = request.POST.get("_version", "")
    expected = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    try:
        if draft.row is None:
            done = action.perform("create", Definition, draft.written, actor=request.user)
        else:
            done = action.update(draft.row, draft.written, actor=request.user, expect_version=expected)
    except Invalid as problem:
        draft.errors = {name: [str(text) for text in texts] for name, texts in problem.errors.items()}
        return _show(request, draft, status=422)
    except Stale:
        assert draft.row is not None
        now = detail.load(Definition.entity, request.user, draft.row.pk)
        return _show(request, draft, status=409, met=draft.meet(now, expected or 0, request.user))
    row = draft.row or done.result
    toasts.tell(request, _("%(name)s is saved") % {"name": row}, done.change)
    return redirect(reverse("insight:metric", args=[row.code]))


def attempt(request: HttpRequest) -> HttpResponse:
    """What the form as it stands gives for last month, by team and for the first people; nothing is stored."""
    code = request.POST.get("_code", "")
    hidden = _check(request.user, "change" if code else "create")
    row = Definition.objects.filter(code=code, deleted_at__isnull=True).first() if code else None
    if code and row is None:
        raise Http404
    return TemplateResponse(
        request, "metrics/attempt.html", outcome(request.user, Draft.sent(request.POST, row, hidden))
    )


# The form -----------------------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest, draft: Draft, *, status: int = 200, kept: bool = False, met: conflict.Conflict | None = None
) -> HttpResponse:
    values, row = draft.values, draft.row
    people = Person.objects.filter(is_active=True, deleted_at__isnull=True).order_by("name")
    parents = access.visible(Definition, request.user).filter(active=True).order_by("category", "pk")
    context = {
        "page_title": _("Edit %(name)s") % {"name": row} if row else _("New metric"),
        "draft": draft,
        "values": values,
        "errors": draft.errors,
        "row": row,
        "kept": kept,
        "conflict": met,
        "hidden_fields": draft.hidden,
        "blocks": [] if draft.unread else [_block(request.user, draft, ""), _block(request.user, draft, "over_")],
        "categories": CATEGORIES.items(),
        "seen": SeenBy.choices,
        "people": people.values_list("pk", "name"),
        "parents": [(each.pk, str(each)) for each in parents if row is None or each.pk != row.pk],
        "built_in": metrics.shipped[row.code].label if row and row.code in metrics.shipped else "",
        "may_create": access.may(request.user, "create", Definition),
        "new_url": Definition.entity.url("new"),
        "back": Definition.entity.url("detail", row) if row else Definition.entity.url("list"),
        **outcome(request.user, Draft(dict(values), row, hidden=draft.hidden)),
    }
    if not values["counts"]:
        context |= {"problems": [], "notes": []}
    return TemplateResponse(request, "metrics/define.html", context, status=status)


def _block(actor: Any, draft: Draft, prefix: str) -> dict[str, Any]:
    """One measure of the form: the facts by kind of record, how, and the conditions."""
    values = draft.values
    chosen = set(formula.codes(values[f"{prefix}counts"] or ""))
    try:
        narrowed: Mapping[str, Sequence[Any]] = dict(formula.conditions(values[f"{prefix}narrowed"] or ""))
    except ValueError:
        narrowed = {}
    groups: dict[str, list[dict[str, Any]]] = {}
    for fact in facts.values():
        model = fact.model
        label = entities[model._meta.label_lower].plural if model is not None else _("Measured each night")
        groups.setdefault(label, []).append(
            {"code": fact.code, "label": capfirst(str(fact.label)), "on": fact.code in chosen,
             "unit": wording.unit_word(fact.unit) if fact.amount else ""}
        )  # fmt: skip
    return {
        "prefix": prefix,
        "groups": groups.items(),
        "how": values[f"{prefix}how"] or "count",
        "hows": How.choices,
        "only": [_only(code, narrowed.get(code, ())) for code in CONDITIONS if not dimensions.is_hidden(actor, code)],
        "narrowed": bool(narrowed),
        "open": bool(chosen) or not prefix,
        "errors": [text for name in ("counts", "how", "narrowed") for text in draft.errors.get(prefix + name, [])],
    }


def _only(code: str, chosen: Sequence[Any]) -> dict[str, Any]:
    own = dimensions.dimensions[code]
    given = [(value, str(label)) for value, label in own.choices() if "," not in str(value) and ";" not in str(value)]
    return {
        "code": code,
        "label": own.label,
        "choices": [(value, label, value in chosen or str(value) in chosen) for value, label in given],
    }
