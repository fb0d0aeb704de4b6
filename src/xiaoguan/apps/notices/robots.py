"""Speaking to robots: the documented JSON of WeCom, DingTalk, Feishu and Slack; anything else through apprise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices import fence
from xiaoguan.apps.notices.models.robot import Service
from xiaoguan.kit import clock, outbound

LONGEST = 1800
"""Characters of one message; WeCom takes 2,048 bytes of text, the others more."""
WECOM_BYTES = 2000
LOCAL = frozenset("dbus glib gnome kde qt macosx windows syslog".split())
"""What apprise says to the machine it runs on: its desktop, its log."""

outbound.REASONS |= {
    "answer": _("The robot refused: %(detail)s"),
    "stranger": _("Whoever answered is no robot of this service."),
    "missing": _("Install the extra “notices” to use this service."),
    "unknown": _("apprise does not know this kind of address."),
    "apprise": _("apprise could not deliver the message."),
    "gone": _("This robot is gone or switched off."),
}


@dataclass(frozen=True)
class Target:
    """Where a robot listens."""

    service: str
    address: str
    signature: str = ""


def has_apprise() -> bool:
    """Whether the optional package is installed."""
    return find_spec("apprise") is not None


def say(target: Target, text: str, *, seconds: float = 10.0) -> str:
    """Let a robot speak; returns its answer. Raises outbound.Unreachable with the reason in words."""
    if target.service == Service.OTHER:
        return _by_apprise(target.address, text)
    url, body = spoken(target, text)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Xiaoguan"}
    answer = outbound.post(url, json.dumps(body, ensure_ascii=False).encode(), headers, seconds=seconds)
    if not answer.good:
        raise outbound.Unreachable("status", answer.status)
    _refused(target.service, answer.text)
    return answer.text


def spoken(target: Target, text: str) -> tuple[str, dict[str, Any]]:
    """The address and the JSON that a service documents for a plain text, signed where a key is given."""
    text = text[:LONGEST]
    if target.service == Service.SLACK:
        return target.address, {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    if target.service == Service.FEISHU:
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if target.signature:
            stamp = str(int(clock.machine_now().timestamp()))
            key = f"{stamp}\n{target.signature}".encode()
            body |= {"timestamp": stamp, "sign": _digest(key, b"")}
        return target.address, body
    if target.service == Service.WECOM:
        text = text.encode()[:WECOM_BYTES].decode("utf-8", "ignore")
    url = target.address
    if target.service == Service.DINGTALK and target.signature:
        stamp = str(int(clock.machine_now().timestamp() * 1000))
        sign = _digest(target.signature.encode(), f"{stamp}\n{target.signature}".encode())
        url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote(sign, safe='')}"
    return url, {"msgtype": "text", "text": {"content": text}}


def _digest(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def _refused(service: str, answer: str) -> None:
    """These services answer 200 whatever happens and put the truth into the body."""
    if service == Service.SLACK:
        if answer.strip() != "ok":
            raise outbound.Unreachable("answer", answer[:200])
        return
    try:
        said = json.loads(answer)
        code = said.get("errcode", said.get("code", said.get("StatusCode")))
    except (ValueError, AttributeError) as error:
        raise outbound.Unreachable("stranger") from error
    if code is None:
        raise outbound.Unreachable("stranger")
    if code != 0:
        why = str(said.get("errmsg") or said.get("msg") or said.get("StatusMessage") or "")
        raise outbound.Unreachable("answer", f"{why} ({code})" if why else str(code))


def _by_apprise(address: str, text: str) -> str:
    """Any of the services apprise knows; only administrators may enter such an address."""
    if not has_apprise():
        raise outbound.Unreachable("missing")
    apprise = import_module("apprise")
    sender = apprise.Apprise()
    if not sender.add(address):
        raise outbound.Unreachable("unknown")
    if address.partition("://")[0].strip().lower() in LOCAL:
        raise outbound.Unreachable("unknown")
    with fence.fenced():
        arrived = sender.notify(body=text[:LONGEST])
    if not arrived:
        raise outbound.Unreachable("apprise")
    return "ok"


def check(target: Target) -> None:
    """Raise Unreachable for an address that can't be one."""
    if target.service != Service.OTHER:
        outbound.check(target.address)
