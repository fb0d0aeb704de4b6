"""Where approvals stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.approvals import queries
from xiaoguan.kit import nav

nav.page("process", _("Approvals"), "approvals:inbox", icon="rubber-stamp", position=10)
nav.page("settings", _("Approval routes"), "approvals:routes", icon="route", position=60, shown=queries.may_read_routes)
