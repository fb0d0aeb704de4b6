"""The tabs above the lists of projects, registrations and conflicts, and what they say while they are empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.projects.models import Conflict, Participant, Project, Protection, Registration
from xiaoguan.kit import access, nav, views
from xiaoguan.kit.pages import emptiness


def _scope(name: str, wanted: str) -> Callable[[Any], bool]:
    """Whether somebody sees records of an entity this far."""
    return lambda actor: access.grants(actor).scope(name, "view") == wanted


LIVE = "phase=planned,design,tender,construction"
leads, sees_all = _scope("projects.project", "team"), _scope("projects.project", "all")
views.view(Project, "live", _("All live"), f"{LIVE}&sort=tender_on", position=5, shown=sees_all)
views.view(Project, "team", _("My team"), f"owner=team&{LIVE}&sort=tender_on", position=7, shown=leads)
views.view(Project, "mine", _("Mine"), f"owner=me&{LIVE}&sort=tender_on", position=10)
views.view(Project, "tender", _("Tender next"), "phase=planned,design,tender&sort=tender_on", position=20)
views.view(Project, "all", _("All"), "sort=-id", position=90)

HOLDING = "status=registered,confirmed,conflict&sort=protected_until"
sees_all = _scope("projects.registration", "all")
leads = _scope("projects.registration", "team")
views.view(Registration, "holding", _("All in force"), HOLDING, position=5, shown=sees_all)
views.view(Registration, "team", _("My team"), f"owner=team&{HOLDING}", position=7, shown=leads)
views.view(Registration, "mine", _("Mine"), f"owner=me&{HOLDING}", position=10)
views.view(Registration, "new", _("To be confirmed"), "status=registered&sort=registered_on", position=20)
views.view(Registration, "conflict", _("In conflict"), "status=conflict&sort=registered_on", position=30)
views.view(Registration, "all", _("All"), "sort=-id", position=90)

views.view(Conflict, "waiting", _("To be ruled on"), "status=open,appealed&sort=opened_on", position=10)
views.view(Conflict, "all", _("All"), "sort=-id", position=90)

nav.chapter("customers", _("Projects"), "projects.project", "projects.registration", "projects.conflict", position=20)
nav.chapter("settings", _("Sales process"), "projects.protection", position=23)

emptiness.teach(
    Project,
    _(
        "A project is what is being built: owner, design institute, contractor and steel company, floor area, budget "
        "and the day of the tender. Enter it before you call on the third company in it."
    ),
)
emptiness.teach(Participant, _("The companies in your projects, and what each of them does there."))
emptiness.teach(
    Registration,
    _(
        "Register a project and it is yours for some months: who was first is kept to the second. A colleague who "
        "registers the same site later starts a conflict, and your manager rules."
    ),
)
emptiness.teach(
    Conflict, _("Nobody disputes a project. Two registrations of one site would appear here by themselves.")
)
emptiness.teach(Protection, _("How many days a registration protects a project in each phase."))
