"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BriefingConfig(AppConfig):
    """The briefing of a day, a week, a month: a page, and what is sent."""

    name = "xiaoguan.apps.briefing"
    verbose_name = _("Briefing")

    def ready(self) -> None:
        """Put the page into the navigation and make kinds of notices and jobs known."""
        from xiaoguan.apps.briefing import reactions  # noqa: F401  registration on import
        from xiaoguan.apps.briefing.scope import is_briefed
        from xiaoguan.kit import nav

        nav.page("today", _("Briefing"), "briefing:page", icon="report", position=3, shown=is_briefed)
