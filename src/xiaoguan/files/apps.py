"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """Files that people bring along."""

    name = "xiaoguan.files"
    label = "files"
    verbose_name = _("Files")

    def ready(self) -> None:
        """Register the job that clears away what nothing needs."""
        from xiaoguan.files import clearing, own  # noqa: F401  registration on import

        own.register_all()
