"""The public page of a web form: plain HTML that needs neither script nor cookie, and what it takes in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from xiaoguan.apps.leads import queries
from xiaoguan.apps.leads.models import Lead, Origin, WebForm
from xiaoguan.apps.leads.models.webform import fresh_token
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.apps.org.signins import visitor
from xiaoguan.kit import access, allowance, toasts
from xiaoguan.kit.action import perform, update
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.pages import answers

TAKEN = ("company", "name", "title", "mobile", "email", "wechat", "province", "city", "wants")
"""What a visitor may say; everything else is the company's own to decide."""
LURE = "website"
"""A field people don't see; who fills it in is a program."""
EACH, ALL = 6, 60
"""So many sent in a minute by one address, and by all for one form."""
DRAWERS = 1024
POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; form-action 'self'; base-uri 'none'; "


def _form(token: str) -> WebForm:
    rows = access.everything(WebForm, because="a form is there for whoever has its address")
    found = rows.filter(token=token, active=True).select_related("team").first()
    if found is None:
        raise Http404
    return found


def _guarded(form: WebForm, response: HttpResponse) -> HttpResponse:
    """The page's own rule: no script at all, and only the sites named may show it in a frame."""
    ancestors = " ".join(form.framed_by()) or "'none'"
    response["Content-Security-Policy"] = f"{POLICY}frame-ancestors {ancestors}"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt
@xframe_options_exempt
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form, or make a lead of what was sent.

    No session is read or written, so there is nothing a foreign page could misuse: it carries no token.
    """
    form = _form(token)
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, POST"})
    if request.method != "POST":
        return _page(request, form, {}, {}, sent="sent" in request.GET)
    said = {name: request.POST.get(name, "").replace("\x00", "").strip()[:2000] for name in TAKEN}
    if request.POST.get(LURE):
        return _done(form)  # a program is told what a person would be told
    if wait := _too_many(request, form):
        errors = {"": _("Too much at once. Try again in %(n)s seconds.") % {"n": wait}}
        return _page(request, form, said, errors, status=429)
    errors = _missing(said, consents=bool(request.POST.get("consent")))
    if not errors:
        try:
            _take_in(form, said)
            return _done(form)
        except Invalid as problem:
            errors = {name: str(texts[0]) for name, texts in problem.errors.items()}
    return _page(request, form, said, errors, status=422)


def _missing(said: Mapping[str, str], *, consents: bool) -> dict[str, str]:
    errors = {}
    if not (said["name"] or said["company"]):
        errors["name"] = _("Tell us your name or your company.")
    if not (said["mobile"] or said["email"] or said["wechat"]):
        errors["mobile"] = _("Tell us how to reach you.")
    if not consents:
        errors["consent"] = _("Without your consent we can't take your data.")
    return errors


def _too_many(request: HttpRequest, form: WebForm) -> int:
    """Seconds to wait, by one address (as the proxy reports it) and by all.

    Addresses fall into a thousand drawers: nothing of them is kept, and the table of allowances stays small.
    """
    drawer = int.from_bytes(hashlib.sha256(visitor(request)[0].encode()).digest()[:4]) % DRAWERS
    return allowance.take(f"lead form drawer {drawer}", EACH) or allowance.take(f"lead form {form.pk}", ALL)


def _take_in(form: WebForm, said: Mapping[str, str]) -> Lead:
    """Make the lead as the system: for the form's team, and if they are dealt out for whoever looks after its
    territory, else for the seller of the team whose turn it is."""
    actor = system_actor()
    limits = {name: Lead._meta.get_field(name).max_length for name in TAKEN}
    values: dict[str, Any] = {name: text[: limits[name]] for name, text in said.items()}
    owner = None
    if form.in_turn:
        owner = queries.by_territory([Lead(**values)], form.capacity).get(0)
        owner = owner or next(iter(queries.next_in_turn(1, queries.takers(form.team), form.capacity)), None)
    values |= {"origin": Origin.FORM, "campaign": form.campaign, "owner": owner}
    if owner is None:
        values["unit"] = form.team
    lead: Lead = perform("create", Lead, values, actor=actor, source="form", note=form.name).result
    if owner is None:
        tell("lead_waits", queries.takers(form.team), row=lead, text=form.name, group=f"form {form.pk}")
    return lead


def _done(form: WebForm) -> HttpResponse:
    return _guarded(form, redirect(f"{reverse('lead_form:show', args=[form.token])}?sent=1"))


def _page(
    request: HttpRequest,
    form: WebForm,
    said: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
    sent: bool = False,
) -> HttpResponse:
    context = {"form": form, "said": said, "errors": errors, "sent": sent, "lure": LURE}
    response = TemplateResponse(request, "leads/public.html", context, status=status)
    return _guarded(form, response)


def fresh_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a form a new address: what came to the old one is «not found» from now on."""
    form: WebForm = answers.get(Entity.of(WebForm), request.user, pk)
    if not access.may(request.user, "change", form):
        raise Denied("change", form)
    done = update(form, {"token": fresh_token()}, actor=request.user)
    toasts.tell(request, _("The form has a new address; put it into your site again."), done.change)
    return answers.go(request, f"{form.entity.url('detail', form)}?tab=embed")
