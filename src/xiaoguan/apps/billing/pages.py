"""The editor of a contract's payment plan."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.billing.actions import may_plan, plannable, set_plan
from xiaoguan.apps.billing.models import PlanTemplate
from xiaoguan.apps.billing.plan_form import PlanForm
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.kit import access, toasts
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.pages import answers


def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the plan as a table to fill in, or store what was typed in it."""
    actor: Any = request.user
    contract = answers.get(Entity.of(Contract), actor, pk)
    if not may_plan(actor, contract):
        raise Denied("plan", contract)
    if not plannable(contract):
        raise Http404
    templates = list(access.visible(PlanTemplate, actor).filter(active=True).order_by("position", "pk"))
    if request.method != "POST":
        wanted = request.GET.get("template", "")
        template = next((each for each in templates if str(each.pk) == wanted), None)
        return _show(request, PlanForm(contract, actor, template=template), templates, template)
    form = PlanForm(contract, actor, data=request.POST)
    if form.valid():
        try:
            done = set_plan(contract, form.lines(), actor=actor)
        except Invalid as problem:
            form.take(problem)
        else:
            toasts.tell(request, _("The payment plan of %(name)s is set") % {"name": contract}, done.change)
            return answers.go(request, f"{Entity.of(contract).url('detail', contract)}?tab=plan")
    return _show(request, form, templates, None, status=422)


def _show(
    request: HttpRequest, form: PlanForm, templates: list[PlanTemplate], chosen: PlanTemplate | None, status: int = 200
) -> HttpResponse:
    context = {
        "page_title": _("Payment plan of %(name)s") % {"name": form.contract},
        "form": form,
        "contract": form.contract,
        "fixed": sum(row.amount for row in form.fixed),
        "templates": [] if form.stored else templates,
        "chosen": chosen,
        "back": f"{Entity.of(form.contract).url('detail', form.contract)}?tab=plan",
    }
    return TemplateResponse(request, "billing/plan.html", context, status=status)
