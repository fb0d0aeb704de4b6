"""On paper: one record with everything that belongs to it, or a list as it stands on the screen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.kit import access, clock, facts, filters, lines, reads, table, timeline
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.grouping import GroupedListing
from xiaoguan.kit.pages import detail, exporting
from xiaoguan.kit.pages.list import flat

ENTRIES = 200
ROWS = 1000


def record(request: HttpRequest, entity: Entity, pk: int) -> HttpResponse:
    """A record's facts, lines and history as a document."""
    row = detail.load(entity, request.user, pk)
    fields = [name for group in entity.groups() for name in group]
    reads.tell(reads.Reading(request.user, "open", entity, pk, fields=fields, where=reads.origin(request)))
    head = detail.head(request, entity, row)
    groups = [
        facts.of(row, names, request.user, head["reading"]) for names in entity.groups() or [entity.names("list")]
    ]
    page = timeline.read(row, request.user, limit=ENTRIES)
    context = {
        **head,
        **_printed(request, head["url"]),
        "kind": entity.label,
        "fact_groups": [facts.listed(each for each in group if not each.empty) for group in groups],
        "lines": lines.cards(row, request.user),
        "entries": page.items,
        "older": page.next is not None,
    }
    return TemplateResponse(request, "kit/paper.html", context)


def listing(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The rows of a list under its filters, as many as fit a pile of paper; it takes the right to export."""
    if not access.may(request.user, "export", entity.model):
        raise Denied("export", entity.model)
    exporting.count(request.user)
    found = GroupedListing(entity, request.user, flat(request.GET), page_size=ROWS)
    reads.tell(
        reads.Reading(
            request.user, "export", entity, count=lambda: min(ROWS, found.totals.count),
            fields=[each.name for each in found.columns], query=request.GET.urlencode(), where=reads.origin(request),
        )
    )  # fmt: skip
    said = [f"{each.label} {filters.words(each, request.user)}".strip() for each in found.filters]
    if found.q:
        said.append(_("contains “%(text)s”") % {"text": found.q})
    context = {
        **_printed(request, entity.url("list") + found.address()),
        "page_title": found.base.label if found.base and found.base.code != "all" else entity.plural,
        "kind": entity.plural,
        "fact": table.fact(found),
        "said": said,
        "table": table.table(found, choose=False),
        "problems": found.problems,
        "left_out": max(0, found.totals.count - ROWS),
    }
    return TemplateResponse(request, "kit/paper_list.html", context)


def _printed(request: HttpRequest, back: str) -> dict[str, Any]:
    """Who printed it and when, and the way back."""
    return {"printed_at": clock.now(), "printed_by": request.user, "back": back}
