"""Customers straight into a pool: a column of the customers' sheet that names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.importing import CustomerImporter
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.pools.models import PoolEntry, Way
from xiaoguan.apps.pools.models.entry import WAITING
from xiaoguan.apps.pools.moving import release
from xiaoguan.kit import access
from xiaoguan.transfer.importer import Candidate, Draft, importer
from xiaoguan.transfer.slots import Slot, free_slot

SLOT = "pool"
WORDS = ("public pool", "pool")


@importer(Customer._meta.label_lower)
class PooledCustomerImporter(CustomerImporter):
    """Customers as ever; where a row names a pool, the customer waits there and has no owner."""

    def make_slots(self) -> dict[str, Slot]:
        """The customer's own, and the pool."""
        field = PoolEntry._meta.get_field("pool")
        return super().make_slots() | {SLOT: free_slot(SLOT, _("Public pool"), field, words=WORDS)}

    def complete(self, draft: Draft) -> None:
        """What lies in a pool has no owner, whatever another column says."""
        super().complete(draft)
        if draft.values.get(SLOT) is not None:
            draft.values.pop("owner", None)

    def defaults(self, candidate: Candidate) -> dict[str, Any]:
        """A new customer of a pool belongs to nobody."""
        pool = candidate.draft.values.get(SLOT)
        if pool is None:
            return super().defaults(candidate)
        return {**super().defaults(candidate), "owner": None, "unit": pool.team}

    def after(self, work: Any, candidates: Sequence[Candidate]) -> None:
        """Put into their pool the new ones, those nobody has, and those whose owner the importing person may change."""
        super().after(work, candidates)
        wanted = {each.row.pk: each for each in candidates if each.row and each.draft.values.get(SLOT) is not None}
        if not wanted:
            return
        there = set(PoolEntry._default_manager.filter(WAITING, customer__in=wanted).values_list("customer", flat=True))
        rows = Customer._default_manager.filter(pk__in=wanted.keys() - there, deleted_at__isnull=True).order_by("pk")
        free = [row for row in rows if row.owner_id is None or access.may(self.actor, "transfer", row)]
        if free:
            release(work, free, {row.pk: wanted[row.pk].draft.values[SLOT] for row in free}, way=Way.IMPORTED)
