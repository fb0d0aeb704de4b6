"""The pages between this product and a provider: off, and back."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from xiaoguan.apps.signin import linking
from xiaoguan.apps.signin.provider import PROBLEMS, Way
from xiaoguan.kit import recent
from xiaoguan.kit.pages import confirming


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the company accounts people may use; asked only by pages that offer them."""
    return {"ways_in": SimpleLazyObject(linking.ways)}


def _way(request: HttpRequest, name: str) -> Way:
    try:
        found: Way = linking.Accounts(request).get_provider(request, name)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return found


@never_cache
@require_POST
def start(request: HttpRequest, name: str) -> HttpResponse:
    """Send somebody to the provider; by a page, as the policy lets forms lead to this server only."""
    provider = _way(request, name)
    if request.POST.get("process") == AuthProcess.CONNECT:
        if not request.user.is_authenticated:
            raise Http404
        if not recent.is_recent(request, linking.CONFIRM_SECONDS):
            return confirming.ask(request)
    try:
        answer = provider.redirect_from_request(request)
    except PROBLEMS as problem:
        failed: HttpResponse = render_authentication_error(request, provider, exception=problem)
        return failed
    if "Location" not in answer:
        return answer
    return TemplateResponse(request, "signin/off.html", {"url": answer["Location"], "way": provider.app.name})


@never_cache
@require_GET
def back(request: HttpRequest, name: str) -> HttpResponse:
    """Take somebody back from the provider."""
    provider = _way(request, name)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(provider.get_oauth2_adapter(request))(request)
    except PROBLEMS as problem:
        answer = render_authentication_error(request, provider, exception=problem)
    return answer


def cancelled(request: HttpRequest) -> HttpResponse:
    """Somebody changed his mind at the provider's."""
    return TemplateResponse(request, "signin/cancelled.html")
