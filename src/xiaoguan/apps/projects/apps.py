"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    """Construction projects and their registration."""

    name = "xiaoguan.apps.projects"
    verbose_name = _("Projects")

    def ready(self) -> None:
        """Make consequences, guards, views and parts of pages known."""
        from xiaoguan.apps.projects import (  # noqa: F401  registration on import
            actions,
            consequences,
            guards,
            navigation,
            panels,
            reactions,
            twins,
        )
