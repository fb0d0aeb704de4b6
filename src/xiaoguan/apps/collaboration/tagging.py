"""Putting tags on records and taking them off, one record or many; merging two tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.collaboration.actions import working
from xiaoguan.apps.collaboration.models import Tag
from xiaoguan.apps.collaboration.models.tag import SEPARATORS
from xiaoguan.apps.collaboration.queries import taking_part
from xiaoguan.apps.collaboration.tagged import NAME, PATH
from xiaoguan.kit import access, feed, memo
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Done, Work, action
from xiaoguan.kit.errors import Denied, Invalid

WHY = "tags: a tag is counted and merged wherever it is, whoever may see the records"
PORTION = 1000
MOST = 20
"""So many tags a record may have: more say nothing."""


def add_tag(work: Work, rows: Sequence[Any], *, tag: Annotated[Tag, gettext_lazy("Tag")]) -> Sequence[Any]:
    """Put a tag on records; those that have it stay as they are."""
    for row in rows:
        give(row, {*held(row), str(tag.pk)})
    work.save(*rows)
    return rows


def remove_tag(work: Work, rows: Sequence[Any], *, tag: Annotated[Tag, gettext_lazy("Tag")]) -> Sequence[Any]:
    """Take a tag off records."""
    for row in rows:
        give(row, held(row) - {str(tag.pk)})
    work.save(*rows)
    return rows


def names_in(text: str) -> list[str]:
    """Names typed one after the other, with commas between them."""
    return [part.strip() for part in SEPARATORS.split(text) if part.strip()]


def held(row: Any) -> set[str]:
    """The ids of a record's tags as text."""
    return set(getattr(row, PATH) or ())


def give(row: Any, codes: Collection[str]) -> None:
    """Set the tags of a loaded record; raises Invalid for too many."""
    if len(codes) > MOST:
        raise Invalid({"tags": [_("A record has at most %(most)s tags.") % {"most": MOST}]})
    setattr(row, PATH, list(codes))


def set_tags(record: Any, codes: Collection[str], fresh: Sequence[str], *, actor: Any, source: str = "page") -> Done:
    """Give a record these tags and new ones of these names, in one change.

    Raises Denied for who may not change the record or, with new names, not make tags; Invalid for names that are none.
    """
    if not access.may(actor, "change", record) or PATH in access.masked(actor, type(record)):
        raise Denied("change", record)
    names = list(dict.fromkeys(" ".join(name.split()) for name in fresh if name.strip()))
    by_name = {tag.name.lower(): tag for tag in Tag._default_manager.filter(deleted_at__isnull=True)} if names else {}
    unknown = [name for name in names if name.lower() not in by_name]
    if unknown and not access.may(actor, "create", Tag):
        said = _("There is no tag “%(name)s”, and you may not make one.") % {"name": unknown[0]}
        raise Invalid({"tags": [said]})
    with working(record, "set_tags", actor, source) as work:
        made = work.create(Tag, [{"name": name} for name in unknown]) if unknown else []
        known = [by_name[name.lower()] for name in names if name.lower() in by_name]
        give(record, {*codes, *(str(tag.pk) for tag in [*known, *made])})
        work.save(record)
    return Done(work.change if work.change.pk else None, record)


def merge(work: Work, tag: Tag, *, into: Annotated[Tag, gettext_lazy("Into which tag")]) -> Tag:
    """Replace a tag by another one wherever it is, and delete it."""
    if into.pk == tag.pk:
        raise Invalid({"into": [_("Choose another tag.")]})
    for entity in taking_part():
        having = everything(entity.model, because=WHY).filter(**{f"{PATH}__contains": f'"{tag.pk}"'})
        ids = list(having.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), PORTION):
            rows = list(entity.model._default_manager.filter(pk__in=ids[start : start + PORTION]))
            for row in rows:
                setattr(row, PATH, [*(held(row) - {str(tag.pk)}), str(into.pk)])
            work.save(*rows)
    work.remove(tag)
    return into


def uses() -> Mapping[str, int]:
    """How many living records have each tag, by its id as text; one query, remembered until a record changes."""
    names = [entity.name for entity in taking_part()]

    def count() -> Mapping[str, int]:
        parts = [
            everything(entity.model, because=WHY).filter(**{f"{PATH}__isnull": False}).order_by().values_list(PATH)
            for entity in taking_part()
        ]
        found: Counter[str] = Counter()
        for (codes,) in parts[0].union(*parts[1:], all=True) if parts else ():
            found.update(codes or ())
        return found

    counted: Mapping[str, int] = memo.remember(("tag uses",), feed.version(NAME, *names), count)
    return counted


def register_all() -> None:
    """Give every kind of record the two verbs; called when all models are known."""
    for entity in taking_part():
        for func, label, icon in (
            (add_tag, gettext_lazy("Add a tag"), "tag"),
            (remove_tag, gettext_lazy("Remove a tag"), "tag"),
        ):
            action(entity.model, label, icon=icon, bulk=True, position=92, shown=lambda row: False)(func)
    action(Tag, gettext_lazy("Merge into another tag"), verb="delete", icon="arrows-exchange", position=20)(merge)
