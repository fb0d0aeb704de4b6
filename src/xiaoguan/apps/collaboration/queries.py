"""Reading what belongs to records; always from a record that the reader sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from xiaoguan.apps.collaboration.models import About, Attachment, Comment, takes_part
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.policy import OrgPolicy
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity, entities


def taking_part() -> list[Entity]:
    """Every kind of record that has files, comments and tags."""
    return [entity for entity in entities.values() if takes_part(entity)]


def entity_of(slug: str) -> Entity:
    """The kind of record behind an address; Http404 for those without files and comments."""
    try:
        entity = Entity.by_slug(slug)
    except KeyError as error:
        raise Http404 from error
    if not takes_part(entity):
        raise Http404
    return entity


def record_of(slug: str, pk: int, actor: Any) -> Any:
    """A record the actor sees; Http404 for any other."""
    found = access.visible(entity_of(slug).model, actor).filter(pk=pk).order_by().first()
    if found is None:
        raise Http404
    return found


def living(model: type[About], name: str, ids: Sequence[int]) -> QuerySet[Any]:
    """The living rows about some records of one kind, which the caller has made sure that the reader sees."""
    return model._default_manager.filter(about=name, object_id__in=list(ids), deleted_at__isnull=True)


def attachments(record: Any) -> QuerySet[Attachment]:
    """The files of a record, the newest first."""
    rows = living(Attachment, record._meta.label_lower, [record.pk])
    return rows.select_related("file", "owner").order_by("-id")


def comments(record: Any) -> QuerySet[Comment]:
    """What was said about a record, the newest first."""
    return living(Comment, record._meta.label_lower, [record.pk]).select_related("owner").order_by("-id")


def row_of(model: type[About], pk: int, actor: Any) -> tuple[Any, Any]:
    """A living row with its record; Http404 for who doesn't see the record."""
    row = model._default_manager.filter(pk=pk, deleted_at__isnull=True).first()
    record = row.record_for(actor) if row is not None and row.about in entities else None
    if record is None:
        raise Http404
    return row, record


def seeing(people: Iterable[Person], record: Any) -> list[Person]:
    """Those of some people who may see a record, asked with their own rights."""
    found = list(people)
    known = OrgPolicy().grants_of(found)
    seen = []
    for person in found:
        if person.pk in known:
            person._kit_grants = known[person.pk]
        if person.is_active and access.may(person, "view", record):
            seen.append(person)
    return seen
