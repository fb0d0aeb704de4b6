"""What a delivery says: the record as the endpoint's reader may see it, and what the change did to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from xiaoguan.apps.webhooks.models import Endpoint
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.models.change import ChangeRow

BASE = ("id", "uid", "version", "owner_id", "unit_id", "created_at", "updated_at")
"""What every record says."""
PARTS = ("list", "form", "filter", "key", "subtitle")
EVENTS = ("created", "updated", "deleted")


def event_of(row: ChangeRow) -> str:
    """What the change did to this record; a record taken out of the bin is an updated one."""
    if row.before is None:
        return "created"
    return "deleted" if (row.after or {}).get("deleted_at") else "updated"


def wanted(endpoint: Endpoint, row: ChangeRow, event: str) -> bool:
    """Whether an endpoint wants to hear of this."""
    topics = endpoint.topics.get(row.entity, ())
    return event in topics or (row.entity == row.change.entity and row.change.action in topics)


def fields(entity: Entity, reader: Any) -> dict[str, str]:
    """Column name by attribute name of what this reader may see of the entity's own declared fields."""
    names = {name for part in PARTS for name in entity.names(part) if "__" not in name}
    found = {}
    for name in sorted(names):
        field = entity.column(name).field
        if not field.many_to_many and access.readable(reader, entity, name):
            found[field.attname] = name
    hidden = access.masked(reader, entity.model)
    return found | {name: name for name in BASE if name not in hidden and name.removesuffix("_id") not in hidden}


def records(entity: Entity, reader: Any, ids: Iterable[int]) -> dict[int, Any]:
    """The rows this reader may see by id, deleted ones too: that they are gone is news."""
    condition = access.scope_q(entity.model, reader)
    if condition is None:
        return {}
    rows = entity.model._default_manager.filter(condition, pk__in=list(ids))
    return {row.pk: row for row in rows}


def changes(row: ChangeRow, seen: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Before and after of what the reader may see."""
    before, after = row.before or {}, row.after or {}
    names = [name for name in after if name in seen]
    return {name: {"before": before.get(name), "after": after[name]} for name in names}


def said(entity: Entity, record: models.Model, seen: Mapping[str, str]) -> dict[str, Any]:
    """The record, its links as ids."""
    return {name: getattr(record, name) for name in seen}


def body(endpoint: Endpoint, uid: Any, row: ChangeRow, event: str, record: Any, seen: Mapping[str, str]) -> str:
    """The JSON text of a delivery."""
    entity = Entity.of(record)
    actor = row.change.actor
    text = {
        "id": str(uid),
        "version": endpoint.format,
        "at": row.change.at,
        "entity": row.entity,
        "event": event,
        "action": row.change.action,
        "actor": {"id": actor.pk, "name": str(actor)},
        "record": said(entity, record, seen),
        "changes": changes(row, seen),
    }
    return json.dumps(text, cls=DjangoJSONEncoder, ensure_ascii=False)
