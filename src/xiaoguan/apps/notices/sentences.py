"""From notices to sentences in the reader's language; what he may no longer see is not named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.notices.kinds import Kind, kinds
from xiaoguan.apps.notices.models import Notice
from xiaoguan.kit import titles
from xiaoguan.kit.entity import entities

GONE = "—"


@dataclass(frozen=True)
class Said:
    """One notice as it is read."""

    notice: Notice
    text: str
    url: str
    icon: str
    label: str
    record: str


def say(notices: Iterable[Notice], reader: Any) -> list[Said]:
    """Sentences for one reader: one query per kind of record, however many notices."""
    known = [each for each in notices if each.kind in kinds]
    wanted: dict[str, set[int]] = defaultdict(set)
    for each in known:
        if each.object_id is not None and each.entity in entities:
            wanted[each.entity].add(each.object_id)
    seen = {name: titles.of_ids(entities[name].model, ids, reader) for name, ids in wanted.items()}
    return [_one(each, kinds[each.kind], seen.get(each.entity, {})) for each in known]


def _one(notice: Notice, kind: Kind, seen: dict[int, str]) -> Said:
    entity = entities.get(notice.entity)
    single = notice.object_id is not None
    visible = not single or entity is None or notice.object_id in seen
    record = (seen.get(notice.object_id, notice.title) if visible else _("a record you can't see any more")) or GONE
    words = str(kind.one if single or notice.count == 1 else kind.many)
    noun = str(entity.model._meta.verbose_name_plural if notice.count > 1 else entity.label) if entity else ""
    names = {
        "actor": notice.actor or _("The system"),
        "record": record,
        "noun": noun,
        "text": kind.words(notice.text) if visible else GONE,
        "count": f"{notice.count:,}",
    }
    text = words % names
    url = notice.url
    if not url and entity is not None and visible:
        url = entity.url("detail", notice.object_id) if single else f"{entity.url('list')}?sort=-id"
    return Said(notice, text, url if visible else "", kind.icon, str(kind.label), record if single else "")
