"""Where targets stand in the navigation, and what waits there."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.goals import agreeing
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.notices.waiting import counted
from xiaoguan.kit import access, nav


def sees_targets(actor: Any) -> bool:
    """Whether the actor may look at targets at all."""
    return access.may(actor, "view", Target)


@counted("goals")
def waiting(actor: Any) -> int:
    """Proposals this person is to answer and answers to his own; an index of the newest rounds answers it."""
    return agreeing.turns(actor).order_by().count() if sees_targets(actor) else 0


nav.page("goals", _("Targets"), "goals:grid", icon="target", position=1, shown=sees_targets)
