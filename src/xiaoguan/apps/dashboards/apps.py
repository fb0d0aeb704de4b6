"""Registers the app."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Leaderboard, dashboards and wall screen."""

    name = "xiaoguan.apps.dashboards"
    verbose_name = _("Dashboards")

    def ready(self) -> None:
        """Put the leaderboard into the navigation."""
        from xiaoguan.apps.dashboards import ranking
        from xiaoguan.kit import access, nav

        def ranks(actor: Any) -> bool:
            return access.grants(actor).scope("metrics.figures", "view") != "none" and ranking.shown_at_all()

        nav.page("insight", _("Leaderboard"), "boards:leaderboard", icon="trophy", position=20, shown=ranks)
