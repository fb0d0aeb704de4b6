"""How customers are found and imported: by the stored key of their name, with a contact in the same row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.kit.access import everything, may
from xiaoguan.lexicon import companies
from xiaoguan.transfer.finder import Spelling, spellings
from xiaoguan.transfer.importer import Candidate, Importer, importer
from xiaoguan.transfer.slots import Slot, free_slot


def name_key(name: str) -> str:
    """The stored key of a name, as `Customer.prepare` keeps it."""
    return companies.core(" ".join(name.split()))[:120]


spellings[Customer._meta.label_lower] = Spelling("name", "name_key", name_key)


@importer(Customer._meta.label_lower)
class CustomerImporter(Importer):
    """One customer per row, and the person there that the row names."""

    def make_slots(self) -> dict[str, Slot]:
        """The customer's fields, and name and mobile of a contact for who may create contacts."""
        slots = super().make_slots()
        if may(self.actor, "create", Contact):
            slots["contact"] = free_slot("contact", _("Contact: name"), Contact._meta.get_field("name"))
            slots["contact_mobile"] = free_slot(
                "contact_mobile", _("Contact: mobile"), Contact._meta.get_field("mobile")
            )
        return slots

    def after(self, work: Any, candidates: Sequence[Candidate]) -> None:
        """Enter the contacts that their customers don't have yet."""
        wanted: dict[tuple[int, str], dict[str, Any]] = {}
        for each in candidates:
            name = each.draft.values.get("contact")
            row = each.onto.row if each.onto is not None else each.row
            if name and row is not None:
                mobile = each.draft.values.get("contact_mobile", "")
                wanted[row.pk, companies.match_key(name)] = {"customer": row, "name": name, "mobile": mobile}
        if not wanted:
            return
        known = everything(Contact, because="a contact is entered once, whoever imports it")
        pairs = known.filter(customer__in={customer for customer, _name in wanted}).values_list("customer", "name")
        there = {(customer, companies.match_key(name)) for customer, name in pairs}
        if new := [values for key, values in wanted.items() if key not in there]:
            work.create(Contact, new)
