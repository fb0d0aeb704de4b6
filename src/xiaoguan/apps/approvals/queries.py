"""Reads of requests for one person: what he has to decide, what he asked, what he decided."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from xiaoguan.apps.approvals.kinds import Kind
from xiaoguan.apps.approvals.models import Request, Seat, State, Verdict
from xiaoguan.apps.approvals.snapshots import digest, frozen
from xiaoguan.apps.org.policy import stood_in
from xiaoguan.kit import access
from xiaoguan.kit.entity import entities

RIGHT = "approvals.request"
ROUTES = "approvals.route"


def waiting(actor: Any) -> QuerySet[Seat]:
    """Open seats of a person and of those he stands in for today, the most urgent first; never his own requests'."""
    mine = Q(person=actor.pk) | Q(person__in=stood_in(actor).values("person"))
    own = Q(request__owner=actor.pk) & ~Q(request__route__oneself=True)
    rows = Seat.objects.filter(mine, verdict=Verdict.OPEN, request__state=State.PENDING).exclude(own)
    return rows.select_related("request__owner__unit", "person").order_by("due_at", "pk")


def asked(actor: Any) -> QuerySet[Request]:
    """What a person asked, the newest first."""
    return Request.objects.filter(owner=actor.pk).select_related("owner").order_by("-pk")


def decided(actor: Any) -> QuerySet[Seat]:
    """What a person decided, the latest first."""
    rows = Seat.objects.filter(decided_by=actor.pk).exclude(verdict=Verdict.PASSED)
    return rows.select_related("request__owner__unit", "person").order_by("-decided_at", "-pk")


def may_see(actor: Any, request: Request) -> bool:
    """Whoever asked, has or had a seat or stands in for one of these, sees the record, or may look at all of them."""
    if request.owner_id == actor.pk or access.grants(actor).scope(RIGHT, "view") == "all":
        return True
    mine = Q(person=actor.pk) | Q(decided_by=actor.pk) | Q(person__in=stood_in(actor).values("person"))
    if request.seats.filter(mine).exists():
        return True
    entity = entities.get(request.about)
    return entity is not None and access.visible(entity.model, actor).filter(pk=request.object_id).exists()


def may_edit_routes(actor: Any) -> bool:
    """Whether somebody may change when approval is needed."""
    return access.grants(actor).scope(ROUTES, "change") == "all"


def may_read_routes(actor: Any) -> bool:
    """Whether somebody may look at the routes."""
    return access.grants(actor).scope(ROUTES, "view") == "all"


def requests_about(row: Any, kind: Kind | None = None) -> QuerySet[Request]:
    """All requests about a record, the newest first."""
    rows = Request.objects.filter(about=row._meta.label_lower, object_id=row.pk)
    return (rows.filter(kind=kind.code) if kind else rows).order_by("-pk")


def approval_of(kind: Kind, row: Any) -> Request | None:
    """The approval a record has as it stands: the latest approved request, if the record says just that."""
    found = requests_about(row, kind).filter(state=State.APPROVED, write__isnull=True).first()
    return found if found is not None and found.digest == digest(frozen(kind.snapshot(row))) else None


def is_intact(request: Request) -> bool:
    """Whether the frozen snapshot is still the one that was asked about."""
    return digest(request.snapshot) == request.digest
