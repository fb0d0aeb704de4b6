"""Who gets a lead is told; what came by a form is told to the sellers who may take it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.leads.models import Lead
from xiaoguan.apps.notices.consequences import new_owners
from xiaoguan.apps.notices.kinds import declare
from xiaoguan.kit.consequence import consequence

declare(
    "lead_assigned",
    _("A lead is given to me"),
    icon="user-plus",
    one=_("%(actor)s gave you the lead %(record)s"),
    many=_("%(actor)s gave you %(count)s %(noun)s"),
    mail=True,
)
declare(
    "lead_waits",
    _("A lead came by a form and waits"),
    icon="user-plus",
    one=_("The lead %(record)s came by “%(text)s” and waits"),
    many=_("%(count)s leads came by “%(text)s” and wait"),
)
consequence(Lead)(new_owners("lead_assigned"))
