"""What this product changes about allauth: nobody registers himself, one throttle, our words, our QR codes."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.org import passwords, signins, throttle
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.signin import backends
from xiaoguan.kit import recent

RECENT = 600
"""Seconds for which a sign-in is good enough to change how one signs in."""


class Door(DefaultAccountAdapter):
    """Accounts come from the organisation (one-time links), never from a public registration page."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is not right."),
        "email_password_mismatch": _("The user name or the password is not right."),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse public registration."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        """Check a password; tries are counted and written down alike for known and unknown names."""
        typed = credentials.get("username") or credentials.get("email") or ""
        person = backends.find(typed)
        attempt = throttle.begin(request, Kind.PASSWORD, person=person, name=typed)
        credentials = {"username": typed, "password": credentials.get("password")}
        backends.PersonBackend.unstash_authenticated_user()
        found = backends.PersonBackend().authenticate(request, **credentials)
        gone = backends.PersonBackend.unstash_authenticated_user()
        if found is not None:
            found.backend = f"{backends.PersonBackend.__module__}.{backends.PersonBackend.__qualname__}"
        if found or gone:
            attempt.succeed()
        reason = "left" if gone else ("" if found else "wrong password" if person else "unknown name")
        if reason:
            signins.record(request, Kind.PASSWORD, Outcome.REFUSED if gone else Outcome.FAILED, person, reason)
        return found or gone

    def reauthenticate(self, user: Person, password: str) -> bool:
        """Whether this is the password of who is signed in."""
        found = self.authenticate(context.request, username=user.username, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, app: str) -> bool:
        """Changing how one signs in wants a fresh sign-in, which counts as the confirmation it is."""
        return not recent.is_recent(context.request, RECENT)

    def set_password(self, user: Person, password: str) -> None:
        """Set one's own new password: other devices are signed out."""
        passwords.store(user, password, but=context.request.session.session_key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's own page."""
        return "/me/"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing about accounts goes out by mail: many people here have no address."""


def _vault() -> MultiFernet:
    """Encrypts what must be readable again (keys of authenticator apps, secrets of providers) by the secret key."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"signin:{key}".encode()).digest())) for key in keys]
    )


def encrypt(text: str) -> str:
    """Make a stored secret useless to who has only the database."""
    return _vault().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """The secret again; empty when the installation's secret key has been changed."""
    try:
        return _vault().decrypt(text.encode()).decode()
    except InvalidToken:
        return ""


class Factors(DefaultMFAAdapter):
    """Second factors: encrypted keys, a QR code without script, names people understand."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code is not right, or it has been used already."),
    }

    def encrypt(self, text: str) -> str:
        """Keys of authenticator apps don't lie in the database as they are."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The key again, or one that fits nothing."""
        return decrypt(encrypted_text) or "A" * 32

    def get_totp_label(self, user: Person) -> str:
        """What the app shows under the company's name."""
        return user.username

    def get_totp_issuer(self) -> str:
        """What the app calls this installation."""
        return str(company()) or gettext("Xiaoguan")

    def build_totp_svg(self, url: str) -> str:
        """The QR code as SVG."""
        svg: str = segno.make(url, error="m", micro=False).svg_inline(scale=5, border=2, title=gettext("QR code"))
        return svg

    def _get_site_name(self) -> str:
        return self.get_totp_issuer()

    def _get_user_identifier(self, user: Person) -> str:
        return user.username

    def generate_authenticator_name(self, user: Person, type: str) -> str:  # noqa: A002  allauth's name
        """The device in front of which somebody sits names its passkey."""
        _address, agent = signins.visitor(context.request)
        return signins.device(agent)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """One's own factors may go; where a role wants one, the next page asks for another."""
        return True
