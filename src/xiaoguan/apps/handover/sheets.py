"""The sheet of a hand-over: what a successor must know on the first day, frozen and signed by three."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from xiaoguan.apps.activities.models import Task
from xiaoguan.apps.activities.models.task import State
from xiaoguan.apps.billing.models import Instalment
from xiaoguan.apps.billing.models.instalment import State as Owed
from xiaoguan.apps.commerce.models import Contract, Receipt
from xiaoguan.apps.commerce.models.contract import ContractStatus
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.handover.allotment import WHY, Rule
from xiaoguan.apps.handover.models import Handover, Progress, Sheet
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.opportunities.navigation import stuck
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import managers_of_people
from xiaoguan.kit import access, clock
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Done, Work
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.kit.models.change import Change, ChangeRow
from xiaoguan.kit.models.collaborator import Collaborator

MOST = 400
"""Lines of customers on a sheet; where there are more, the sheet says how many."""
FEWER = 100
QUIET = dt.timedelta(days=60)
UNPAID = dt.timedelta(days=90)
ROLES = ("previous", "successor", "manager")


def customers_in(change: Change) -> list[int]:
    """The customers that changed hands in a change."""
    rows = ChangeRow.objects.filter(change=change, entity=Customer._meta.label_lower)
    return list(rows.values_list("object_id", flat=True).distinct())


def build(work: Work, row: Handover, rule: Rule) -> None:
    """A sheet for each successor, shown to him and his manager; the hand-over waits for their signatures."""
    ids = customers_in(work.change) if work.change.pk else []
    by_heir: dict[int, list[int]] = defaultdict(list)
    for pk, owner in everything(Customer, because=WHY).filter(pk__in=ids).values_list("pk", "owner"):
        by_heir[owner].append(pk)
    heirs = [pk for pk in sorted(rule.people) if by_heir.get(pk) or pk == rule.heir]
    managers = managers_of_people([*heirs, row.owner_id or 0])
    for pk in heirs:
        said = content(pk, by_heir.get(pk, []))
        manager = managers.get(pk) or managers.get(row.owner_id or 0)
        values = {"handover": row, "successor_id": pk, "manager": manager, "content": said, "digest": digest(said)}
        work.create(Sheet, {**values, "owner_id": row.owner_id})
    people = {*heirs, *(manager.pk for manager in managers.values())} - {row.owner_id}
    about = {"about": Handover._meta.label_lower, "object_id": row.pk}
    known = set(Collaborator.objects.filter(**about, deleted_at__isnull=True).values_list("person", flat=True))
    work.create(Collaborator, [{**about, "person_id": pk} for pk in sorted(people - known)])
    row.status = Progress.MOVED
    row.counts = {"customers": len(ids), "successors": len(heirs)}
    work.save(row)


def digest(said: dict[str, Any]) -> str:
    """SHA-256 of a sheet's content."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def content(heir: int, ids: list[int]) -> dict[str, Any]:
    """What a sheet says, as JSON values; amounts in fen. A fixed number of queries."""
    rows = everything(Customer, because=WHY).filter(pk__in=ids)
    return {
        "count": len(ids),
        "promises": _promises(heir, ids),
        "owed": _owed(ids),
        "receivables": _receivables(ids),
        "stuck": _stuck(heir, ids),
        "quiet": _quiet(rows),
        "customers": _lines(rows),
    }


def _promises(heir: int, ids: list[int]) -> list[dict[str, Any]]:
    """Open tasks about these customers, what is due first on top."""
    rows = everything(Task, because=WHY).filter(Q(customer__in=ids) | Q(deal__customer__in=ids), owner=heir)
    found = rows.filter(state=State.OPEN).select_related("customer", "deal__customer").order_by("due_on", "pk")
    return [
        {
            "due": row.due_on.isoformat(),
            "what": row.title,
            "customer": str(row.customer or (row.deal.customer if row.deal else "") or ""),
            "id": row.pk,
        }
        for row in found[:FEWER]
    ]


def _owed(ids: list[int]) -> list[dict[str, Any]]:
    """Instalments money is still to come for, by the day it is due; what waits for a milestone comes last."""
    rows = everything(Instalment, because=WHY).filter(customer__in=ids, status=Owed.OPEN, outstanding__gt=0)
    found = rows.select_related("contract", "customer").order_by(F("due_on").asc(nulls_last=True), "-outstanding", "pk")
    return [
        {
            "id": row.pk,
            "contract": row.contract.name,
            "customer": str(row.customer),
            "kind": row.kind,
            "due": row.due_on.isoformat() if row.due_on else "",
            "late": max((clock.today() - row.due_on).days, 0) if row.due_on else 0,
            "rest": row.outstanding,
        }
        for row in found[:FEWER]
    ]


