"""What the palette can do besides finding records: open a list, create a record, go to a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.kit import access, nav
from xiaoguan.kit.entity import entities
from xiaoguan.kit.search import grams
from xiaoguan.kit.search.match import match

MARK = ">"
"""Typed first, it asks for commands alone."""
SAID_OTHERWISE = 2
"""What it costs to answer by a key word instead of the label."""


@dataclass(frozen=True)
class Command:
    """One thing to do: its words, where it leads, and further words that people may type for it."""

    label: str
    url: str
    icon: str
    keys: str = ""


def of(actor: Any) -> list[Command]:
    """Every command of this person, each address once: pages that apps put into the navigation, lists, new records."""
    found: dict[str, Command] = {}
    for word in nav.WORDS:
        for link in nav.under(word.code, actor):
            found.setdefault(link.url, Command(link.label, link.url, link.icon, str(word.label)))
    for entity in entities.values():
        model = entity.model
        if not access.may(actor, "view", model):
            continue
        words = entity.slug.replace("-", " ")
        found[entity.url("list")] = Command(entity.plural, entity.url("list"), entity.icon, words)
        if entity.nav and entity.names("form") and access.may(actor, "create", model):
            label = _("New %(record)s") % {"record": entity.label}
            found[entity.url("new")] = Command(label, entity.url("new"), "plus", f"{words} {entity.label}")
    return list(found.values())


def find(text: str, actor: Any, limit: int = 6) -> list[tuple[Command, tuple[tuple[int, int], ...]]]:
    """Commands that answer a text, the best first, with the matched stretches of their labels; all for no text."""
    words = [word.text for word in grams.words(text.lstrip().removeprefix(MARK))]
    found = []
    for command in of(actor):
        spans: list[tuple[int, int]] = []
        cost = 0
        for word in words:
            said, meant = match(word, command.label), match(word, command.keys)
            if said is None and meant is None:
                break
            costs = ([said.cost] if said else []) + ([meant.cost + SAID_OTHERWISE] if meant else [])
            cost += min(costs)
            spans += said.spans if said else ()
        else:
            found.append((cost, command, tuple(sorted(spans))))
    found.sort(key=lambda each: each[0])
    return [(command, spans) for _cost, command, spans in found[:limit]]
