"""The tabs above the list of customers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit import access, views


def leads(actor: Any) -> bool:
    """Whether somebody looks after other people's customers too."""
    return access.grants(actor).scope("customers.customer", "view") == "team"


def sees_all(actor: Any) -> bool:
    """Whether somebody looks at the whole company."""
    return access.grants(actor).scope("customers.customer", "view") == "all"


views.view(Customer, "all", _("All"), "sort=next_due", position=5, shown=sees_all)
views.view(Customer, "team", _("My team"), "owner=team&sort=next_due", position=7, shown=leads)
views.view(Customer, "mine", _("Mine"), "owner=me&sort=next_due", position=10)
views.view(Customer, "overdue", _("Next step overdue"), "next_due=overdue&sort=next_due", position=20)
views.view(Customer, "idle", _("No next step"), "next_due=none&sort=last_contact_on", position=30)
