"""Registers the app."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    """Role homes, dashboards and drill-down."""

    name = "xiaoguan.apps.insight"
    verbose_name = _("Insight")

    def ready(self) -> None:
        """Put the pages into the navigation."""
        from xiaoguan.apps.customers.models import Customer
        from xiaoguan.apps.insight import results, starting, telling  # noqa: F401  registration on import
        from xiaoguan.kit import access, nav

        def sees_customers(actor: Any) -> bool:
            return access.may(actor, "view", Customer)

        def reads_figures(actor: Any) -> bool:
            return access.grants(actor).scope("metrics.figures", "view") != "none"

        nav.page("today", _("Today"), "home", icon="home", position=1)
        nav.page("insight", _("Metrics by month"), "insight:pivot", icon="table", position=10, shown=reads_figures)
        nav.page("insight", _("Metrics"), "insight:metrics", icon="ruler", position=12, shown=reads_figures)
        nav.page("insight", _("Data quality"), "insight:quality", icon="list-check", position=30, shown=sees_customers)
