"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HandoverConfig(AppConfig):
    """Hand-overs and their sheets."""

    name = "xiaoguan.apps.handover"
    verbose_name = _("Hand-overs")

    def ready(self) -> None:
        """Make jobs, notices, views and parts of pages known."""
        from xiaoguan.apps.handover import (  # noqa: F401  registration on import
            navigation,
            panels,
            reactions,
        )
