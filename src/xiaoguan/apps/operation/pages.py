"""The way out of the demonstration, as an administrator goes it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.operation import clearing, queries
from xiaoguan.apps.operation.leaving_form import LeavingForm
from xiaoguan.apps.org.models import Company, Person
from xiaoguan.kit import access, recent
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.pages import answers

PROOF = 600
"""Seconds for which a proof of who is there lasts here."""


def may_look_after(actor: Any) -> bool:
    """Whether somebody looks after the installation."""
    return access.grants(actor).scope("org.company", "change") == "all" and access.may(actor, "change", Company)


def clear_demo(request: HttpRequest) -> HttpResponse:
    """What goes and what stays; a POST begins. Asks again who it is, and never keeps a password for later."""
    if not may_look_after(request.user):
        raise Http404
    running = Job.objects.filter(kind=clearing.KIND, state__in=(*Job.ACTIVE, Job.State.FAILED)).order_by("-pk").first()
    if running is not None:
        return redirect("job", running.pk)
    if not queries.is_demonstration():
        return TemplateResponse(
            request, "operation/no_demo.html", {"page_title": _("Remove the demonstration company")}
        )
    if not recent.is_recent(request, PROOF):
        back = urlencode({"next": reverse("operation:clear_demo")})
        return answers.go(request, f"{resolve_url('account_reauthenticate')}?{back}")
    heir = Person.objects.get(pk=request.user.pk)
    form = LeavingForm(request.POST if request.method == "POST" else None, heir=heir)
    if request.method == "POST" and form.is_valid():
        try:
            return _begin(request, form)
        except Invalid as problem:
            form.take(problem)
    rows = queries.balance(heir)
    context = {
        "page_title": _("Remove the demonstration company"),
        "form": form,
        "rows": rows,
        "goes": sum(each.brought for each in rows),
        "along": [each for each in rows if each.along],
        "stays": [each for each in rows if each.stay],
    }
    return TemplateResponse(request, "operation/clear_demo.html", context, status=422 if form.errors else 200)


def _begin(request: HttpRequest, form: LeavingForm) -> HttpResponse:
    """The administrator becomes himself, and the job starts."""
    with transaction.atomic():
        heir = form.introduce(request.session.session_key)
        job = clearing.start(heir, form.cleaned_data["company"], actor=heir)
    update_session_auth_hash(request, heir)
    return redirect("job", job.pk)
