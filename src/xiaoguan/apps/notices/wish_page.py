"""How I want to be told: switches by kind and channel, the rhythm, quiet hours, my robot, and a real test."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.notices import channels, mail, robots
from xiaoguan.apps.notices.actions import choose, keep_robot
from xiaoguan.apps.notices.kinds import SYSTEM, TEAM, WORK, Kind
from xiaoguan.apps.notices.models import HOURS, Message, Rhythm, Wish
from xiaoguan.apps.notices.models.message import Channel
from xiaoguan.apps.notices.models.robot import Service
from xiaoguan.apps.notices.queries import wish_of
from xiaoguan.kit import access, clock, outbound, toasts
from xiaoguan.kit.controls import Input
from xiaoguan.kit.errors import Invalid

USUAL = "usual"
"""No hour of one's own: before the day's work begins."""


@dataclass(frozen=True)
class Switch:
    """One box of the table."""

    name: str
    label: str
    on: bool


def settings_page(request: HttpRequest) -> HttpResponse:
    """Show and store how I want to be told."""
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            if request.POST.get("form") == "robot":
                _save_robot(request)
            else:
                _save_switches(request)
            return redirect("inbox_settings")
        except Invalid as problem:
            errors = problem.errors
    wish = wish_of(request.user)
    offered = _offered(request.user)
    ways = [Channel.INBOX, Channel.MAIL, *([Channel.ROBOT] if wish.service else [])]
    order = [str(group) for group in (WORK, TEAM, SYSTEM)]
    offered.sort(key=lambda kind: order.index(str(kind.group)))
    groups = groupby(offered, key=lambda kind: str(kind.group))
    context = {
        "page_title": _("How I am told"),
        "ways": [way.label for way in ways],
        "groups": [(name, [(kind, _switches(wish, kind, ways)) for kind in found]) for name, found in groups],
        "rhythm": _rhythm(wish, errors),
        "hour": _hour(wish, errors) if any(kind.timed for kind in offered) else None,
        "quiet": [_time(wish, "quiet_from", request, errors), _time(wish, "quiet_to", request, errors)],
        "robot": _robot_inputs(wish, request, errors),
        "has_robot": bool(wish.service),
        "mail_ready": channels.mail_is_set_up(),
        "email": request.user.email,
        "errors": [text for name in ("", "rhythm", "hour") for text in errors.get(name, [])],
        "zone": clock.zone().key,
    }
    return TemplateResponse(request, "notices/settings.html", context, status=422 if errors else 200)


def _offered(person: Any) -> list[Kind]:
    administrates = access.grants(person).scope("kit.job", "view") == "all"
    return channels.offered(person, administrates=administrates)


def _switches(wish: Wish, kind: Kind, ways: list[Channel]) -> list[Switch]:
    return [Switch(f"{kind.code}-{way}", f"{kind.label}: {way.label}", channels.wants(wish, kind, way)) for way in ways]


def _save_switches(request: HttpRequest) -> None:
    posted = request.POST
    ways = posted.getlist("way")
    switches = {
        kind.code: {way: f"{kind.code}-{way}" in posted for way in Channel.values if way in ways}
        for kind in _offered(request.user)
    }
    choose(
        request.user,
        switches=switches,
        rhythm=posted.get("rhythm", ""),
        quiet_from=_read_time(posted.get("quiet_from", ""), "quiet_from"),
        quiet_to=_read_time(posted.get("quiet_to", ""), "quiet_to"),
        hour=_read_hour(posted.get("hour", "")),
    )
    toasts.tell(request, _("Your choice is saved"))


def _read_time(raw: str, name: str) -> dt.time | None:
    if not raw.strip():
        return None
    try:
        return dt.time.fromisoformat(raw.strip()).replace(tzinfo=None)
    except ValueError as error:
        raise Invalid({name: [_("Type a time like 22:00.")]}) from error


def _read_hour(raw: str) -> int | None:
    """The hour that was chosen; None for the usual time."""
    if raw in ("", USUAL):
        return None
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 3 else -1


def _save_robot(request: HttpRequest) -> None:
    posted = request.POST
    keep_robot(
        request.user,
        service=posted.get("service", ""),
        address=posted.get("address", "").strip(),
        signature=posted.get("signature", "").strip(),
    )
    toasts.tell(request, _("Your robot is saved") if posted.get("service") else _("Your robot is removed"))


def _rhythm(wish: Wish, errors: dict[str, list[str]]) -> Input:
    choices = [(str(code), str(label)) for code, label in Rhythm.choices]
    label = _("Mail and robot")
    return Input("rhythm", label, "choice", wish.rhythm, True, errors=errors.get("rhythm", []), choices=choices)


def _hour(wish: Wish, errors: dict[str, list[str]]) -> Input:
    """When briefings come: before the day's work as they always did, or at an hour of one's own."""
    choices = [(USUAL, _("Before work (7:50)")), *((str(hour), f"{hour}:00") for hour in HOURS)]
    raw = USUAL if wish.hour is None else str(wish.hour)
    return Input("hour", _("Briefings at"), "choice", raw, True, errors=errors.get("hour", []), choices=choices)


def _time(wish: Wish, name: str, request: HttpRequest, errors: dict[str, list[str]]) -> Input:
    stored = getattr(wish, name)
    shown = request.POST.get(name) if name in request.POST else (f"{stored:%H:%M}" if stored else "")
    label = {"quiet_from": _("Quiet from"), "quiet_to": _("Quiet until")}[name]
    return Input(name, label, "time", shown or "", errors=errors.get(name, []))


def _robot_inputs(wish: Wish, request: HttpRequest, errors: dict[str, list[str]]) -> list[Input]:
    """The robot's form; what is kept of an address is never shown again."""
    choices = [(str(code), str(label)) for code, label in Service.choices if code != Service.OTHER]
    kept = _("Kept; leave this empty to keep it.") if wish.address else ""
    service = request.POST.get("service", wish.service)
    return [
        Input("service", _("Robot"), "choice", service, errors=errors.get("service", []), choices=choices),
        Input("address", _("Address of the robot"), "link_url", help=kept, errors=errors.get("address", [])),
        Input("signature", _("Signing key"), help=_("Only where the robot asks for one (DingTalk, Feishu).")),
    ]


