"""Where own fields stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import access, nav
from xiaoguan.kit.models import OwnField

nav.page(
    "settings",
    _("Own fields"),
    "ownfields:index",
    icon="adjustments",
    position=62,
    shown=lambda actor: access.may(actor, "view", OwnField),
)
nav.chapter("settings", _("Sales process"), "ownfields:index", position=22)
