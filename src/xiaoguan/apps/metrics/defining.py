"""A metric defined in the browser: facts, measure, conditions, divisor; beside it what it gives before it is saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.metrics import dimensions, formula, wording
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.models.definition import FORMULA, How, SeenBy
from xiaoguan.apps.metrics.queries import figures, is_hidden, readable_people
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import CATEGORIES, CONDITIONS, Metric, Slice
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, action, clock, kinds, spans, toasts
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.fact import facts

TOP = 5
YEAR = dt.timedelta(days=365)


@dataclass
class Draft:
    """What the page holds: the texts of a row, and what is wrong with them by field."""

    values: dict[str, Any]
    row: Definition | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of_row(cls, row: Definition, *, copied: bool = False) -> Draft:
        """The values of a row, or of a copy of it."""
        names = ("name", "code", "description", "category", *FORMULA, "higher_is_better", "seen_by", "owner_id",
                 "serves", "parent_id", "counts_from", "active")  # fmt: skip
        values = {name: getattr(row, name) for name in names}
        if copied:
            values |= {"name": _("%(name)s, a copy") % {"name": row}, "code": "", "counts_from": None, "active": True}
        return cls(values, None if copied or row.pk is None else row)

    @classmethod
    def sent(cls, data: QueryDict, row: Definition | None) -> Draft:
        """What a form sent."""
        values: dict[str, Any] = {name: data.get(name, "").strip() for name in ("name", "description", "serves")}
        draft = cls(values, row)
        values["code"] = row.code if row else data.get("code", "").strip()
        values["category"] = data.get("category", "own")
        for prefix in ("", "over_"):
            values[f"{prefix}counts"] = " ".join(data.getlist(f"{prefix}facts"))
            values[f"{prefix}how"] = data.get(f"{prefix}how", "count")
            chosen = [(code, tuple(data.getlist(f"{prefix}only_{code}"))) for code in CONDITIONS]
            values[f"{prefix}narrowed"] = formula.written([(code, words) for code, words in chosen if words])
        values["higher_is_better"] = data.get("direction", "up") == "up"
        values["seen_by"] = data.get("seen_by", "team")
        values["active"] = row is None or bool(data.get("active"))
        draft._take_link("owner_id", data.get("owner_id", ""), Person.objects.filter(deleted_at__isnull=True))
        draft._take_link("parent_id", data.get("parent_id", ""), Definition.objects.filter(deleted_at__isnull=True))
        draft._take_day(data.get("counts_from", ""))
        return draft

    def _take_link(self, name: str, raw: str, rows: Any) -> None:
        number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None
        self.values[name] = number if number is None or rows.filter(pk=number).exists() else None
        if raw and self.values[name] is None:
            self.errors[name] = [_("Choose one of the list.")]

    def _take_day(self, raw: str) -> None:
        own = Definition._meta.get_field("counts_from")
        try:
            self.values["counts_from"] = kinds.of(own).parse(raw, own) if raw.strip() else None
        except kinds.Unparsable:
            self.values["counts_from"] = None
            self.errors["counts_from"] = [_("Type a day like 2026-01-01.")]

    def check(self) -> Metric | None:
        """The metric as it would be, not stored; None where something is wrong, which `errors` then say."""
        row = Definition.objects.get(pk=self.row.pk) if self.row else Definition()
        for name, value in self.values.items():
            setattr(row, name, value)
        try:
            row.prepare()
            row.clean_fields(exclude={"owner", "parent", "extra", "unit", "created_by"})
            row.clean()
        except ValidationError as problem:
            for name, texts in problem.message_dict.items():
                self.errors.setdefault(name, []).extend(texts)
        if self.row is None and row.code and row.code not in self.errors and _taken(row.code):
            self.errors.setdefault("code", []).append(_("There is a metric with this code: choose another one."))
        wrong = set(self.errors) - {"name", "code"}
        if wrong:
            return None
        top = formula.measure(row.counts, row.how, row.narrowed)
        over = formula.measure(row.over_counts, row.over_how, row.over_narrowed) if row.over_counts else None
        return Metric(row.code or "draft", row.name or str(row), row.description, top, over, unit=row.unit_code,
                      higher_is_better=row.higher_is_better, seen_by=row.seen_by)  # fmt: skip


def _taken(code: str) -> bool:
    rows = access.everything(Definition, because="codes are unique whoever sees the metric")
    return rows.filter(code=code).exists()


# Pages --------------------------------------------------------------------------------------------------------------


def new(request: HttpRequest) -> HttpResponse:
    """A new metric, empty or a copy of another one."""
    _check(request.user, "create")
    if request.method == "POST":
        return _save(request, Draft.sent(request.POST, None))
    if like := request.GET.get("like"):
        return _show(request, Draft.of_row(_row(like), copied=True))
    return _show(request, Draft.of_row(Definition(how="count", seen_by="team", owner_id=request.user.pk)))


def _check(actor: Any, verb: str) -> None:
    if not access.may(actor, "view", Definition):
        raise Http404
    if not access.may(actor, verb, Definition):
        raise Denied(verb, Definition)


def define(request: HttpRequest, code: str) -> HttpResponse:
    """The definition of one metric; another formula makes a version."""
    _check(request.user, "change")
    row = _row(code)
    draft = Draft.sent(request.POST, row) if request.method == "POST" else Draft.of_row(row)
    return _save(request, draft) if request.method == "POST" else _show(request, draft)


def _row(code: str) -> Definition:
    row = Definition.objects.filter(code=code, deleted_at__isnull=True).first()
    if row is None:
        raise Http404
    return row


def _save(request: HttpRequest, draft: Draft) -> HttpResponse:
    if draft.errors:
        return _show(request, draft, status=422)
    try:
        if draft.row is None:
            done = action.perform("create", Definition, draft.values, actor=request.user)
        else:
            seen = request.POST.get("_version", "")
            expected = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
            done = action.update(draft.row, draft.values, actor=request.user, expect_version=expected)
    except Invalid as problem:
        draft.errors = {name: [str(text) for text in texts] for name, texts in problem.errors.items()}
        return _show(request, draft, status=422)
    row = draft.row or done.result
    toasts.tell(request, _("%(name)s is saved") % {"name": row}, done.change)
    return redirect(reverse("insight:metric", args=[row.code]))


def attempt(request: HttpRequest) -> HttpResponse:
    """What the form as it stands gives for last month, by team and for the first people; nothing is stored."""
    code = request.POST.get("_code", "")
    _check(request.user, "change" if code else "create")
    draft = Draft.sent(request.POST, _row(code) if code else None)
    return TemplateResponse(request, "metrics/attempt.html", outcome(request.user, draft))


def outcome(actor: Any, draft: Draft) -> dict[str, Any]:
    """Sentence, figure of last month, by team, the first people, and what looks like a mistake."""
    spec = draft.check()
    problems = [text for texts in draft.errors.values() for text in texts]
    if spec is None:
        return {"problems": problems}
    first, last = spans.month_of(clock.today(), -1)
    where = Slice(first, last, people=readable_people(actor, spec))
    if is_hidden(actor, spec):
        return {"problems": problems, "sentence": wording.sentence(spec), "hidden": True}
    whole = figures([spec], where)
    found = {by: figures([spec], where, by=[by]) for by in ("unit", "person")}
    lines = {by: _lines(actor, spec, by, each) for by, each in found.items()}
    return {
        "problems": problems,
        "notes": _notes(spec, whole.value(spec), where),
        "sentence": wording.sentence(spec),
        "spec": spec,
        "value": wording.told(spec, whole.value(spec)),
        "first": first,
        "last": last,
        "teams": lines["unit"],
        "top": sorted(lines["person"], key=lambda line: -(line["value"] or 0))[:TOP],
        "unit": wording.unit(spec),
    }


def _lines(actor: Any, spec: Metric, by: str, found: Any) -> list[dict[str, Any]]:
    keys = {key[0] for key in found.rows}
    lines = []
    for part in dimensions.parts(actor, by, keys):
        value = found.total(spec, [(key,) for key in part.keys])
        lines.append(
            {"name": part.name, "depth": min(part.depth, 2), "value": value, "shown": wording.shown(spec, value)}
        )
    return lines


def _notes(spec: Metric, value: int | None, where: Slice) -> list[str]:
    """What looks like a mistake though it may be saved: nothing there, or nothing to divide by."""
    if value:
        return []
    if value is None:
        assert spec.over is not None
        below = wording.sentence(Metric("below", "", "", spec.over))
        return [_("Last month there was nothing to divide by, so there is no figure: %(what)s") % {"what": below}]
    year = Slice(where.last - YEAR, where.last, people=where.people)
    if figures([spec], year).value(spec):
        return [_("Last month it was 0, in the year before it was not.")]
    return [
        _("In the last twelve months it was always 0: nothing of this kind was counted. Check facts and conditions.")
    ]


# The form -----------------------------------------------------------------------------------------------------------


def _show(request: HttpRequest, draft: Draft, status: int = 200) -> HttpResponse:
    values = draft.values
    people = Person.objects.filter(is_active=True, deleted_at__isnull=True).order_by("name")
    parents = access.visible(Definition, request.user).filter(active=True).order_by("category", "pk")
    context = {
        "page_title": str(draft.row) if draft.row else _("New metric"),
        "draft": draft,
        "values": values,
        "errors": draft.errors,
        "row": draft.row,
        "blocks": [_block(request.user, draft, ""), _block(request.user, draft, "over_")],
        "categories": CATEGORIES.items(),
        "seen": SeenBy.choices,
        "people": people.values_list("pk", "name"),
        "parents": [(row.pk, str(row)) for row in parents if draft.row is None or row.pk != draft.row.pk],
        "built_in": metrics.shipped[draft.row.code].label if draft.row and draft.row.code in metrics.shipped else "",
        **outcome(request.user, Draft(dict(values), draft.row)),
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
