"""Whose target is set or changed is told, and of a customer's whoever looks after him."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.models.target import Level
from xiaoguan.apps.notices.consequences import bundle_of, quiet
from xiaoguan.apps.notices.kinds import TEAM, declare
from xiaoguan.apps.notices.telling import tell_each
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence

declare(
    "target_set",
    _("My target is set or changed"),
    icon="target",
    group=TEAM,
    one=_("%(actor)s set your target %(record)s"),
    many=_("%(actor)s set %(count)s targets of yours"),
    mail=True,
)
declare(
    "customer_target_set",
    _("A target of my customer is set or changed"),
    icon="target",
    group=TEAM,
    one=_("%(actor)s set the target %(record)s of your customer"),
    many=_("%(actor)s set %(count)s targets of your customers"),
)
NUMBERS = {"amount", "number", "rate", "deleted_at"}


@consequence(Target)
def tell_aimed(work: Work, targets: Sequence[Target], fresh: bool) -> None:
    """Each person once, with how many of his targets, and of his customers', one change has set."""
    if quiet(work):
        return
    aimed: dict[int, list[Target]] = defaultdict(list)
    looked_after: dict[int, list[Target]] = defaultdict(list)
    for target in targets:
        if not fresh and not NUMBERS & set(target.changed_fields()):
            continue
        if target.level == Level.PERSON and target.person_id:
            aimed[target.person_id].append(target)
        elif target.level == Level.CUSTOMER and target.owner_id and work.change.entity == Target.entity.name:
            looked_after[target.owner_id].append(target)
    for kind, found in (("target_set", aimed), ("customer_target_set", looked_after)):
        tell_each(kind, found, actor=work.actor, url=reverse("goals:grid"), group=bundle_of(work))
