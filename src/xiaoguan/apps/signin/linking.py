"""Whose a company account is: bound by its owner while signed in, or found by what the provider vouches for.

Nobody is ever created here. Who can't be found is told what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess, ProviderException
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.org import signins
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.apps.signin.adapters import decrypt
from xiaoguan.apps.signin.provider import KINDS, Facts
from xiaoguan.kit import recent, toasts
from xiaoguan.kit.action import Work
from xiaoguan.kit.pages import confirming

PHONE_DIGITS = 11
CONFIRM_SECONDS = 600
RETURN_SECONDS = 600
"""How long somebody may take at the provider's."""


def applications() -> list[SocialApp]:
    """Every configured way in: those of the environment, then those of the administrator's page."""
    fixed = [
        SocialApp(
            provider=one.get("provider", ""),
            provider_id=one.get("provider_id") or one.get("provider", ""),
            name=one.get("name", ""),
            client_id=one.get("client_id", ""),
            secret=one.get("secret", ""),
            settings=one.get("settings", {}),
        )
        for one in settings.IDENTITY_PROVIDERS
        if one.get("provider") in KINDS
    ]
    taken = {one.provider_id for one in fixed}
    stored = [one for one in SocialApp.objects.order_by("pk") if one.provider_id not in taken]
    for one in stored:
        one.secret = decrypt(one.secret)
    return [*fixed, *stored]


class Accounts(DefaultSocialAccountAdapter):
    """allauth's questions about company accounts, answered by people on the books."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        """The applications of a provider, or of a way in by its own name."""
        found = [one for one in applications() if one.provider in KINDS]
        if provider:
            found = [one for one in found if provider in (one.provider_id, one.provider)]
            found = [one for one in found if one.provider_id == provider] or found
        return [one for one in found if client_id in (None, one.client_id)]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bind, find, or refuse; what goes on after this signs an existing person in."""
        try:
            sociallogin.provider.check(sociallogin)
        except ProviderException as problem:
            raise ImmediateHttpResponse(
                render_authentication_error(request, sociallogin.provider, exception=problem)
            ) from problem
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(_bind(request, sociallogin))
        if not sociallogin.is_existing:
            sociallogin.user = _found(request, sociallogin)
        elif sociallogin.user.deleted_at or not sociallogin.user.is_active:
            raise ImmediateHttpResponse(_refuse(request, sociallogin, sociallogin.user, "left"))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Write down what went wrong; the page says it in general words."""
        signins.record(request, Kind.ACCOUNT, Outcome.FAILED, reason=f"{provider.sub_id}: {exception or error}"[:80])

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing goes out by mail."""


def _found(request: HttpRequest, login: SocialLogin) -> Person:
    """The one person at work whom the provider's facts name, bound from now on; raises with the refusal."""
    wanted = login.provider.app.settings.get("match") or []
    rules = [name for name in wanted if name in login.provider.matches]
    people = match(login.facts, rules)
    if len(people) != 1:
        raise ImmediateHttpResponse(_refuse(request, login, None, "nobody fits" if not people else "several fit"))
    person = people[0]
    if any(account.provider == login.account.provider for account in SocialAccount.objects.filter(user=person)):
        raise ImmediateHttpResponse(_refuse(request, login, person, "another account is bound"))
    _store(login, person)
    return person


def match(facts: Facts, rules: Iterable[str]) -> list[Person]:
    """People at work with this phone, address or number; the first rule that finds somebody decides."""
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True)
    for rule in rules:
        value = getattr(facts, rule, "").strip()
        if not value:
            continue
        if rule == "phone":
            wanted = _digits(value)
            near = rows.filter(phone__endswith=wanted[-4:]) if len(wanted) >= PHONE_DIGITS else rows.none()
            found = [one for one in near if _digits(one.phone) == wanted]
        elif rule == "email":
            found = list(rows.filter(email__iexact=value)[:2])
        else:
            found = list(rows.filter(employee_no=value)[:2])
        if found:
            return found
    return []


def _digits(phone: str) -> str:
    """The last eleven digits: a Chinese number with or without its country code."""
    return "".join(sign for sign in phone if sign.isdigit())[-PHONE_DIGITS:]


def _bind(request: HttpRequest, login: SocialLogin) -> Any:
    """Bind the account to who is signed in, has confirmed it, and asked for it."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    if not recent.is_recent(request, CONFIRM_SECONDS + RETURN_SECONDS):
        return confirming.ask(request)
    person = Person.objects.get(pk=request.user.pk)
    if login.is_existing and login.user.pk != person.pk:
        return _refuse(request, login, person, "bound to somebody else")
    if not login.is_existing:
        SocialAccount.objects.filter(user=person, provider=login.account.provider).delete()
        try:
            _store(login, person)
        except IntegrityError:
            return _refuse(request, login, person, "bound to somebody else")
    toasts.tell(request, _("You can sign in with %(way)s now") % {"way": login.provider.app.name})
    return redirect("/me/#sign-in")


def _store(login: SocialLogin, person: Person) -> None:
    """Keep the link, and write it into the person's history."""
    with transaction.atomic():
        login.account.user = person
        login.account.save()
        work = Work(person, "link_account", Person._meta.label_lower, undoable=False)
        work.note(person, {"account": None}, {"account": login.account.provider})
        work.finish()
    login.user = person


def unbind(person: Person, key: int) -> SocialAccount | None:
    """Take one of a person's accounts away; None when it is not his."""
    found = SocialAccount.objects.filter(user=person, pk=key).first()
    if found is not None:
        with transaction.atomic():
            work = Work(person, "unlink_account", Person._meta.label_lower, undoable=False)
            work.note(person, {"account": found.provider}, {"account": None})
            found.delete()
            work.finish()
    return found


def _refuse(request: HttpRequest, login: SocialLogin, person: Person | None, reason: str) -> TemplateResponse:
    """Say what to do; who it might have been is not told."""
    signins.record(request, Kind.ACCOUNT, Outcome.REFUSED, person, reason)
    way = login.provider.app.name or str(login.provider.name)
    page = TemplateResponse(request, "signin/not_linked.html", {"way": way, "reason": reason}, status=403)
    page.render()
    return page


def ways() -> list[dict[str, str]]:
    """The buttons under the sign-in form."""
    return [
        {"id": one.provider_id or one.provider, "kind": one.provider, "name": one.name or str(KINDS[one.provider].name)}
        for one in Accounts(context.request).list_apps(context.request)
    ]
