"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MergingConfig(AppConfig):
    """Records that turn out to be one."""

    name = "xiaoguan.apps.merging"
    verbose_name = _("Merging")

    def ready(self) -> None:
        """Make the history and the way to merged records known."""
        from xiaoguan.apps.merging import queries, telling  # noqa: F401  registration on import
