"""What an address asks the log for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.dateparse import parse_date

from xiaoguan.apps.audit import queries, wording
from xiaoguan.kit.entity import entities


def filters_of(data: Any, actor: Any) -> queries.Filters:
    """What an address searches for; what can't be read narrows nothing."""
    entity = data.get("entity", "") if data.get("entity", "") in entities else ""
    name = data.get("field", "")
    return queries.Filters(
        person=number(data.get("person", "")),
        entity=entity,
        record=number(data.get("record", "")) if entity else None,
        action=data.get("action", "")[:60],
        source=data.get("source", "")[:40],
        first=_day(data.get("first", "")),
        last=_day(data.get("last", "")),
        field=name if name in dict(wording.fields(entity, actor)) else "",
        text=data.get("text", "").replace("\x00", "").strip()[:100],
    )


def number(text: str) -> int | None:
    """A record's number from an address; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
