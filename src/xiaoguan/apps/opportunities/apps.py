"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    """Products, pipelines, stages and deals."""

    name = "xiaoguan.apps.opportunities"
    verbose_name = _("Deals")

    def ready(self) -> None:
        """Make verbs, consequences, guards, columns, panels and timeline sources known."""
        from xiaoguan.apps.opportunities import (  # noqa: F401  registration on import
            actions,
            alike,
            cards,
            columns,
            consequences,
            criteria,
            gates,
            guards,
            navigation,
            packages,
            panels,
            rulings,
            sources,
            team,
            telling,
            worth,
        )