def try_page(request: HttpRequest) -> HttpResponse:
    """Send me something now by a channel, and say what the other side answered."""
    channel = request.POST.get("channel", "")
    try:
        answer = _try_mail(request.user) if channel == Channel.MAIL else _try_robot(request.user)
        toasts.tell(request, answer)
    except outbound.Unreachable as problem:
        toasts.tell(request, _("Not sent: %(why)s") % {"why": problem})
    return redirect("inbox_settings")


def _try_mail(person: Any) -> str:
    if not channels.mail_is_set_up():
        raise mail.Away("mail_none")
    if not person.email:
        raise mail.Refused("mail_address", final=True)
    send_test_mail(person.email)
    return _("The mail server took the test mail for %(address)s") % {"address": person.email}


def send_test_mail(address: str) -> None:
    """Hand a test mail to the server now; raises mail.Away or mail.Refused."""
    now = clock.machine_now()
    words = _("This is a test: mails of Xiaoguan arrive here.")
    message = Message(channel=Channel.MAIL, address=address, subject=_("Test mail"), text=words, next_try=now)
    post = mail.Post()
    try:
        post.send(message)
    finally:
        post.close()


def _try_robot(person: Any) -> str:
    wish = wish_of(person)
    if not wish.service:
        raise outbound.Unreachable("gone")
    target = robots.Target(wish.service, wish.address, wish.signature)
    answer = robots.say(target, _("This is a test: notices of Xiaoguan arrive here."))
    return _("The robot answered: %(answer)s") % {"answer": answer[:200]}
