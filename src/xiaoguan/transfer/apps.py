"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransferConfig(AppConfig):
    """Files in: what became of every row, and mappings remembered for next time."""

    name = "xiaoguan.transfer"
    label = "transfer"
    verbose_name = _("Import")

    def ready(self) -> None:
        """Register the jobs of the import."""
        from xiaoguan.transfer import foreseeing, revert, running  # noqa: F401  registration on import
