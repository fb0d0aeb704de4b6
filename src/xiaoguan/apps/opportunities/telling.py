"""Whom a deal's fate is told: the new owner, and the manager of whoever won or lost it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices.consequences import new_owners, quiet
from xiaoguan.apps.notices.kinds import TEAM, declare
from xiaoguan.apps.notices.telling import tell_aloud, tell_each
from xiaoguan.apps.opportunities.consequences import RECORDED
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.queries import managers_of_people
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence

declare(
    "deal_handed",
    _("A deal is handed to me"),
    icon="briefcase",
    one=_("%(actor)s handed you the deal %(record)s"),
    many=_("%(actor)s handed you %(count)s %(noun)s"),
    mail=True,
)
declare(
    "deal_won",
    _("My team wins a deal"),
    icon="trophy",
    group=TEAM,
    one=_("%(actor)s won %(record)s"),
    many=_("%(actor)s won %(count)s %(noun)s"),
    aloud=_("%(owner)s won %(record)s"),
)
declare(
    "deal_lost",
    _("My team loses a deal"),
    icon="thumb-down",
    group=TEAM,
    one=_("%(actor)s lost %(record)s"),
    many=_("%(actor)s lost %(count)s %(noun)s"),
)
FATES = {Status.WON: "deal_won", Status.LOST: "deal_lost"}

consequence(Deal)(new_owners("deal_handed"))


@consequence(Deal)
def tell_managers(work: Work, deals: Sequence[Deal], fresh: bool) -> None:
    """A deal won or lost today is told to the owner's manager; history that comes in by a file is not."""
    if quiet(work) or work.source in RECORDED:
        return
    for status, kind in FATES.items():
        turned = [deal for deal in deals if deal.status == status and (fresh or "status" in deal.changed_fields())]
        if not turned:
            continue
        managers = managers_of_people({deal.owner_id for deal in turned if deal.owner_id})
        told: dict[int, list[Deal]] = defaultdict(list)
        for deal in turned:
            if deal.owner_id in managers:
                told[managers[deal.owner_id].pk].append(deal)
        tell_each(kind, told, actor=work.actor)
        tell_aloud(kind, turned, actor=work.actor)
