"""Registers the app."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    """Targets of company, teams and people."""

    name = "xiaoguan.apps.goals"
    verbose_name = _("Targets")

    def ready(self) -> None:
        """Put the grid into the navigation, keep days in step, and tell people of their targets."""
        from xiaoguan.apps.goals import reactions, telling  # noqa: F401  registration on import
        from xiaoguan.apps.goals.models import Target
        from xiaoguan.kit import access, nav
        from xiaoguan.kit.pages import emptiness

        def sees_targets(actor: Any) -> bool:
            return access.may(actor, "view", Target)

        emptiness.teach(Target, _("Months of targets as lines, for import and export. They are made in the grid."))
        nav.page("goals", _("Targets"), "goals:grid", icon="target", position=1, shown=sees_targets)
