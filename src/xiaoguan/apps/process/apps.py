"""Registers the app."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessConfig(AppConfig):
    """How deals really go through the sales process."""

    name = "xiaoguan.apps.process"
    verbose_name = _("Sales process")

    def ready(self) -> None:
        """Put the report into the navigation and its conditions above the list of deals."""
        from xiaoguan.apps.opportunities.models import Deal, StageEntry
        from xiaoguan.apps.process import conditions  # noqa: F401  registration on import
        from xiaoguan.kit import access, nav

        def sees_ways(actor: Any) -> bool:
            return access.may(actor, "view", Deal) and access.may(actor, "view", StageEntry)

        nav.page("insight", _("How deals move"), "process:report", icon="route", position=20, shown=sees_ways)
