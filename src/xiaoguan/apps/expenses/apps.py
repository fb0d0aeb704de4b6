"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExpensesConfig(AppConfig):
    """Sales expenses."""

    name = "xiaoguan.apps.expenses"
    verbose_name = _("Expenses")

    def ready(self) -> None:
        """Make verbs, guards, panels and views known."""
        from xiaoguan.apps.expenses import actions, columns, guards, navigation, panels  # noqa: F401  registration on import
