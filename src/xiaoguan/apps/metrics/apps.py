"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    """Figures declared once and read by every screen."""

    name = "xiaoguan.apps.metrics"
    verbose_name = _("Metrics")

    def ready(self) -> None:
        """Make the dictionary's guards, cells, views and jobs known."""
        from xiaoguan.apps.metrics import (  # noqa: F401  on import
            conditions,
            crediting,
            guards,
            in_words,
            market,
            measuring,
            navigation,
            portions,
            rollups,
            versions,
        )
        from xiaoguan.apps.metrics.columns import keeping, marking  # noqa: F401  on import
        from xiaoguan.apps.metrics.dictionary import NAME
        from xiaoguan.kit import feed

        feed.ALWAYS |= {NAME, rollups.NAME}  # what a metric is, and whether there are sums, may matter to any page
