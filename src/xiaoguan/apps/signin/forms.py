"""Codes are counted like passwords: allauth's forms behind the one throttle."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org import sessions, signins, throttle
from xiaoguan.apps.org.models.signin import Kind, Outcome

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 12, "spellcheck": "false"}
NAME_LENGTH = 60


class SignIn(LoginForm):
    """The form at the door."""

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Let the visit, not a setting, say when an idle device is signed out."""
        answer: HttpResponse = super().login(request, redirect_url)
        if visit := request.session.get(sessions.VISIT):
            request.session.set_expiry(visit["idle"])
        return answer


class Counted(forms.Form):
    """A form with a code that somebody could guess."""

    kind = Kind.CODE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].widget = forms.TextInput(attrs=CODE)

    def clean_code(self) -> str:
        """Count the try, then look at it."""
        attempt = throttle.begin(context.request, self.kind, person=self.user)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            signins.record(context.request, self.kind, Outcome.FAILED, self.user, "wrong code")
            raise
        attempt.succeed()
        return code


class Code(Counted, AuthenticateForm):
    """The second step of signing in."""


class ConfirmCode(Counted, ReauthenticateForm):
    """Confirming by code that it is really you."""

    kind = Kind.CONFIRM


class FirstCode(Counted, ActivateTOTPForm):
    """The first code of a new authenticator app."""

    kind = Kind.CONFIRM


class PasskeyName(EditWebAuthnForm):
    """A passkey's name."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)


class NewPasskey(AddWebAuthnForm):
    """A new passkey: always one that signs in alone, with the device's own check of its owner."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, required=False)
    passwordless = forms.BooleanField(widget=forms.HiddenInput, required=False, initial=True)


class NewPassword(ChangePasswordForm):
    """Change of one's own password: guesses at the present one are counted too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("oldpassword", _("Password you have now")),
            ("password1", _("New password")),
            ("password2", _("The same once more")),
        ):
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean_oldpassword(self) -> str:
        """Count the try, then look at it."""
        attempt = throttle.begin(context.request, Kind.PASSWORD, person=self.user)
        try:
            typed: str = super().clean_oldpassword()
        except ValidationError:
            signins.record(context.request, Kind.CONFIRM, Outcome.FAILED, self.user, "wrong password")
            raise
        attempt.succeed()
        return typed