def _receivables(ids: list[int]) -> list[dict[str, Any]]:
    """Contracts without a plan, in force for over ninety days and not wholly paid, the largest rest first."""
    old = clock.today() - UNPAID
    planned = everything(Instalment, because=WHY).filter(contract=OuterRef("pk"))
    rows = everything(Contract, because=WHY).filter(customer__in=ids, status=ContractStatus.ACTIVE, signed_on__lte=old)
    rows = rows.exclude(Exists(planned))
    contracts = list(rows.select_related("customer").order_by("pk"))
    paid = dict(
        everything(Receipt, because=WHY)
        .filter(contract__in=[row.pk for row in contracts])
        .order_by()
        .values_list("contract")
        .annotate(total=Sum("amount"))
    )
    found = [
        {"id": row.pk, "contract": row.name, "customer": str(row.customer), "signed": row.signed_on.isoformat(),
         "rest": row.amount - (paid.get(row.pk) or 0)}
        for row in contracts
        if row.signed_on and row.amount > (paid.get(row.pk) or 0)
    ]  # fmt: skip
    return sorted(found, key=lambda each: -each["rest"])[:FEWER]


def _stuck(heir: int, ids: list[int]) -> list[dict[str, Any]]:
    """Open deals that stay too long in their stage, or whose expected close has passed."""
    late = Q(status=Status.OPEN, expected_on__lt=clock.today())
    rows = everything(Deal, because=WHY).filter(stuck(None) | late, customer__in=ids, owner=heir)
    return [
        {
            "id": row.pk,
            "deal": row.name,
            "customer": str(row.customer),
            "amount": row.amount,
            "stage": str(row.stage),
            "since": row.stage_since.isoformat() if row.stage_since else "",
            "close": row.expected_on.isoformat() if row.expected_on else "",
        }
        for row in rows.select_related("customer", "stage").order_by("stage_since", "pk")[:FEWER]
    ]


def _quiet(rows: Any) -> list[dict[str, Any]]:
    """Customers of tier A and B nobody was in touch with for sixty days."""
    since = clock.today() - QUIET
    found = rows.filter(Q(last_contact_on__lt=since) | Q(last_contact_on__isnull=True), tier__in=("A", "B"))
    return [
        {
            "id": row.pk,
            "customer": row.name,
            "tier": row.tier,
            "last": row.last_contact_on.isoformat() if row.last_contact_on else "",
        }
        for row in found.order_by("last_contact_on", "pk")[:FEWER]
    ]


def _lines(rows: Any) -> list[dict[str, Any]]:
    """One line for each customer: who it is, whom to ask for, what comes next; numbers are on its page."""
    found = list(rows.order_by("tier", "name", "pk")[:MOST])
    people: dict[int, Contact] = {}
    contacts = everything(Contact, because=WHY).filter(customer__in=[row.pk for row in found], left=False)
    for person in contacts.order_by("pk"):
        people.setdefault(person.customer_id, person)
    return [
        {
            "id": row.pk,
            "name": row.name,
            "tier": row.tier,
            "city": row.city,
            "contact": " ".join(filter(None, (people[row.pk].name, people[row.pk].title))) if row.pk in people else "",
            "last": row.last_contact_on.isoformat() if row.last_contact_on else "",
            "next": row.next_note,
        }
        for row in found
    ]


# Signing ------------------------------------------------------------------------------------------------------------


def is_intact(sheet: Sheet) -> bool:
    """Whether a sheet still says what was signed."""
    return digest(sheet.content) == sheet.digest


def signs_as(sheet: Sheet, actor: Person) -> list[str]:
    """As whom somebody may sign a sheet now: what is signed already is left out."""
    handover = sheet.handover
    gone = handover.owner is None or not handover.owner.is_active
    leads = access.grants(actor).scope(Handover._meta.label_lower, "create")
    heads = leads == "all" or (
        leads == "team"
        and all(
            access.policy().reaches(actor, pk, None, leading=True) for pk in (handover.owner_id, sheet.successor_id)
        )
    )
    may = {
        "previous": handover.owner_id == actor.pk or (gone and (heads or sheet.manager_id == actor.pk)),
        "successor": sheet.successor_id == actor.pk,
        "manager": sheet.manager_id == actor.pk or (heads and actor.pk not in (handover.owner_id, sheet.successor_id)),
    }
    return [role for role in ROLES if may[role] and getattr(sheet, f"{role}_at") is None]


def sign(sheet: Sheet, *, actor: Person, source: str = "page") -> Done:
    """Sign as whatever this person is here; the third signature on the last sheet confirms the hand-over."""
    roles = signs_as(sheet, actor)
    if not roles:
        raise Refusal(
            _("You can't sign this sheet"),
            _("It is signed by you already, or you are neither of the three."),
            code="handover.signer",
            rule=_("The previous owner, the successor and the manager sign."),
            ways_out=[WayOut(_("Write a comment instead"), icon="message-2")],
        )
    if not is_intact(sheet):
        raise Refusal(
            _("This sheet was changed"),
            _("It does not say what it said when it was made."),
            code="handover.broken",
            rule=_("Only what is unchanged is signed."),
            ways_out=[WayOut(_("Tell the administrator"), icon="alert-triangle")],
        )
    with transaction.atomic():
        work = Work(actor, "sign_handover", Handover._meta.label_lower, source, undoable=False)
        for role in roles:
            setattr(sheet, f"{role}_at", work.now)
            setattr(sheet, f"{role}_by", actor)
        work.save(sheet)
        rows = sheet.handover.sheets.filter(deleted_at__isnull=True)
        if all(each.is_signed for each in rows):
            handover = Handover.objects.get(pk=sheet.handover_id)
            handover.status, handover.confirmed_on = Progress.CONFIRMED, clock.today()
            work.save(handover)
        return Done(work.finish(), sheet)
