"""Where sign-in stands in the settings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.signin.pages import may_manage
from xiaoguan.kit import nav

nav.page("settings", _("Sign-in"), "signin:settings", icon="login", position=65, shown=may_manage)
nav.chapter("settings", _("Rights and security"), "signin:settings", position=32)
