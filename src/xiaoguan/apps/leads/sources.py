"""What was said to a lead, on its own timeline and on that of the customer it became."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.leads.models import Lead, Touch
from xiaoguan.kit import timeline
from xiaoguan.kit.access import visible
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.timeline import Item

ICONS = {"call": "phone", "message": "message", "mail": "mail", "visit": "map-pin"}


@timeline.source(Lead, "touch", gettext_lazy("Contacts with the lead"))
def of_leads(
    model: type[Lead], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """Each contact with who it was and what was said."""
    return _touches(Touch.objects.filter(lead__in=visible(Lead, actor).filter(pk__in=ids)), limit, before, named=False)


@timeline.source(Customer, "lead", gettext_lazy("Lead"))
def of_customers(
    model: type[Customer], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """What was said before it was a customer."""
    seen = visible(Lead, actor).filter(customer__in=ids)
    return _touches(Touch.objects.filter(lead__in=seen), limit, before, named=True)


def _touches(rows: QuerySet[Touch], limit: int, before: dt.datetime | None, *, named: bool) -> Iterator[Item]:
    rows = rows.filter(deleted_at__isnull=True)
    if before is not None:
        rows = rows.filter(happened_at__lte=before)
    url = Entity.of(Lead).url
    for row in rows.select_related("lead", "owner").order_by("-happened_at", "-pk")[:limit]:
        kind = row.get_kind_display()
        title = kind if row.reached else _("%(kind)s: nobody reached") % {"kind": kind}
        if named:
            title = _("%(title)s with the lead %(lead)s") % {"title": title, "lead": row.lead.called}
        body = format_html("{}", SafeString(linebreaks(row.body, autoescape=True))) if row.body else SafeString("")
        yield Item(
            when=row.happened_at,
            icon=ICONS.get(row.kind, "message"),
            title=title,
            kind="lead" if named else "touch",
            body=body,
            person=row.owner,
            url=url("detail", row.lead_id) if named else "",
            key=f"touch-{row.pk}",
        )
