"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    """The company, its teams and people, and who may see whose records."""

    name = "xiaoguan.apps.org"
    verbose_name = _("Organisation")
