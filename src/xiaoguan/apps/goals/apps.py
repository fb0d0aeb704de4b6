"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    """Targets of company, teams and people."""

    name = "xiaoguan.apps.goals"
    verbose_name = _("Targets")
