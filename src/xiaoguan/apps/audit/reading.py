"""The log of readings: what counts as sensitive, and one entry per opened record, export or API answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from xiaoguan.apps.audit.models import AccessEntry, How, Watch
from xiaoguan.kit import access, clock, feed, memo, reads
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied

SETTINGS = "audit.settings"
LOG = "audit.log"


@dataclass(frozen=True)
class Rule:
    """What is sensitive about a record type: all of it, or some fields; when opened, when exported."""

    fields: frozenset[str] = frozenset()
    opening: bool = False
    exporting: bool = True


DEFAULTS: Mapping[str, Rule] = {
    "customers.contact": Rule(frozenset({"phone", "mobile", "email", "wechat"})),
    "customers.customer": Rule(frozenset({"phone"})),
    "org.person": Rule(opening=True),
}
"""What is logged before anybody has said otherwise: how to get hold of customers, and colleagues' records."""


def rules() -> dict[str, Rule]:
    """What is sensitive now, by entity; remembered until the settings change."""
    token = feed.versions(Watch._meta.label_lower)[Watch._meta.label_lower]
    return memo.remember("audit.rules", token, _rules)  # type: ignore[no-any-return]


def _rules() -> dict[str, Rule]:
    found = dict(DEFAULTS)
    for row in Watch.objects.filter(deleted_at__isnull=True):
        found[row.about] = Rule(frozenset(row.fields), row.opening, row.exporting)
    return {name: rule for name, rule in found.items() if (rule.opening or rule.exporting) and name in entities}


def log(reading: reads.Reading) -> None:
    """Write the entry of a reading where it shows something sensitive; one's own record is nobody's business."""
    rule = rules().get(reading.entity.name)
    if rule is None or not (rule.opening if reading.how == How.OPEN else rule.exporting):
        return
    if reading.entity.scope == "self" and reading.pk == reading.actor.pk:
        return
    hidden = access.masked(reading.actor, reading.entity.model)
    shown = {name.partition("__")[0] for name in reading.fields} - hidden
    told = sorted(shown & rule.fields) if rule.fields else sorted(shown)
    if rule.fields and not told:
        return
    AccessEntry.objects.create(
        at=clock.machine_now(),
        actor_id=reading.actor.pk,
        how=reading.how,
        entity=reading.entity.name,
        object_id=reading.pk,
        count=reading.count(),
        fields=",".join(told)[:400],
        query=reading.query[:1000],
        where=reading.where,
    )


reads.listeners.append(log)


def watch(entity: str, *, fields: list[str], opening: bool, exporting: bool, actor: Any) -> Watch:
    """Say what is sensitive about a record type. Raises Denied for who may not change what is logged."""
    if access.grants(actor).scope(SETTINGS, "change") != "all":
        raise Denied("change")
    values = {"fields": sorted(fields), "opening": opening, "exporting": exporting}
    with transaction.atomic():
        work = Work(actor, "watch", Watch._meta.label_lower, undoable=False)
        row = Watch.objects.filter(about=entity).first()
        if row is None:
            row = work.create(Watch, {"about": entity, **values})
        else:
            for name, value in values.items():
                setattr(row, name, value)
            work.save(row)
        work.finish()
    return row
