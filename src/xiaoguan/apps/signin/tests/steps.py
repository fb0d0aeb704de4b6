"""What the tests of sign-in do over and over."""

from __future__ import annotations

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.org.models import Person
from xiaoguan.apps.signin.adapters import encrypt
from xiaoguan.kit import recent

from tests.cast import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> object:
    """Send the form at the door."""
    return client.post(reverse("account_login"), {"login": username, "password": password, **more})


def inside(client: Client) -> bool:
    """Whether somebody is signed in."""
    return "_auth_user_id" in client.session


def with_app(person: Person, secret: str = SECRET) -> Authenticator:
    """Give somebody an authenticator app."""
    return Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": encrypt(secret)})


def code(secret: str = SECRET, step: int = 0) -> str:
    """What the app shows now, or some steps later."""
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30 + step))


def stale(client: Client) -> None:
    """Let the sign-in be long ago."""
    session = client.session
    session[recent.KEY] = time.time() - 4000
    session.pop(recent.PROOFS, None)
    session.save()
