"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CollaborationConfig(AppConfig):
    """Files, comments and tags of records."""

    name = "xiaoguan.apps.collaboration"
    verbose_name = _("Collaboration")

    def ready(self) -> None:
        """Give every kind of record its tabs, verbs and timeline entries."""
        from xiaoguan.apps.collaboration import (  # noqa: F401  registration on import
            actions,
            panels,
            sources,
            tagged,
            tagging,
            tags_panel,
            uses,
        )

        tagged.register_all()
        actions.register_all()
        tagging.register_all()
        tags_panel.register_all()
        panels.register_all()
        sources.register_all()
