"""The quick claim: kind, amount, photo, done."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.collaboration.actions import stored
from xiaoguan.apps.expenses.actions import claim
from xiaoguan.apps.expenses.models import Expense, ExpenseKind, Status
from xiaoguan.files.models import StoredFile
from xiaoguan.kit import access, render, toasts
from xiaoguan.kit.controls import CHIPS, Input
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.form import RecordForm
from xiaoguan.kit.pages import answers

NAMES = ["kind", "amount", "spent_on", "customer", "deal", "note"]


def quick(request: HttpRequest) -> HttpResponse:
    """The form on a page of its own; what is posted is entered, its receipt attached, and submitted."""
    actor: Any = request.user
    if not access.may(actor, "create", Expense):
        raise Denied("create", Expense)
    data = request.POST if request.method == "POST" else None
    form = RecordForm(
        Expense.entity, actor, data=data, names=NAMES, initial=request.GET.dict() if data is None else None
    )
    photo = Input("photo", _("Photo of the voucher"), kind="file", raw=request.POST.get("photo", ""))
    if data is None or not form.valid():
        return _show(request, form, photo, status=200 if data is None else 422)
    try:
        expense = claim(form.values, _files(photo.raw), actor=actor)
    except Invalid as problem:
        photo.errors += [str(text) for text in problem.errors.pop("file", ())]
        form.take(problem)
        return _show(request, form, photo, status=422)
    with render.money_in("yuan"):
        words = {"what": expense.kind, "sum": render.money_text(expense.amount)}
    waiting = expense.status == Status.WAITING
    said = _("%(what)s %(sum)s: waiting for approval") if waiting else _("%(what)s %(sum)s: entered")
    toasts.tell(request, said % words)
    return answers.go(request, Entity.of(Expense).url("detail", expense))


def _files(raw: str) -> list[StoredFile]:
    """The receipt that was sent before; none is fine."""
    return [stored(raw.partition("/")[0])] if raw else []


def _show(request: HttpRequest, form: RecordForm, photo: Input, *, status: int) -> HttpResponse:
    kinds = access.visible(ExpenseKind, request.user).filter(active=True).order_by("position", "pk")
    if (chosen := form.inputs.get("kind")) is not None:
        chosen.kind, chosen.choices, chosen.fill = CHIPS, [(str(row.pk), str(row)) for row in kinds], None
    context = {
        "page_title": _("Enter an expense"),
        "form": form,
        "photo": photo,
        "first": _there(form, "kind amount"),
        "rest": _there(form, "customer deal spent_on note"),
        "all_url": reverse("expenses:list"),
    }
    return TemplateResponse(request, "expenses/claim.html", context, status=status)


def _there(form: RecordForm, names: str) -> list[Input]:
    """The inputs of these names, less those of fields hidden from who fills in the form."""
    return [form.inputs[name] for name in names.split() if name in form.inputs]
