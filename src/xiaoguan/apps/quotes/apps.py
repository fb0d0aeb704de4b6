"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotesConfig(AppConfig):
    """Price books and quotes."""

    name = "xiaoguan.apps.quotes"
    verbose_name = _("Quotes")

    def ready(self) -> None:
        """Make verbs, consequences, guards, approval, panels and pages known."""
        from xiaoguan.apps.quotes import (  # noqa: F401  registration on import
            actions,
            approval,
            columns,
            consequences,
            guards,
            naming,
            navigation,
            panels,
            pictures,
            reactions,
        )
