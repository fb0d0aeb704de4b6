"""Where approvals stand in the navigation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.approvals import queries
from xiaoguan.apps.notices.waiting import counted
from xiaoguan.kit import nav


@counted("process")
def waiting(actor: Any) -> int:
    """How many requests this person is to decide; an index of open seats answers it."""
    return queries.waiting(actor).order_by().count()


nav.page("process", _("Approvals"), "approvals:inbox", icon="rubber-stamp", position=10)
nav.page("settings", _("Approval routes"), "approvals:routes", icon="route", position=60, shown=queries.may_read_routes)
