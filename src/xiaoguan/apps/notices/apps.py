"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """Notices, how each person wants them, and the channels they leave by."""

    name = "xiaoguan.apps.notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        """Make kinds, answers to what lower floors do, jobs, panels and navigation known."""
        from xiaoguan.apps.notices import consequences, navigation, panels, sending  # noqa: F401  registration on import
