"""Whoever comes and goes, by whichever way, is written down, and his visit begins and ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models import Min
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from xiaoguan.apps.org import passwords, sessions, signins
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.kit import clock, recent, render

KINDS = {
    ("mfa", "totp"): Kind.CODE,
    ("mfa", "recovery_codes"): Kind.RECOVERY,
    ("mfa", "webauthn"): Kind.PASSKEY,
    ("password", ""): Kind.PASSWORD,
    ("socialaccount", ""): Kind.ACCOUNT,
}


def has_factor(person: Person) -> bool:
    """Whether somebody has an authenticator app or a passkey."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user_id=person.pk, type__in=kinds).exists()


def factor_due(person: Person) -> dt.date | None:
    """The day from which a role of this person wants a second factor that he does not have."""
    wanted = person.roles.filter(deleted_at__isnull=True).aggregate(day=Min("second_factor_from"))["day"]
    return wanted if wanted and not has_factor(person) else None


def duties(person: Person, day: dt.date | None) -> dict[str, Any]:
    """What a visit must know: from when a second factor is missing, and whether the password has expired."""
    return {"factor_due": day.isoformat() if day else "", "password_due": passwords.expired(person)}


@receiver(user_logged_in)
def came_in(sender: Any, request: HttpRequest, user: Person, **_rest: Any) -> None:
    """Begin a visit; the session has its new key by now."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{}]
    shown = records[-1]
    kind = KINDS.get((shown.get("method", ""), shown.get("type", "")), Kind.LINK)
    due = factor_due(user)
    request.session[sessions.VISIT] = sessions.open_visit(request) | duties(user, due)
    if due and due > clock.today():
        text = _("From %(day)s your role needs a second factor. Set one up before then.") % {"day": render.day(due)}
        messages.warning(request, text, extra_tags="", fail_silently=True)
    signins.record(request, kind, Outcome.DONE, user, str(shown.get("provider", "")))


@receiver(user_logged_out)
def went_out(sender: Any, request: HttpRequest, user: Person | None, **_rest: Any) -> None:
    """Write down that somebody signed himself out."""
    if user is not None:
        signins.record(request, Kind.SIGN_OUT, Outcome.DONE, user)


@receiver(authentication_step_completed)
def confirmed(sender: Any, request: HttpRequest, user: Person, **rest: Any) -> None:
    """Somebody who is signed in has shown again who he is."""
    if rest.get("reauthenticated"):
        recent.mark(request)
        signins.record(request, Kind.CONFIRM, Outcome.DONE, user, str(rest.get("type") or rest.get("method") or ""))
