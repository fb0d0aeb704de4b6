"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    """Sources of files, when they are looked at, and what came of each file."""

    name = "xiaoguan.apps.intake"
    verbose_name = _("Scheduled imports")

    def ready(self) -> None:
        """Make verbs, jobs, panels and answers to ended imports known."""
        from xiaoguan.apps.intake import actions, panels, reactions  # noqa: F401  registration on import
