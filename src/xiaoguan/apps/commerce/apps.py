"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommerceConfig(AppConfig):
    """Contracts, receipts and refunds."""

    name = "xiaoguan.apps.commerce"
    verbose_name = _("Commerce")
