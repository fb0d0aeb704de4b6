"""Where the API stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.api.models import Token
from xiaoguan.kit import access, nav
from xiaoguan.kit.pages import emptiness

nav.page(
    "settings",
    _("API"),
    "api:docs",
    icon="code",
    position=80,
    shown=lambda actor: access.may(actor, "create", Token),
)
nav.chapter("settings", _("Connections"), "api:docs", position=40)
emptiness.teach(
    Token,
    _(
        "A token lets a program read and write in your name: what it may do and until when is up to you, "
        "and it can be withdrawn at any time."
    ),
)
