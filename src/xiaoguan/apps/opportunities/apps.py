"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    """Products, pipelines, stages and deals."""

    name = "xiaoguan.apps.opportunities"
    verbose_name = _("Deals")

    def ready(self) -> None:
        """Make verbs and consequences known."""
        from xiaoguan.apps.opportunities import actions, consequences  # noqa: F401  registration on import
