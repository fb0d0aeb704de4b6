"""The trail of evidence behind a registration: what the records say, each with the day it was written down.

Apps that keep records of work add a source; what a source gives is read when somebody looks, and kept in the ruling.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.projects.models import Conflict, Participant, Registration
from xiaoguan.kit import access, clock, render
from xiaoguan.kit.access import everything

WHY = "the trail of a conflict holds what the claimant recorded, for whoever may see his registration"


@dataclass(frozen=True)
class Proof:
    """One piece of evidence: what happened on `on` and when it was `recorded`; `sort` names its icon."""

    on: dt.date
    recorded: dt.datetime
    sort: str
    text: str
    late: bool = False
    """Whether it was written down only after the conflict was opened."""

    def kept(self) -> dict[str, Any]:
        """As a ruling keeps it."""
        return {
            "on": self.on.isoformat(),
            "recorded": self.recorded.isoformat(timespec="seconds"),
            "sort": self.sort,
            "text": self.text,
            "late": self.late,
        }


Source = Callable[[Registration, list[int]], Iterable[Proof]]
_sources: list[Source] = []
MOST = 40
BASIS = "flag"


def source(func: Source) -> Source:
    """Add a source: it gets the registration and the ids of the customers in its project."""
    _sources.append(func)
    return func


def of(registration: Registration, conflict: Conflict | None = None) -> list[Proof]:
    """The trail of one side, the oldest first; at most 40 pieces, the first ones."""
    customers = list(
        everything(Participant, because=WHY)
        .filter(project=registration.project_id, customer__isnull=False)
        .values_list("customer", flat=True)
    )
    found = [proof for each in _sources for proof in each(registration, customers)]
    found.sort(key=lambda proof: (proof.on, proof.recorded))
    if conflict is None:
        return found[:MOST]
    opened = conflict.created_at
    return [
        Proof(each.on, each.recorded, each.sort, each.text, opened is not None and each.recorded > opened)
        for each in found[:MOST]
    ]


def seen(proofs: Iterable[Proof], actor: Any) -> list[Proof]:
    """The trail as a reader may see it: where the basis is masked for him, only that there was a registration."""
    hidden = "basis" in access.masked(actor, Registration)
    return [replace(each, text=render.masked()) if hidden and each.sort == BASIS else each for each in proofs]


@source
def the_registration(registration: Registration, customers: list[int]) -> Iterable[Proof]:
    """When it was made and what it rests on."""
    text = _("Registered: %(basis)s") % {"basis": registration.basis}
    yield Proof(registration.registered_on, registration.registered_at, BASIS, text)


@source
def the_customers(registration: Registration, customers: list[int]) -> Iterable[Proof]:
    """When the companies in the project came into the claimant's book."""
    rows = everything(Customer, because=WHY).filter(pk__in=customers, created_by=registration.owner_id)
    for row in rows.order_by("created_at"):
        text = _("%(customer)s entered as a customer") % {"customer": row.name}
        yield Proof(clock.local(row.created_at).date(), row.created_at, "building", text)


@source
def the_files(registration: Registration, customers: list[int]) -> Iterable[Proof]:
    """The files he laid to the registration or the project."""
    about = Q(about="projects.registration", object_id=registration.pk)
    about |= Q(about="projects.project", object_id=registration.project_id, owner=registration.owner_id)
    rows = Attachment.objects.filter(about, deleted_at__isnull=True).select_related("file").order_by("pk")
    for row in rows:
        text = _("File %(name)s (SHA-256 %(digest)s…)") % {"name": row.file.name, "digest": row.file.digest[:12]}
        yield Proof(clock.local(row.created_at).date(), row.created_at, "paperclip", text)
