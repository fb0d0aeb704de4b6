"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Leaderboard, dashboards and wall screen."""

    name = "xiaoguan.apps.dashboards"
    verbose_name = _("Dashboards")

    def ready(self) -> None:
        """Make verbs, rights and parts of pages known."""
        from xiaoguan.apps.dashboards import actions, navigation, sharing  # noqa: F401  registration on import
