"""What may not be removed while it is needed."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.projects.models import Participant
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
