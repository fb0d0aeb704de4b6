"""What follow-ups and deals prove in a conflict about the registration of a project."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.projects import trail
from xiaoguan.apps.projects.models import Registration
from xiaoguan.apps.projects.trail import Proof
from xiaoguan.kit import clock
from xiaoguan.kit.access import everything

MOST = 20
ICONS = {"call": "phone", "visit": "map-pin", "meeting": "users", "mail": "mail", "message": "message-2"}


@trail.source
def the_follow_ups(registration: Registration, customers: list[int]) -> Iterable[Proof]:
    """The claimant's first contacts with the companies in the project, with the day each was written down."""
    rows = everything(FollowUp, because=trail.WHY).filter(customer__in=customers, credited=registration.owner_id)
    told = rows.exclude(kind="note").select_related("customer").order_by("on", "pk")[:MOST]
    for row in told:
        text = _("%(kind)s with %(customer)s: %(subject)s") % {
            "kind": row.get_kind_display(),
            "customer": row.customer.name,
            "subject": row.subject or row.body[:60] or "—",
        }
        if row.on and row.created_at:
            yield Proof(row.on, row.created_at, ICONS.get(row.kind, "message-2"), text)


@trail.source
def the_deals(registration: Registration, customers: list[int]) -> Iterable[Proof]:
    """The claimant's deals with the companies in the project."""
    rows = everything(Deal, because=trail.WHY).filter(customer__in=customers, owner=registration.owner_id)
    for row in rows.select_related("customer").order_by("created_at", "pk")[:MOST]:
        if row.created_at:
            text = _("Deal %(name)s with %(customer)s") % {"name": row.name, "customer": row.customer.name}
            yield Proof(clock.local(row.created_at).date(), row.created_at, "briefcase", text)
