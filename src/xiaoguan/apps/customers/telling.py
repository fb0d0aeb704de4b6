"""Who gets a customer is told, and whose customer somebody else wanted to enter."""

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
declare(
    "customer_conflict",
    _("A colleague wants to enter my customer"),
    icon="hand-stop",
    one=_("%(actor)s wanted to enter %(text)s; your customer %(record)s is surely the same"),
    many=_("%(actor)s tried %(count)s times to enter your customer"),
)
declare(
    "customer_overruled",
    _("A colleague has entered my customer once more"),
    icon="hand-stop",
    one=_("%(actor)s entered %(text)s; your customer %(record)s is surely the same"),
    many=_("%(actor)s entered your customer %(count)s times more"),
    mail=True,
)
consequence(Customer)(new_owners("customer_handed"))
