"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TerritoriesConfig(AppConfig):
    """Territories, their rules and who looks after them."""

    name = "xiaoguan.apps.territories"
    verbose_name = _("Territories")

    def ready(self) -> None:
        """Make verbs, consequences, jobs, views and parts of pages known."""
        from xiaoguan.apps.territories import (  # noqa: F401  registration on import
            actions,
            consequences,
            navigation,
            panels,
            reactions,
        )
