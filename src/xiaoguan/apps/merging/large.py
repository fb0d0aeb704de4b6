"""Merges that a browser would wait too long for: a job does the same in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.merging import actions
from xiaoguan.apps.merging.links import links
from xiaoguan.kit import access, job
from xiaoguan.kit.entity import entities
from xiaoguan.kit.models import Job

KIND = "merging.merge"
MANY = 2_000
"""Records with more than this that belongs to them are merged by a job."""


def size(kept: Any, others: Sequence[Any]) -> int:
    """How many rows would move along."""
    label, ids = kept._meta.label_lower, [row.pk for row in others]
    return sum(link.moving(label, ids).count() for link in links(type(kept)))


def start(kept: Any, others: Sequence[Any], values: dict[str, Any], total: int, *, actor: Any) -> Job:
    """Have some records merged by a job; pressing twice does it once. What was seen must still be so when it starts."""
    versions = {str(row.pk): row.version for row in (kept, *others)}
    payload = {"entity": kept._meta.label_lower, "kept": kept.pk, "versions": versions, "values": values}
    with transaction.atomic():
        return job.enqueue(KIND, payload, actor=actor, key=f"{kept._meta.label_lower} {kept.pk}", total=total)


@job.job(KIND, label=gettext_lazy("Merge records"), max_attempts=1, lease=1800, slow=True, atomic=True)
def merge(running: job.Run) -> dict[str, Any]:
    """Do what was asked for as whoever asked, all of it or nothing; raises Fail where a record was changed since."""
    given = running.payload
    entity = entities[given["entity"]]
    found = access.visible(entity.model, running.actor).in_bulk([int(pk) for pk in given["versions"]])
    if {str(pk): row.version for pk, row in found.items()} != given["versions"]:
        raise job.Fail(_("One of the records was changed meanwhile. Compare them once more."))
    kept = found[given["kept"]]
    entity.actions[actions.NAME](kept, actor=running.actor, **given["values"])
    return {"url": entity.url("detail", kept)}
