"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnclosuresConfig(AppConfig):
    """Zips and what became of each file in them."""

    name = "xiaoguan.apps.enclosures"
    verbose_name = _("Files by zip")

    def ready(self) -> None:
        """Make the job known, and offer it where an import has ended."""
        from xiaoguan.apps.enclosures import pages, reactions  # noqa: F401  registration on import
