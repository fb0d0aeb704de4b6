"""Handing over: the rule beside its effect, then the sheets to sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.billing.models import Kind
from xiaoguan.apps.handover import moving, sheets
from xiaoguan.apps.handover.allotment import WAYS, Portion, Rule, customers_of, groups, held, preview
from xiaoguan.apps.handover.models import Handover, Reason, Sheet
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, render, toasts
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.pages import detail

NAMED = 200
"""So many customers are listed for exceptions; where there are more, the rule must do."""


def _person(request: HttpRequest, pk: int) -> Person:
    """The person to hand over from, for whoever may do that."""
    found = Person.objects.filter(pk=pk, deleted_at__isnull=True).first()
    if found is None or not moving.may_start(request.user, found):
        raise Http404
    return found


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose by which rule, look at who gets what, then hand over; a job moves it all as one change."""
    person = _person(request, pk)
    rule = _rule(request.POST if request.method == "POST" else request.GET)
    reason = request.POST.get("reason", Reason.LEAVES if person.left_on else Reason.MOVES)
    errors: list[str] = []
    if request.method == "POST" and request.POST.get("apply"):
        try:
            done = moving.start(person, rule, reason=reason if reason in Reason.values else Reason.MOVES,
                                actor=request.user)  # fmt: skip
            toasts.tell(request, _("The hand-over is being moved"), None)
            return redirect(Entity.of(Handover).url("detail", done.result))
        except Invalid as problem:
            errors = [str(text) for texts in problem.errors.values() for text in texts]
    choices = _heirs(person)
    names = {each.pk: each.name for each in choices}
    context = {
        "page_title": _("Hand over from %(name)s") % {"name": person.name},
        "person": person,
        "held": held(person),
        "rule": rule,
        "ways": list(WAYS.items()),
        "reasons": Reason.choices,
        "reason": reason,
        "choices": choices,
        "groups": groups(person, rule),
        "named": _named(person, rule),
        "many": customers_of(person).count() > NAMED,
        "portions": _told(preview(person, rule), names) if rule.heir else [],
        "errors": errors,
    }
    return TemplateResponse(request, "handover/start.html", context, status=422 if errors else 200)


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else 0


def _rule(sent: Mapping[str, Any]) -> Rule:
    """The rule as the form says it; fields of another way than the chosen one are left out."""
    how = sent.get("how", "one")
    how = how if how in WAYS else "one"
    by = {
        name.removeprefix("by-"): _number(sent[name])
        for name in sent
        if name.startswith("by-") and sent.get("was", how) == how
    }
    named = {_number(name.removeprefix("named-")): _number(sent[name]) for name in sent if name.startswith("named-")}
    return Rule(
        how,
        _number(sent.get("heir", "")),
        {value: person for value, person in by.items() if person},
        {pk: heir for pk, heir in named.items() if pk and heir},
        sent.get("targets", "1") == "1" if "how" in sent else True,
    )


def _heirs(person: Person) -> list[Person]:
    """Who may take over: sellers and their managers, those of the same team first."""
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True, position__startswith="sales")
    found = list(rows.exclude(pk=person.pk).select_related("unit").order_by("name"))
    return sorted(found, key=lambda each: (each.unit_id != person.unit_id, each.name))


@dataclass(frozen=True)
class Row:
    """One customer in the list of exceptions."""

    pk: int
    name: str
    said: str
    person: int


def _named(person: Person, rule: Rule) -> list[Row]:
    rows = customers_of(person).order_by("tier", "name", "pk").values_list("pk", "name", "tier", "city")[:NAMED]
    return [
        Row(pk, name, " · ".join(part for part in (tier, city) if part), rule.named.get(pk, 0))
        for pk, name, tier, city in rows
    ]


def _told(found: Mapping[int, Portion], names: Mapping[int, str]) -> list[tuple[str, Portion, SafeString]]:
    """What each successor gets, the most first."""
    ordered = sorted(found.items(), key=lambda pair: -pair[1].customers)
    return [(names.get(pk) or _("nobody"), each, render.amount(each.amount)) for pk, each in ordered]


# Sheets -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paper:
    """A sheet as the page shows it: whether it is unchanged, and as whom the reader may sign it."""

    sheet: Sheet
    said: dict[str, Any]
    intact: bool
    may_sign: bool
    signatures: list[tuple[str, Any, Any, Any]]
    more: int
    owed: list[dict[str, Any]]
    rest: int
    late: int


def handover(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """The page of a hand-over: its sheets as documents, with the signatures."""
    response = detail.detail(request, entity, pk)
    if not isinstance(response, TemplateResponse) or response.context_data is None or request.GET.get("tab"):
        return response
    row: Handover = response.context_data["row"]
    actor: Any = request.user
    found = row.sheets.filter(deleted_at__isnull=True).select_related(
        "successor", "manager", "previous_by", "successor_by", "manager_by", "handover__owner"
    )
    shown = [each for each in found.order_by("pk") if _sees(each, actor)]
    response.context_data["papers"] = [_paper(each, actor) for each in shown]
    return response


def _sees(sheet: Sheet, actor: Any) -> bool:
    """A successor sees his own sheet; whoever sees all of the previous owner's work sees every one."""
    handover = sheet.handover
    if actor.pk in (sheet.successor_id, sheet.manager_id, handover.owner_id):
        return True
    scope = access.grants(actor).scope(Handover._meta.label_lower, "view")
    if scope == "all":
        return True
    return scope == "team" and access.policy().reaches(actor, handover.owner_id, None, leading=True)


def _paper(sheet: Sheet, actor: Any) -> Paper:
    said = dict(sheet.content)
    meant = (
        (_("Previous owner"), sheet.handover.owner, sheet.previous_by, sheet.previous_at),
        (_("Successor"), sheet.successor, sheet.successor_by, sheet.successor_at),
        (_("Manager"), sheet.manager, sheet.manager_by, sheet.manager_at),
    )
    signatures = [
        (label, by or who, at, who if by is not None and who is not None and by != who else None)
        for label, who, by, at in meant
    ]
    owed = [{**each, "kind": Kind(each["kind"]).label} for each in said.get("owed", [])]
    late = sum(each["rest"] for each in owed if each["late"])
    more = max(0, said.get("count", 0) - len(said.get("customers", [])))
    return Paper(sheet, said, sheets.is_intact(sheet), bool(sheets.signs_as(sheet, actor)), signatures, more,
                 owed, sum(each["rest"] for each in owed), late)  # fmt: skip


def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a sheet."""
    sheet = Sheet.objects.filter(pk=pk, deleted_at__isnull=True).select_related("handover__owner").first()
    if sheet is None or not access.visible(Handover, request.user).filter(pk=sheet.handover_id).exists():
        raise Http404
    actor: Any = request.user
    if not _sees(sheet, actor):
        raise Http404
    sheets.sign(sheet, actor=actor)
    toasts.tell(request, _("The sheet is signed"), None)
    return redirect(Entity.of(Handover).url("detail", sheet.handover_id))
