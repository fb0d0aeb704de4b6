"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OwnFieldsConfig(AppConfig):
    """The pages of own fields; the machine behind them is the kit's."""

    name = "xiaoguan.apps.ownfields"
    verbose_name = _("Own fields")

    def ready(self) -> None:
        """Put the pages into the navigation."""
        from xiaoguan.apps.ownfields import navigation  # noqa: F401  registration on import
