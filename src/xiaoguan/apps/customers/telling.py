"""Who gets a customer is told."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.notices.consequences import new_owners
from xiaoguan.apps.notices.kinds import declare
from xiaoguan.kit.consequence import consequence

declare(
    "customer_handed",
    _("A customer is handed to me"),
    icon="building",
    one=_("%(actor)s handed you the customer %(record)s"),
    many=_("%(actor)s handed you %(count)s %(noun)s"),
    mail=True,
)
consequence(Customer)(new_owners("customer_handed"))
