"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    """Products, pipelines, stages and deals."""

    name = "xiaoguan.apps.opportunities"
    verbose_name = _("Deals")
