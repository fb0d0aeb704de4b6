"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    """Leads from their arrival to a customer, a contact and a deal."""

    name = "xiaoguan.apps.leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        """Make verbs, guards, views, panels and timeline sources known."""
        from xiaoguan.apps.leads import (  # noqa: F401  registration on import
            actions,
            alike,
            conversion,
            navigation,
            panels,
            reach,
            sources,
            telling,
            twins,
        )
