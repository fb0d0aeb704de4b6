"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Payment plans, allocations, receivables."""

    name = "xiaoguan.apps.billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        """Make verbs, consequences, guards, panels and views known."""
        from xiaoguan.apps.billing import (  # noqa: F401  registration on import
            actions,
            columns,
            consequences,
            guards,
            invoicing,
            navigation,
            ordering,
            panels,
            reminding,
            spreading,
            waiving,
        )
