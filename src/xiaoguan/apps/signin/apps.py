"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SigninConfig(AppConfig):
    """Sign-in beyond the password."""

    name = "xiaoguan.apps.signin"
    verbose_name = _("Sign-in")

    def ready(self) -> None:
        """Write down who comes and goes, and put the parts on the pages of people."""
        from xiaoguan.apps.signin import navigation, panels, sections, watch  # noqa: F401  on import
