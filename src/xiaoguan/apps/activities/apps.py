"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    """Follow-ups and next steps on customers and deals."""

    name = "xiaoguan.apps.activities"
    verbose_name = _("Activities")

    def ready(self) -> None:
        """Make verbs, consequences, columns, panels and timeline sources known."""
        from xiaoguan.apps.activities import (  # noqa: F401  registration on import
            actions,
            columns,
            consequences,
            coverage,
            duties,
            navigation,
            panels,
            pooling,
            sources,
            telling,
            trail,
        )
