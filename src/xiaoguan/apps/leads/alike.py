"""Leads that may be the same: what merging proposes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.leads import twins
from xiaoguan.apps.leads.models import Lead
from xiaoguan.apps.merging.alike import Rule
from xiaoguan.apps.merging.declaring import mergeable
from xiaoguan.kit import access
from xiaoguan.kit.access import visible


def leads(lead: Lead, actor: Any) -> list[tuple[Lead, str]]:
    """Leads with the same number, or of the same company and person, as far as the actor may change them."""
    said = {"mobile": lead.mobile, "phone": lead.phone, "company": lead.company, "name": lead.name}
    seen = [each.pk for each in twins.leads_like(said, actor, but=lead.pk) if each.seen]
    rows = visible(Lead, actor, "change").filter(pk__in=seen).order_by("pk")
    return [(row, _("same number or company")) for row in rows if access.may(actor, "change", row)]


mergeable(
    Lead,
    suggest=leads,
    rules=(
        Rule(("phone_key",), gettext_lazy("same number")),
        Rule(("name_key", "name"), gettext_lazy("same company and person")),
    ),
)
