"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    """Requests for approval, their routes and verdicts."""

    name = "xiaoguan.apps.approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        """Make notices, jobs, pages and their description known."""
        from xiaoguan.apps.approvals import (  # noqa: F401  registration on import
            described,
            navigation,
            reactions,
            telling,
        )
