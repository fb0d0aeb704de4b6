"""What may not be done to projects and registrations while others depend on it."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.projects import queries
from xiaoguan.apps.projects.models import ACTIVE, Participant, Registration, Standing
from xiaoguan.kit import guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.errors import Refusal, WayOut

BECAUSE = "what depends on a record binds whether or not this person may see it"


@guard.register(
    "customers.customer.delete", code="customer.in_projects", label=_("No deleting of customers in projects")
)
def keep_customers(attempt: guard.Attempt) -> None:
    """A customer that takes part in a project stays."""
    ids = [row.pk for row in attempt.rows]
    count = everything(Participant, because=BECAUSE).filter(customer__in=ids, project__deleted_at=None).count()
    if count:
        cause = ngettext("It takes part in %(n)s project.", "It takes part in %(n)s projects.", count)
        raise Refusal(
            gettext("This customer can't be deleted yet"),
            cause % {"n": f"{count:,}"},
            code="customer.in_projects",
            rule=gettext("A company that takes part in a project is kept."),
            ways_out=[WayOut(gettext("Take it out of the projects first"), "/projects/", icon="building-skyscraper")],
        )


@guard.register("projects.project.delete", code="project.registered", label=_("No deleting of registered projects"))
def keep_projects(attempt: guard.Attempt) -> None:
    """A project that somebody has registered stays, with the trail behind it."""
    ids = [row.pk for row in attempt.rows]
    if everything(Registration, because=BECAUSE).filter(project__in=ids).exists():
        raise Refusal(
            gettext("This project can't be deleted"),
            gettext("Somebody has registered it."),
            code="project.registered",
            rule=gettext("A registered project is kept, so that who was first can be proved."),
            ways_out=[WayOut(gettext("Set its phase to stopped"), icon="pencil")],
        )


@guard.register(
    "projects.registration.create", code="registration.twice", label=_("One registration per person and project")
)
def once_each(attempt: guard.Attempt) -> None:
    """Nobody registers a project twice while the first time still holds."""
    several = attempt.values if isinstance(attempt.values, list | tuple) else [attempt.values]
    for values in several:
        project, owner = values.get("project"), values.get("owner") or attempt.actor
        held = everything(Registration, because=BECAUSE).filter(project=project, owner=owner, status__in=ACTIVE)
        if project is not None and (row := held.first()) is not None:
            raise Refusal(
                gettext("You have registered this project already"),
                gettext("It is protected until %(day)s.") % {"day": row.protected_until},
                code="registration.twice",
                rule=gettext("One person registers a project once."),
                ways_out=[WayOut(gettext("Open the registration"), f"/registrations/{row.pk}/", icon="flag")],
            )


@guard.register(
    "projects.registration.update", code="registration.frozen", label=_("What was registered stays as it was")
)
def keep_what_was_said(attempt: guard.Attempt) -> None:
    """The project never changes, the basis not once somebody disputes it."""
    for row in attempt.rows:
        changed = set(row.changed_fields())
        disputed = row.status in (Standing.CONFLICT, Standing.RULED)
        if "project_id" in changed or ("basis" in changed and disputed):
            raise Refusal(
                gettext("What was registered stays as it was"),
                gettext("The registration is evidence of who was first."),
                code="registration.frozen",
                rule=gettext("A registration keeps its project; in a conflict it keeps its basis too."),
                ways_out=[
                    WayOut(gettext("Make a statement in the conflict"), "/registration-conflicts/", icon="message-2"),
                    WayOut(gettext("Register the other project"), "/registrations/new/", icon="flag"),
                ],
            )


@guard.register(
    "projects.registration.delete", code="registration.disputed", label=_("No deleting of registrations in conflict")
)
def keep_disputed(attempt: guard.Attempt) -> None:
    """A registration that was in a conflict stays."""
    if queries.conflicts_of([row.pk for row in attempt.rows]).exists():
        raise Refusal(
            gettext("This registration can't be deleted"),
            gettext("There is a conflict about it."),
            code="registration.disputed",
            rule=gettext("The trail of a conflict is kept."),
            ways_out=[WayOut(gettext("Release it instead"), icon="lock-open")],
        )
