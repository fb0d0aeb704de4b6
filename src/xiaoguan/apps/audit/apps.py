"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Who changed, read and opened what, and the review of who may."""

    name = "xiaoguan.apps.audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        """Listen to readings, and put the pages into the navigation."""
        from xiaoguan.apps.audit import navigation, reactions, reading  # noqa: F401  on import
