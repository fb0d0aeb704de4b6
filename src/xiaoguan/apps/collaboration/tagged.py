"""Tags as a column of every kind of record: stored with it, so that list, filter, file, history and undo follow.

A record's `extra` holds the ids of its tags as text. The column joins those that people have added (`kit.own`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration.models import Tag, takes_part
from xiaoguan.kit import entity as declarations, feed, memo
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.extra import PREFIX, OwnProperty
from xiaoguan.kit.models.own import FieldKind, OwnField
from xiaoguan.kit.own import definitions
from xiaoguan.kit.own.fields import OwnChoices, OwnColumn
from xiaoguan.kit.own.kinds import CHOICES

NAME = Tag._meta.label_lower
CODE = "tags"
PATH = f"{PREFIX}c_{CODE}"
LABEL = _("Tags")


def all_tags() -> Mapping[str, Tag]:
    """The living tags by their id as text, in the order of their names; remembered until one of them changes."""
    token = feed.recent(NAME)
    found: Mapping[str, Tag] = memo.remember(("tags",), token, _load) if token else {}  # nobody has ever made one
    return found


def _load() -> Mapping[str, Tag]:
    rows = Tag._default_manager.filter(deleted_at__isnull=True).order_by("name", "pk")
    return {str(tag.pk): tag for tag in rows}


def chip(tag: Any) -> str:
    """One tag, or a row of its values, as it looks everywhere."""
    return f'<span class="tag tag-own" data-colour="{escape(tag.colour)}">{escape(tag.name)}</span>'


def chips(codes: Any) -> str:
    """The tags of a record, in the order of their names."""
    known = all_tags()
    return "".join(chip(tag) for code, tag in known.items() if code in (codes or ()))


class OwnTags(OwnChoices):
    """The tags of a record: choices that are rows, which come, go and are renamed."""

    @property
    def flatchoices(self) -> list[tuple[str, str]]:
        """Ids and names of the living tags."""
        return [(code, tag.name) for code, tag in all_tags().items()]

    @property
    def active(self) -> bool:
        """Nobody is offered a column of tags before there are any."""
        return bool(all_tags())

    @active.setter
    def active(self, _given: bool) -> None:
        """It follows from the tags, not from a definition."""

    def marked(self, codes: Any) -> str:
        """The value as HTML."""
        return chips(codes) or "—"

    def stored(self, value: Any) -> Any:
        """Ids in the order of the tags' names; a tag made in the same work is not known yet and comes last."""
        chosen = set(value or ())
        known = [code for code in all_tags() if code in chosen]
        return [*known, *sorted(chosen.difference(known))] or None

    def to_python(self, value: Any) -> Any:
        """The living ones among the stored ids, in the order of their names."""
        held = set(super().to_python(value) or ())
        return [code for code in all_tags() if code in held] or None


_columns: dict[str, OwnColumn] = {}
_joined: dict[str, tuple[Mapping[str, Column], Mapping[str, Column]]] = {}


def column_of(entity: Entity) -> OwnColumn:
    """The column of tags of one kind of record."""
    if entity.name not in _columns:
        definition = OwnField(record=entity.name, code=CODE, label="Tags", kind=FieldKind.CHOICES)
        field = OwnTags(verbose_name=LABEL, null=True, blank=True)
        field.bind(entity.model, definition)
        field.parts = frozenset({"form", "filter", "own"})
        setattr(entity.model, PATH, OwnProperty(PATH))
        _columns[entity.name] = OwnColumn(PATH, field, CHOICES, LABEL)
    return _columns[entity.name]


def own(entity: Entity) -> Mapping[str, Column]:
    """The fields people have added to an entity, and its tags."""
    added = definitions.of(entity)
    if not takes_part(entity):
        return added
    known = _joined.get(entity.name)
    if known is None or known[0] is not added:
        known = _joined[entity.name] = (added, {**added, PATH: column_of(entity)})
    return known[1]


def register_all() -> None:
    """Let every kind of record have the column; called when all models are known."""
    declarations.own_source[:] = [own]
    feed.ALWAYS.add(NAME)
