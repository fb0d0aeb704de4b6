"""What every page shares: who may come in, and how the kit's errors look to a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, resolve_url
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from xiaoguan.kit import access, blocks, draft, elsewhere, recent
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, NotRecent, Refusal, Stale, TooMany

View = Callable[..., HttpResponse]


class Elsewhere(Exception):
    """The record has become part of another one, whose page is at `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def page(view: View, *fixed: Any, methods: tuple[str, ...] = ("GET",)) -> View:
    """Wrap a page function: signed-in people only, known methods only, every answer of the kit shown as a page.

    `fixed` are arguments after the request, such as the entity.
    """

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
            return HttpResponseNotAllowed(methods)
        try:
            response = view(request, *fixed, *args, **kwargs)
        except Elsewhere as problem:
            response = go(request, problem.url)
        except Denied as problem:
            response = denied(request, problem)
        except Refusal as problem:
            response = refused(request, problem)
        except NotRecent:
            response = _prove(request, reads="GET" in methods)
        except Stale as problem:
            response = stale(request, problem)
        except Invalid as problem:
            response = invalid(request, problem)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    # Read by the page of stale forms.
    run.view, run.fixed = view, fixed  # type: ignore[attr-defined]
    return run


def targets(request: HttpRequest, name: str) -> bool:
    """Whether HTMX asks for one part of the page."""
    return bool(request.htmx) and request.htmx.target == name


def get(entity: Entity, actor: Any, pk: int, *, rows: Any = None) -> Any:
    """One row the actor may see, or «not found»; raises Elsewhere where it is part of another one now."""
    chosen = (access.visible(entity.model, actor) if rows is None else rows).filter(pk=pk)
    # `first()` would put one row in order, and Django compares every joined column with that order.
    found = list(chosen.order_by()[:1])
    if not found:
        if (other := elsewhere.of(entity, pk, actor)) is not None:
            raise Elsewhere(entity.url("detail", other))
        raise Http404
    return found[0]


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask to sign in; what was typed waits in the session until then."""
    if request.method == "POST":
        draft.keep(request)
    back = request.get_full_path()
    if request.method != "GET" or request.htmx:
        back = request.htmx.current_url_abs_path or request.path if request.htmx else request.path
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"{resolve_url('account_login')}?next={back}"
        return response
    return redirect_to_login(back)


def recent_login_required(view: View) -> View:
    """A page that asks for a fresh proof of who is there before it does anything; for changing rights."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        recent.require(request)
        return view(request, *args, **kwargs)

    return run


def _prove(request: HttpRequest, *, reads: bool) -> HttpResponse:
    """Ask who is there once more; what was typed waits in the session, and the way leads back to the page."""
    back = request.get_full_path()
    if request.method == "POST":
        draft.keep(request)
        known = urlsplit(request.headers.get("Referer", ""))
        if not reads:
            back = f"{known.path}?{known.query}" if known.netloc == request.get_host() else "/"
    return go(request, f"{resolve_url('account_reauthenticate')}?{urlencode({'next': back})}")


def denied(request: HttpRequest, problem: Denied) -> HttpResponse:
    """Strangers to a row or a list are told it isn't there; others that they lack the right."""
    subject = problem.subject
    if subject is not None and not _sees(request.user, subject):
        raise Http404
    model = subject if isinstance(subject, type) else type(subject)
    noun = Entity.of(model).label if subject is not None and hasattr(model, "entity") else ""
    words = _("You have no right to do this with this %(record)s.") % {"record": noun} if noun else ""
    return _small(request, "kit/denied.html", {"words": words}, 403)


def _sees(actor: Any, subject: Any) -> bool:
    if isinstance(subject, type):
        return access.may(actor, "view", subject)
    if isinstance(subject, models.Model) and hasattr(subject, "entity"):
        return access.may(actor, "view", subject)
    return True


def refused(request: HttpRequest, problem: Refusal) -> HttpResponse:
    """The card with the rule and the ways out; a dialog for HTMX."""
    seconds = problem.seconds if isinstance(problem, TooMany) else 0
    status = 429 if seconds else 409
    headers = {"Retry-After": str(seconds)} if seconds else None
    if request.htmx:
        return in_dialog(HttpResponse(blocks.refusal_dialog(problem), status=status, headers=headers))
    context = {"card": blocks.refusal_card(problem), "page_title": problem.title}
    return TemplateResponse(request, "kit/refusal.html", context, status=status, headers=headers)


def stale(request: HttpRequest, problem: Stale) -> HttpResponse:
    """Somebody else was first, and there is no form to compare with."""
    row = problem.row
    context = {"row": row, "url": row.entity.url("detail", row) if hasattr(row, "entity") else ""}
    return _small(request, "kit/stale.html", context, 409)


def invalid(request: HttpRequest, problem: Invalid) -> HttpResponse:
    """Values that can't be stored, where no form is there to show them beside its fields."""
    lines = [str(text) for texts in problem.errors.values() for text in texts]
    return _small(request, "kit/invalid.html", {"lines": lines}, 422)


def _small(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """A page of its own, or for HTMX a dialog over the page where the person is."""
    if not request.htmx:
        return TemplateResponse(request, template, {**context, "dialog": False}, status=status)
    return dialog(request, template, context, status)


def dialog(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A template as a dialog over the page."""
    html = render_to_string(template, {**context, "dialog": True}, request)
    return in_dialog(HttpResponse(html, status=status))


def in_dialog(response: HttpResponse) -> HttpResponse:
    """Send an answer to the place of dialogs whatever the request aimed at."""
    response["HX-Retarget"] = "#dialogs"
    response["HX-Reswap"] = "innerHTML"
    return response


def wanted(request: HttpRequest) -> str:
    """Where somebody came from and wants back to, as `_next` of the form or address says: a page of ours or nothing."""
    asked = request.POST.get("_next") or request.GET.get("_next") or ""
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ""


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the person to a page, from a plain form or from HTMX."""
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)
