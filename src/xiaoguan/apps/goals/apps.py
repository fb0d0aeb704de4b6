"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    """Targets of company, teams and people."""

    name = "xiaoguan.apps.goals"
    verbose_name = _("Targets")

    def ready(self) -> None:
        """Put the grid into the navigation, keep days in step, and tell people of their targets."""
        from xiaoguan.apps.goals import (  # noqa: F401  registration on import
            described,
            guards,
            lines,
            navigation,
            reactions,
            telling,
        )
        from xiaoguan.apps.goals.models import Target
        from xiaoguan.kit.pages import emptiness

        emptiness.teach(Target, _("Months of targets as lines, for import and export. They are made in the grid."))
