"""How follow-ups are imported: with who wrote them and when, in the name of that person and for that day."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.transfer.importer import Draft, Importer, importer
from xiaoguan.transfer.slots import Slot


@importer(FollowUp._meta.label_lower)
class FollowUpImporter(Importer):
    """One follow-up per row; its author is its owner and earns it, whoever imports."""

    more = ("owner",)

    def make_slots(self) -> dict[str, Slot]:
        """The fields of a follow-up, the owner by the name that fits here."""
        slots = super().make_slots()
        if "owner" in slots:
            slots["owner"] = replace(slots["owner"], label=_("Written by"))
        return slots

    def usual_ways(self) -> list[tuple[str, ...]]:
        """The same customer at the same moment about the same thing is the same follow-up: a file can come twice."""
        return [("customer", "happened_at", "subject")]

    def complete(self, draft: Draft) -> None:
        """Settle what the model would derive, as records are recognised by it."""
        values = draft.values
        deal = values.get("deal")
        if values.get("customer") is None and getattr(deal, "customer_id", None):
            values["customer"] = deal.customer
        if not values.get("subject") and values.get("body", "").strip():
            values["subject"] = values["body"].strip().splitlines()[0][:200]
