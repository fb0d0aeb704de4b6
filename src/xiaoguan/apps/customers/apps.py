"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Companies that are sold to, and the people in them."""

    name = "xiaoguan.apps.customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        """Make verbs, views and panels known."""
        from xiaoguan.apps.customers import (  # noqa: F401  registration on import
            actions,
            alike,
            completeness,
            group,
            invoice,
            keys,
            known,
            leavers,
            names,
            navigation,
            ownership,
            pairing,
            pairs_page,
            panels,
            places,
            relation_map,
            risks,
            telling,
            twins,
            ways,
        )
