"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MergingConfig(AppConfig):
    """Records that turn out to be one."""

    name = "xiaoguan.apps.merging"
    verbose_name = _("Merging")

    def ready(self) -> None:
        """Make the history, the way to merged records and the job of large merges known."""
        from xiaoguan.apps.merging import large, queries, telling  # noqa: F401  registration on import
