"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommerceConfig(AppConfig):
    """Contracts, receipts and refunds."""

    name = "xiaoguan.apps.commerce"
    verbose_name = _("Commerce")

    def ready(self) -> None:
        """Make verbs, consequences, guards, panels and timeline sources known."""
        from xiaoguan.apps.commerce import (  # noqa: F401  registration on import
            actions,
            amending,
            consequences,
            gates,
            guards,
            making,
            navigation,
            panels,
            sources,
            splits,
        )
