"""Where the audit stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.audit import queries, reviewing
from xiaoguan.kit import nav

nav.page("settings", _("Audit"), "audit:log", icon="history", position=72, shown=queries.may_read)
nav.page("settings", _("Access reviews"), "audit:reviews", icon="checklist", position=74, shown=reviewing.may_read)
nav.chapter("settings", _("Rights and security"), "audit:log", "audit:reviews", position=31)
