"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Access tokens, answers kept for repeated requests, and the addresses under /api/v1/."""

    name = "xiaoguan.api"
    label = "api"
    verbose_name = _("API")

    def ready(self) -> None:
        """Register the verbs of tokens, the clearing out of old answers and the place in the navigation."""
        from xiaoguan.api import actions, idempotency, navigation, panels  # noqa: F401  registration on import
