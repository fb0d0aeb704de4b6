"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Endpoints of other systems and what was delivered to them."""

    name = "xiaoguan.apps.webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        """Follow every change, and make verbs, jobs and panels known."""
        from xiaoguan.apps.webhooks import actions, expanding, outbox, panels, sending  # noqa: F401  on import
