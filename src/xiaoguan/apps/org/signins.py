"""The book at the door: every sign-in that went well or ill, with address and device."""

from __future__ import annotations

import datetime as dt
import hashlib

from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest
from django.utils.translation import gettext as _

from xiaoguan.apps.org.models import Person, SignIn
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.kit import clock

AGENT = 200
SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "CrOS", "Linux")
BROWSERS = (
    ("wxwork", "WeCom"),
    ("DingTalk", "DingTalk"),
    ("Lark", "Feishu"),
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SHOWN_AS = {"Mac OS": "Mac", "CrOS": "ChromeOS"}


def visitor(request: HttpRequest | None) -> tuple[str, str]:
    """Address and device of who asks; behind a proxy the address that the proxy reports."""
    if request is None or not request.META.get("REMOTE_ADDR"):
        return "", ""
    return get_client_ip(request) or "", request.META.get("HTTP_USER_AGENT", "")[:AGENT]


def record(
    request: HttpRequest | None, kind: Kind, outcome: Outcome, person: Person | None = None, reason: str = ""
) -> SignIn:
    """Write one line; `reason` is a word for auditors, never something that was typed."""
    address, agent = visitor(request)
    return SignIn.objects.create(
        person=person, at=clock.machine_now(), kind=kind, outcome=outcome, reason=reason, address=address, agent=agent
    )


def record_once(request: HttpRequest | None, kind: Kind, outcome: Outcome, person: Person | None) -> None:
    """Write one line a minute for the same thing from the same address: whoever hammers must not fill the book."""
    address, _agent = visitor(request)
    lately = clock.machine_now() - dt.timedelta(minutes=1)
    same = SignIn.objects.filter(at__gt=lately, kind=kind, outcome=outcome, person=person, address=address)
    if not same.exists():
        record(request, kind, outcome, person)


def device(agent: str) -> str:
    """A browser's own long name in two words."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    words = [word for word in (browser, SHOWN_AS.get(system, system)) if word]
    return " · ".join(words) or _("Unknown device")


def digest(text: str) -> str:
    """A hash by which something secret can be named."""
    return hashlib.sha256(text.encode()).hexdigest()
