"""Settings of payment reminders."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.billing.models import Reminders
from xiaoguan.apps.billing.reminding import settings
from xiaoguan.kit import access, toasts
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Invalid

FIELDS = ("days_before", "days_after")


def may_set(actor: Any) -> bool:
    """Whether somebody says when people are reminded: who keeps the plan templates."""
    return access.grants(actor).scope("billing.plantemplate", "change") == "all"


def reminders(request: HttpRequest) -> HttpResponse:
    """How long before the owner is told, how long after it the manager."""
    if not may_set(request.user):
        raise Http404
    row = settings()
    typed = {name: str(getattr(row, name)) for name in FIELDS}
    errors: dict[str, list[Any]] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
        try:
            _keep(request, _read(typed))
        except Invalid as problem:
            errors = problem.errors
        else:
            toasts.tell(request, _("Payment reminders saved"))
            return redirect("billing:reminders")
    fields = [(Reminders._meta.get_field(name), typed[name], errors.get(name, [])) for name in FIELDS]
    context = {"page_title": _("Payment reminders"), "fields": fields}
    return TemplateResponse(request, "billing/reminders.html", context, status=422 if errors else 200)


def _read(typed: dict[str, str]) -> dict[str, int]:
    wrong = {
        name: [_("Type a whole number of days.")]
        for name, text in typed.items() if not (text.isascii() and text.isdigit() and len(text) < 4)
    }  # fmt: skip
    if wrong:
        raise Invalid(wrong)
    return {name: int(text) for name, text in typed.items()}


def _keep(request: HttpRequest, values: dict[str, int]) -> None:
    with transaction.atomic():
        work = Work(request.user, "settings", Reminders._meta.label_lower, undoable=False)
        held = Reminders.objects.filter(pk=1).first()
        if held is None:
            work.create(Reminders, {"id": 1, **values})
        else:
            for name, value in values.items():
                setattr(held, name, value)
            work.save(held)
        work.finish()
