"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    """Figures declared once and read by every screen."""

    name = "xiaoguan.apps.metrics"
    verbose_name = _("Metrics")

    def ready(self) -> None:
        """Make the dictionary's guards, cells, views and jobs known."""
        from xiaoguan.apps.metrics import crediting, guards, navigation  # noqa: F401  registration on import
        from xiaoguan.apps.metrics.dictionary import NAME
        from xiaoguan.kit import feed

        feed.ALWAYS.add(NAME)  # what a metric is may matter to any page
