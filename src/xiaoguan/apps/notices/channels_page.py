"""What an administrator sees of the channels: the mail server, the robots of groups, and the log of deliveries."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.notices import channels, mail, robots, sending
from xiaoguan.apps.notices.actions import set_up
from xiaoguan.apps.notices.models import Message, Robot
from xiaoguan.apps.notices.wish_page import send_test_mail
from xiaoguan.kit import access, outbound, render, toasts
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.pages import answers

SHOWN = 100
TONES: dict[str, render.Tone] = {"waiting": "amber", "sent": "green", "failed": "red"}


def looks_after(actor: Any, verb: str = "view") -> bool:
    """Whether somebody sees (or changes) the channels of the whole company."""
    return access.grants(actor).scope("notices.message", verb) == "all"


def channels_page(request: HttpRequest) -> HttpResponse:
    """Mail server, robots, and the latest deliveries, troubled ones first; never what was said in them."""
    if not looks_after(request.user):
        raise Http404
    state = request.GET.get("state", "")
    rows = Message.objects.select_related("person", "group").order_by("-created_at", "-pk")
    if state in Message.State.values:
        rows = rows.filter(state=state)
    counts = dict(Message.objects.values_list("state").annotate(n=Count("pk")))
    may_change = looks_after(request.user, "change")
    context = {
        "page_title": _("Channels"),
        "server": settings.MAIL_SERVER,
        "sender": settings.DEFAULT_FROM_EMAIL,
        "mail_ready": channels.mail_is_set_up(),
        "apprise": robots.has_apprise(),
        "robots": access.visible(Robot, request.user).select_related("team").order_by("name"),
        "may_change": may_change,
        "may_add": access.may(request.user, "create", Robot),
        "lines": [_line(row, may_change, request) for row in rows[:SHOWN]],
        "states": [(code, label, counts.get(code, 0)) for code, label in Message.State.choices],
        "state": state,
    }
    return TemplateResponse(request, "notices/channels.html", context)


def _line(row: Message, may_change: bool, request: HttpRequest) -> SafeString:
    """One delivery as a row of the log."""
    whom = row.group.name if row.group else str(row.person or row.address)
    next_try = render.moment(row.next_try) if row.state == Message.State.WAITING else SafeString("")
    form = SafeString("")
    if may_change and row.state != Message.State.SENT:
        token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
        form = format_html(
            '<form method="post" action="{}">{}<button class="btn btn-small">{}</button></form>',
            reverse("channels_retry", args=[row.pk]),
            token,
            _("Send again"),
        )
    return format_html(
        '<tr><td class="col-key p1">{}</td><td class="p0">{}</td><td class="p1r">{}</td><td class="num p0">{}</td>'
        '<td class="p0">{}</td><td class="p0">{}</td><td class="p2">{}</td><td class="p2r">{}</td></tr>',
        whom,
        row.get_channel_display() if not row.group else row.group.get_service_display(),
        render.tag(row.get_state_display(), TONES[row.state]),
        row.attempts,
        render.moment(row.created_at),
        next_try,
        outbound.words(row.error),
        form,
    )


def try_mail(request: HttpRequest) -> HttpResponse:
    """Send a test mail to the administrator's own address, and say how it went."""
    if not looks_after(request.user, "change"):
        raise Http404
    try:
        if not channels.mail_is_set_up():
            raise mail.Away("mail_none")
        if not request.user.email:
            raise mail.Refused("mail_address", final=True)
        send_test_mail(request.user.email)
        toasts.tell(request, _("The mail server took the test mail for %(address)s") % {"address": request.user.email})
    except outbound.Unreachable as problem:
        toasts.tell(request, _("Not sent: %(why)s") % {"why": problem})
    return redirect("channels")


def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a message that waits or was given up at the front of the queue."""
    if not looks_after(request.user, "change"):
        raise Http404
    row = Message.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    if sending.again(row):
        toasts.tell(request, _("It is sent again now"))
    return redirect("channels")


def _robot(request: HttpRequest, pk: int) -> Robot:
    robot: Robot = answers.get(Entity.of(Robot), request.user, pk)
    if not access.may(request.user, "change", robot):
        raise Denied("change", robot)
    return robot


def _back(robot: Robot) -> str:
    return f"{robot.entity.url('detail', robot)}?tab=setup"


def set_up_robot(request: HttpRequest, pk: int) -> HttpResponse:
    """Store what a robot tells and where it listens."""
    robot = _robot(request, pk)
    posted = request.POST
    told = posted.getlist("told")
    set_up(
        robot, actor=request.user, told=told, address=posted.get("address", ""), signature=posted.get("signature", "")
    )
    toasts.tell(request, _("The robot is set up"))
    return redirect(_back(robot))


def try_robot(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a group's robot say something now, and show what it answered."""
    robot = _robot(request, pk)
    try:
        kept = getattr(robot, "kept", None)
        if kept is None:
            raise outbound.Unreachable("gone")
        target = robots.Target(robot.service, kept.address, kept.signature)
        answer = robots.say(target, _("This is a test: notices of Xiaoguan arrive here."))
        toasts.tell(request, _("The robot answered: %(answer)s") % {"answer": answer[:200]})
    except outbound.Unreachable as problem:
        toasts.tell(request, _("Not sent: %(why)s") % {"why": problem})
    return redirect(_back(robot))
