"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoolsConfig(AppConfig):
    """Public pools of customers, the rules that fill them, and claims."""

    name = "xiaoguan.apps.pools"
    verbose_name = _("Public pool")

    def ready(self) -> None:
        """Make verbs, consequences, jobs, views and panels known."""
        from xiaoguan.apps.pools import (  # noqa: F401  registration on import
            actions,
            consequences,
            joined,
            navigation,
            panels,
            reach,
            recycling,
            telling,
        )
