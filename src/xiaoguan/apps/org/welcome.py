"""The page behind a one-time link: who it is for, a new password, and in."""

from __future__ import annotations

from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from xiaoguan.apps.org import invites, signins, throttle
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.kit.errors import Invalid

BACKEND = "xiaoguan.apps.signin.backends.PersonBackend"
_new_password = {"autocomplete": "new-password", "class": "form-control"}


class PasswordForm(forms.Form):
    """A password, typed twice."""

    password = forms.CharField(
        label=_("New password"), strip=False, widget=forms.PasswordInput(attrs={**_new_password, "autofocus": True})
    )
    again = forms.CharField(label=_("The same once more"), strip=False, widget=forms.PasswordInput(attrs=_new_password))

    def clean_again(self) -> str:
        """Both must be equal."""
        if self.cleaned_data.get("password") not in (None, self.cleaned_data["again"]):
            raise forms.ValidationError(_("The two passwords differ."))
        return str(self.cleaned_data["again"])


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form of a working link, or set the password and sign in; tries are throttled by address."""
    attempt = None
    if request.method == "POST":
        try:
            attempt = throttle.begin(request, Kind.LINK, address_only=True)
        except throttle.Locked as problem:
            return TemplateResponse(request, "429.html", {"problem": problem.messages[0]}, status=429)
    found = invites.find(token)
    if found is None:
        if attempt:
            signins.record(request, Kind.LINK, Outcome.FAILED, reason="dead link")
        return TemplateResponse(request, "org/link_dead.html", status=410)
    if attempt:
        attempt.succeed()
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person = invites.accept(token, form.cleaned_data["password"])
        except Invalid as problem:
            for name, texts in problem.errors.items():
                for text in texts:
                    form.add_error(name if name in form.fields else None, text)
        else:
            login(request, person, backend=BACKEND)
            return redirect("/")
    context = {"form": form, "person": found.person, "rules": password_validators_help_texts()}
    return TemplateResponse(request, "org/welcome.html", context, status=422 if form.errors else 200)
