"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    """Role homes, dashboards and drill-down."""

    name = "xiaoguan.apps.insight"
    verbose_name = _("Insight")
