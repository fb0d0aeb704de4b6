"""Where the channels stand among the settings, and what their empty lists say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices.channels_page import looks_after
from xiaoguan.apps.notices.models import Robot
from xiaoguan.kit import nav
from xiaoguan.kit.pages import emptiness

nav.page("settings", _("Channels"), "channels", icon="mail", position=80, shown=looks_after)
emptiness.teach(
    Robot,
    title=_("No robot speaks in a group yet."),
    text=_("Add a robot to a group in WeCom, DingTalk, Feishu or Slack, copy its address, and paste it here."),
)
nav.chapter("settings", _("Connections"), "channels", "notices.robot", position=41)
