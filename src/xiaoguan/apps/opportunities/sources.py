"""The way deals take, on their own timeline and on that of their customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, StageEntry
from xiaoguan.apps.opportunities.queries import stages
from xiaoguan.kit import history, timeline
from xiaoguan.kit.access import everything, visible
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.models.change import ChangeRow
from xiaoguan.kit.timeline import Item

ICONS = {"won": "trophy", "after": "trophy", "lost": "thumb-down", "invalid": "circle-x"}
MOVING = ("move", "win", "lose", "invalidate", "reopen", "sign")
"""Verbs whose changes are told by the stages themselves."""


@timeline.source(Customer, "deal", _("Deals"), position=20)
def moves_of_customers(
    model: type[Customer], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """Each stage a deal of the customer entered, with the days spent in the one before."""
    rows = visible(StageEntry, actor).filter(deal__customer__in=ids, deal__deleted_at__isnull=True)
    return _moves(rows, limit, before, named=True)


@timeline.source(Deal, "stage", _("Stages"))
def moves_of_deals(
    model: type[Deal], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """Each stage the deal entered, with the days spent in the one before and what was said."""
    return _moves(visible(StageEntry, actor).filter(deal__in=ids), limit, before, named=False)


def _moves(rows: QuerySet[StageEntry], limit: int, before: dt.datetime | None, *, named: bool) -> Iterator[Item]:
    if before is not None:
        rows = rows.filter(entered_at__lte=before)
    told = rows.select_related("deal", "stage", "created_by").only(
        "entered_at", "deal__name", "stage__name", "stage__code", "stage__outcome",
        "created_by__name", "created_by__system",
    )  # fmt: skip
    entries = list(told.order_by("-entered_at", "-pk")[:limit])
    left, said = _stays_before(entries), _comments(entries)
    entity = Entity.of(Deal)
    for entry in entries:
        words = {"deal": entry.deal.name, "stage": entry.stage}
        title = gettext("%(deal)s: %(stage)s") % words if named else gettext("Entered %(stage)s") % words
        yield Item(
            when=entry.entered_at,
            icon=ICONS.get(entry.stage.outcome, "arrow-right"),
            title=title,
            kind="deal" if named else "stage",
            body=_paragraphs(left.get((entry.deal_id, entry.entered_at), ""), said.get(entry.pk, "")),
            person=entry.created_by,
            url=entity.url("detail", entry.deal_id) if named else "",
            key=f"stage-{entry.pk}",
        )


def _paragraphs(*texts: str) -> SafeString:
    return SafeString("".join(format_html("<p>{}</p>", text) for text in texts if text))


def _stays_before(entries: Sequence[StageEntry]) -> dict[tuple[int, dt.datetime], str]:
    """What stands below a move: the stage that was left, and after how many days."""
    ends = [entry.entered_at for entry in entries]
    rows = everything(StageEntry, because="the stays of entries already seen")
    rows = rows.filter(deal__in={entry.deal_id for entry in entries}, left_at__in=ends)
    names = {stage.pk: str(stage) for stage in stages()}
    found = {}
    for deal_id, left_at, stage_id, days in rows.values_list("deal_id", "left_at", "stage_id", "days"):
        said = ngettext("%(stage)s: %(days)s day", "%(stage)s: %(days)s days", days)
        found[deal_id, left_at] = said % {"stage": names.get(stage_id, ""), "days": days}
    return found


def _comments(entries: Sequence[StageEntry]) -> dict[int, str]:
    """What people wrote when they moved a deal."""
    rows = ChangeRow.objects.filter(
        entity=StageEntry._meta.label_lower, object_id__in=[entry.pk for entry in entries], before__isnull=True
    )
    rows = rows.filter(change__action__in=MOVING).exclude(change__note="")
    return dict(rows.values_list("object_id", "change__note"))


@timeline.source(Deal, "change", _("Changes"), position=90)
def changes(
    model: type[Deal], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """The changes of a deal without its moves, which the stages tell already."""
    moved = _keys_of_moves(ids)
    return (item for item in history.entries(model, ids, actor, limit + len(moved), before) if item.key not in moved)


def _keys_of_moves(ids: Iterable[int]) -> set[str]:
    rows = ChangeRow.objects.filter(entity=Deal._meta.label_lower, object_id__in=list(ids), change__action__in=MOVING)
    return {f"change-{pk}" for pk in rows.values_list("pk", flat=True)}
