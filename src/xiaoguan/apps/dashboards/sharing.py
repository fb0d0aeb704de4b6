"""Who looks at a dashboard beside its owner, and who may show one to others."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.dashboards.models import Audience, Dashboard
from xiaoguan.kit import access, feed, guard, memo
from xiaoguan.kit.errors import Refusal, WayOut


def role_ids(actor: Any) -> list[int]:
    """The roles of a person, remembered until people or roles change."""
    token = tuple(feed.versions("org.person", "org.role").values())
    rows = actor.roles.filter(deleted_at__isnull=True)
    found: list[int] = memo.remember(
        ("dashboards.roles", actor.pk), token, lambda: sorted(rows.values_list("pk", flat=True))
    )
    return found


@access.opens(Dashboard, _("It is shared with everybody, or with a role of this person."))
def shared(actor: Any, verb: str) -> Q | None:
    """What was made for everybody, or for one of somebody's roles, lies open to look at."""
    if verb != "view":
        return None
    found = Q(audience=Audience.ALL)
    for role in role_ids(actor):
        found |= Q(audience=Audience.ROLES, roles__contains=f'"{role}"')
    return found


def may_share(actor: Any) -> bool:
    """Whether somebody may show dashboards to others."""
    return access.grants(actor).scope(Dashboard.entity.name, "publish") != "none"


def _check(attempt: guard.Attempt) -> None:
    values = attempt.values if isinstance(attempt.values, list) else [attempt.values]
    told = [value.get("audience") for value in values if isinstance(value, dict)]
    told += [
        row.audience for row in attempt.rows if "audience" in row.changed_fields() or "roles" in row.changed_fields()
    ]
    if all(audience in (None, "", Audience.PRIVATE) for audience in told) or may_share(attempt.actor):
        return
    raise Refusal(
        gettext("You can't show it to others"),
        gettext("Your role builds dashboards for itself; who leads may share them."),
        code="dashboards.share",
        rule=gettext("Roles: share dashboards"),
        ways_out=[
            WayOut(gettext("Keep it for yourself"), reverse("dashboards:list"), icon="lock"),
            WayOut(gettext("Share it with single colleagues on its record"), reverse("dashboards:list"), icon="users"),
        ],
    )


for _verb in ("create", "update"):
    guard.register(
        f"dashboards.dashboard.{_verb}", code="dashboards.share", label=_("Only who may shares a dashboard")
    )(_check)
