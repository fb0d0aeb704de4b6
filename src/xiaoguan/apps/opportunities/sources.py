"""What deals tell on the timeline of their customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t, gettext_lazy as _, ngettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, StageEntry
from xiaoguan.apps.opportunities.queries import stages
from xiaoguan.kit import timeline
from xiaoguan.kit.access import everything, visible
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.timeline import Item

ICONS = {"won": "trophy", "after": "trophy", "lost": "mood-sad", "invalid": "circle-x"}


@timeline.source(Customer, "deal", _("Deals"))
def moves(
    model: type[Customer], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """Each stage a deal of the customer entered, with the days spent in the one before."""
    rows = visible(StageEntry, actor).filter(deal__customer__in=ids, deal__deleted_at__isnull=True)
    if before is not None:
        rows = rows.filter(entered_at__lte=before)
    entries = rows.select_related("deal", "stage", "created_by").order_by("-entered_at", "-pk")[:limit]
    left = _stays_before(entries)
    entity = Entity.of(Deal)
    for entry in entries:
        yield Item(
            when=entry.entered_at,
            icon=ICONS.get(entry.stage.outcome, "arrow-right"),
            title=_t("%(deal)s: %(stage)s") % {"deal": entry.deal.name, "stage": entry.stage},
            kind="deal",
            body=left.get((entry.deal_id, entry.entered_at), SafeString("")),
            person=entry.created_by,
            url=entity.url("detail", entry.deal_id),
            key=f"stage-{entry.pk}",
        )


def _stays_before(entries: Sequence[StageEntry]) -> dict[tuple[int, dt.datetime], SafeString]:
    """What stands below a move: the stage that was left, and after how many days."""
    ends = [entry.entered_at for entry in entries]
    rows = everything(StageEntry, because="the stays of entries already seen")
    rows = rows.filter(deal__in={entry.deal_id for entry in entries}, left_at__in=ends)
    names = {stage.pk: str(stage) for stage in stages()}
    found = {}
    for deal_id, left_at, stage_id, days in rows.values_list("deal_id", "left_at", "stage_id", "days"):
        said = ngettext("%(stage)s: %(days)s day", "%(stage)s: %(days)s days", days)
        found[deal_id, left_at] = format_html("<p>{}</p>", said % {"stage": names.get(stage_id, ""), "days": days})
    return found
