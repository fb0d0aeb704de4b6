"""The routes of approval quotes start with: the larger the discount, the higher up."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.approvals.kinds import Seed

KIND = "quote.discount"
MANAGER = {"who": "manager", "mode": "any", "days": 1}
ABOVE = {"who": "above", "mode": "any", "days": 2}
ROUTES = (
    Seed("discount", _("Discount"), "discount", 10_000, (MANAGER,)),
    Seed("large", _("Large discount"), "discount", 20_000, (MANAGER, ABOVE)),
    Seed("floor", _("Below floor price"), "below_floor", 1, (MANAGER, ABOVE)),
    Seed("margin", _("Thin margin"), "margin", 15_000, (MANAGER, ABOVE)),
)
