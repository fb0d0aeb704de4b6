"""allauth's pages where ours do one thing more."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import PasswordChangeView, ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView, ReauthenticateWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve

from xiaoguan.apps.org import sessions, signins, throttle
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.kit.pages import confirming


class Resumes:
    """After the confirmation the form that was held meanwhile is carried out."""

    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        """Confirm, then go on with what was begun."""
        path = get_next_redirect_url(self.request) or ""
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        held = confirming.take(self.request, path)
        if held is None:
            return answer
        request = self.request
        request.path = request.path_info = path.partition("?")[0]
        request.META["QUERY_STRING"] = path.partition("?")[2]
        request.GET = type(held)(path.partition("?")[2])
        request.method, request.POST = "POST", held
        match = resolve(request.path_info)
        request.resolver_match = match
        resumed: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return resumed


class ConfirmByPassword(Resumes, ReauthenticateView):
    """It is me: password."""


class ConfirmByCode(Resumes, CodeView):
    """It is me: code of the app, or a recovery code."""


class ConfirmByPasskey(Resumes, ReauthenticateWebAuthnView):
    """It is me: passkey."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say it on the same page."""
        signins.record(self.request, Kind.CONFIRM, Outcome.FAILED, self.request.user, "wrong passkey")
        return self.render_to_response(self.get_context_data(form=form))


class AddPasskey(AddWebAuthnView):
    """A passkey that signs in alone: kept on the device, opened by the device's own check."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The question to the browser."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["form"] = kwargs.get("form") or self.get_form()
        context["js_data"] = {"creation_options": auth.begin_registration(self.request.user, True)}
        return context


class PasskeySignIn(LoginWebAuthnView):
    """Signing in by passkey alone; it can't be guessed, but trying is not free either."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the try, then look at it."""
        try:
            self.attempt = throttle.begin(request, Kind.PASSKEY, address_only=True)
        except throttle.Locked as problem:
            messages.error(request, problem.messages[0])
            return redirect("account_login")
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """In."""
        self.attempt.succeed()
        answer: HttpResponse = super().form_valid(form)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """Back to the door."""
        signins.record(self.request, Kind.PASSKEY, Outcome.FAILED, reason="wrong passkey")
        answer: HttpResponse = super().form_invalid(form)
        return answer


class ChangePassword(PasswordChangeView):
    """Change of the password; what waited for it may go on."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it; the session gets a new key."""
        answer: HttpResponse = super().form_valid(form)
        if sessions.VISIT in self.request.session:
            sessions.touch(self.request, password_due=False)
        return answer


change_password = ChangePassword.as_view()
confirm_by_password = ConfirmByPassword.as_view()
confirm_by_code = ConfirmByCode.as_view()
confirm_by_passkey = ConfirmByPasskey.as_view()
add_passkey = AddPasskey.as_view()
passkey_sign_in = PasskeySignIn.as_view()
