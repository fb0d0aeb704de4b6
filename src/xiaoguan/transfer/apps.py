"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransferConfig(AppConfig):
    """Files in and out: what became of every row, mappings remembered for next time, large exports."""

    name = "xiaoguan.transfer"
    label = "transfer"
    verbose_name = _("Import")

    def ready(self) -> None:
        """Register the jobs of import and export, and take over what is too large to be sent at once."""
        from xiaoguan.transfer import export_pages, foreseeing, outgoing, revert, running  # noqa: F401  on import
