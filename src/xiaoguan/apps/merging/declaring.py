"""Which records may be merged: a higher app declares it for its own kinds, and everything else follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.merging import actions, telling, undoing
from xiaoguan.apps.merging.alike import Rule
from xiaoguan.apps.merging.models import Merged
from xiaoguan.kit import access, figures, guard, render, timeline, undo
from xiaoguan.kit.action import action
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut

Suggest = Callable[[Any, Any], Sequence[tuple[Any, str]]]


@dataclass(frozen=True)
class Mergeable:
    """One kind of record; `suggest(record, actor)` gives others that may be the same, with the reason."""

    entity: Entity
    suggest: Suggest
    rules: tuple[Rule, ...] = ()
    """In what records agree that may be one; without rules there is no page of duplicates here."""


known: dict[str, Mergeable] = {}
"""What may be merged, by the entity's name."""


def mergeable(
    model: type[models.Model], *, suggest: Suggest = lambda record, actor: (), rules: Sequence[Rule] = ()
) -> None:
    """Let records of a model be merged: a verb, an entry in the menu, the history, undo, a place for old addresses."""
    entity = Entity.of(model)
    known[entity.name] = Mergeable(entity, suggest, tuple(rules))
    action(
        model, gettext_lazy("Merge"), name=actions.NAME, icon="arrows-exchange", bulk=True, position=80,
        shown=lambda row: False,
    )(actions.merge)  # fmt: skip
    undo.ways[f"{entity.name}.{actions.NAME}"] = undoing.take_back
    guard.register(f"{entity.name}.restore", code="MERGED", label=gettext_lazy("A merged record comes back by undo"))(
        refuse_restore
    )
    timeline.source(model, "change", gettext_lazy("Changes"), position=90)(telling.entries)
    figures.part(model, "menu", position=40)(entry)


elsewhere: list[tuple[Entity, str]] = []
"""Pages of duplicates that a higher app shows in its own way: the kind of record, and the name of the address."""


def pages_of_duplicates(actor: Any) -> list[tuple[str, str]]:
    """Label and address of every page of duplicates that somebody may open."""
    own = [(each.entity, f"merging:duplicates_{each.entity.slug}") for each in known.values() if each.rules]
    return [
        (entity.plural, reverse(name))
        for entity, name in [*elsewhere, *own]
        if all(access.may(actor, verb, entity.model) for verb in ("view", "change", "delete"))
    ]


def refuse_restore(attempt: guard.Attempt) -> None:
    """Raise Refusal for a record that is part of another one: alone it would come back empty."""
    ids = [row.pk for row in attempt.rows]
    label = attempt.rows[0]._meta.label_lower
    found = Merged.objects.filter(entity=label, object_id__in=ids).first()
    if found is None:
        return
    raise Refusal(
        _("This record was merged"),
        _("What belonged to it is with another record now."),
        code="MERGED",
        rule=_("A merged record comes back by undoing the merge."),
        ways_out=[WayOut(_("Look at the merge"), url=reverse("merging:done", args=[found.change_id]))],
    )


def entry(record: Any, actor: Any) -> SafeString:
    """The entry in the menu of a record."""
    if not (access.may(actor, "change", record) and access.may(actor, "delete", type(record))):
        return SafeString("")
    url = record.entity.url("do", record, actions.NAME)
    icon = render.icon("arrows-exchange")
    return format_html('<a class="menu-item" href="{}">{}{}</a>', url, icon, _("Merge with …"))
