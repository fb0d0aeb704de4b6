"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    """Figures declared once and read by every screen."""

    name = "xiaoguan.apps.metrics"
    verbose_name = _("Metrics")
