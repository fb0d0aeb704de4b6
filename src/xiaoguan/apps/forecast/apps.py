"""Registers the app."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ForecastConfig(AppConfig):
    """Win probabilities learnt from the company's own deals, landing forecasts, and how good both are."""

    name = "xiaoguan.apps.forecast"
    verbose_name = _("Forecast")

    def ready(self) -> None:
        """Make jobs and parts of pages known, and put the calibration page into the navigation."""
        from xiaoguan.apps.forecast import measuring, panels, reactions  # noqa: F401  registration on import
        from xiaoguan.apps.forecast.pages import may_read
        from xiaoguan.kit import nav

        def reads(actor: Any) -> bool:
            return may_read(actor)

        nav.page(
            "insight",
            _("How good forecasts are"),
            "forecast:calibration",
            icon="target-arrow",
            position=30,
            shown=reads,
        )
