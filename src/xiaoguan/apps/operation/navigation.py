"""Where running the installation stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.operation import queries
from xiaoguan.apps.operation.pages import may_look_after
from xiaoguan.apps.org.models import Company
from xiaoguan.kit import feed, memo, nav


def _is_demonstration() -> bool:
    """Every page of an administrator asks, and the answer changes once in a lifetime."""
    token = feed.recent(Company._meta.label_lower)
    return bool(memo.remember("operation.demonstration", token, queries.is_demonstration))


nav.page(
    "settings",
    _("Remove the demonstration company"),
    "operation:clear_demo",
    icon="trash",
    position=92,
    shown=lambda actor: may_look_after(actor) and _is_demonstration(),
)
nav.chapter("settings", _("Operation"), "operation:clear_demo", position=60)
