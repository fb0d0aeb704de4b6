"""The tabs above the list of projects, and what it says while it is empty."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.projects.models import Participant, Project
from xiaoguan.kit import access, views
from xiaoguan.kit.pages import emptiness


def leads(actor: Any) -> bool:
    """Whether somebody looks after other people's projects too."""
    return access.grants(actor).scope("projects.project", "view") == "team"


def sees_all(actor: Any) -> bool:
    """Whether somebody looks at the whole company."""
    return access.grants(actor).scope("projects.project", "view") == "all"


LIVE = "phase=planned,design,tender,construction"
views.view(Project, "live", _("All live"), f"{LIVE}&sort=tender_on", position=5, shown=sees_all)
views.view(Project, "team", _("My team"), f"owner=team&{LIVE}&sort=tender_on", position=7, shown=leads)
views.view(Project, "mine", _("Mine"), f"owner=me&{LIVE}&sort=tender_on", position=10)
views.view(Project, "tender", _("Tender next"), "phase=planned,design,tender&sort=tender_on", position=20)
views.view(Project, "all", _("All"), "sort=-id", position=90)

emptiness.teach(
    Project,
    _(
        "A project is what is being built: owner, design institute, contractor and steel company, floor area, budget "
        "and the day of the tender. Enter it before you call on the third company in it."
    ),
)
emptiness.teach(Participant, _("The companies in your projects, and what each of them does there."))
