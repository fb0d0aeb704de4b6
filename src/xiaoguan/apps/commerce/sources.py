"""Signatures and money on the timelines of customers and deals."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import access, clock, render, timeline
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.timeline import Item


def _start(day: dt.date) -> dt.datetime:
    """The first moment of a business day."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=clock.zone())


def _rows(
    model: type[models.Model], link: str, day: str, ids: Sequence[int], actor: Any, limit: int, before: Any
) -> Sequence[Any]:
    if not access.may(actor, "view", model) or "amount" in access.masked(actor, model):
        return []
    rows = access.visible(model, actor).filter(**{f"{link}__in": ids, f"{day}__isnull": False})
    if before is not None:
        rows = rows.filter(**{f"{day}__lte": clock.local(before).date()})
    return rows.select_related("created_by").order_by(f"-{day}", "-pk")[:limit]


def _item(row: Any, day: dt.date, icon: str, title: str, body: str) -> Item:
    return Item(
        when=_start(day),
        icon=icon,
        title=title,
        kind="money",
        body=format_html("<p>{}</p>", body) if body else SafeString(""),
        person=row.created_by,
        url=Entity.of(row).url("detail", row),
        key=f"{row._meta.model_name}-{row.pk}",
    )


def _entries(link: str, ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None) -> Iterator[Item]:
    """Contracts, receipts and refunds of some records merged, newest first."""

    def stream(model: type[models.Model], day: str, icon: str, title: str, words: str) -> Iterator[Item]:
        for row in _rows(model, link, day, ids, actor, limit, before):
            with render.money_in("yuan"):  # what was signed or paid is told to the fen
                said = title % {"amount": render.money_text(row.amount)}
            yield _item(row, getattr(row, day), icon, said, getattr(row, words))

    streams = [
        stream(Contract, "signed_on", "signature", gettext("Contract signed · %(amount)s"), "name"),
        stream(Receipt, "received_on", "cash", gettext("Received %(amount)s"), "note"),
    ]
    if link == "customer":
        streams.append(stream(Refund, "refunded_on", "receipt-refund", gettext("Refunded %(amount)s"), "reason"))
    yield from heapq.merge(*streams, key=lambda item: item.when, reverse=True)


@timeline.source(Customer, "money", _("Money"), position=25)
def of_customers(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """What a customer signed, paid and got back."""
    return _entries("customer", ids, actor, limit, before)


@timeline.source(Deal, "money", _("Money"))
def of_deals(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """What was signed and paid for a deal."""
    return _entries("deal", ids, actor, limit, before)
