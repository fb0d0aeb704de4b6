"""Tabs of group robots."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices import robots
from xiaoguan.apps.notices.kinds import kinds
from xiaoguan.apps.notices.models import Robot
from xiaoguan.apps.notices.models.robot import Service
from xiaoguan.kit import access
from xiaoguan.kit.panel import panel


@panel(Robot, "setup", _("What it tells"), position=10, icon="message")
def setup(request: HttpRequest, robot: Robot) -> SafeString:
    """Boxes for the kinds a group may hear, and its address, which can be replaced but not read."""
    context = {
        "robot": robot,
        "kinds": [(kind, kind.code in robot.kinds) for kind in kinds.values() if kind.aloud],
        "has_address": getattr(robot, "kept", None) is not None,
        "may_change": access.may(request.user, "change", robot),
        "missing": robot.service == Service.OTHER and not robots.has_apprise(),
        "csrf_token": get_token(request),
    }
    return render_to_string("notices/robot.html", context, request)
