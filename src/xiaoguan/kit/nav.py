"""The navigation by the loop's words: every entity stands under one, apps add pages of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity, entities


@dataclass(frozen=True)
class Word:
    """One word of the loop: its group in the frame, its icon, whether the phone shows it among its tabs."""

    code: str
    label: Any
    icon: str
    group: int
    phone: bool = False


WORDS = (
    Word("today", _("Today"), "home", 0, phone=True),
    Word("goals", _("Targets"), "target", 1),
    Word("customers", _("Customers"), "building", 1, phone=True),
    Word("deals", _("Deals"), "briefcase", 1, phone=True),
    Word("activities", _("Activities"), "checklist", 1),
    Word("field", _("Field work"), "map-pin", 1),
    Word("process", _("Process"), "refresh", 1),
    Word("appraisal", _("Appraisal"), "award", 1),
    Word("incentives", _("Incentives"), "trophy", 1),
    Word("learning", _("Learning"), "school", 1),
    Word("care", _("Care"), "heart-handshake", 1),
    Word("insight", _("Insight"), "chart-bar", 1),
    Word("settings", _("Settings"), "settings", 2),
)


@dataclass(frozen=True)
class Page:
    """A page of an app under a word: the one with the lowest position is where the word leads."""

    word: str
    label: Any
    url_name: str
    icon: str
    position: int
    shown: Callable[[Any], bool]


@dataclass(frozen=True)
class Link:
    """One entry as the frame draws it."""

    label: str
    url: str
    icon: str
    active: bool = False
    phone: bool = False
    name: str = ""


@dataclass(frozen=True)
class Chapter:
    """Pages and entities of a crowded word that belong together on its overview, by their names."""

    word: str
    label: Any
    names: tuple[str, ...]
    position: int


_pages: list[Page] = []
_chapters: list[Chapter] = []
ENTITY_POSITION = 50


def chapter(word: str, label: Any, *names: str, position: int = 50) -> None:
    """Put pages (`org:chart`) and entities (`org.team`) of a word together; one label may be given by several apps."""
    _chapters.append(Chapter(word, label, names, position))
    _chapters.sort(key=lambda each: each.position)


def chapters(word: str, actor: Any) -> list[tuple[str, list[Link]]]:
    """The chapters of a word with what this actor may open; what is in none comes last."""
    links = {link.name: link for link in under(word, actor, without=word)}
    found: dict[str, list[Link]] = {}
    for each in _chapters:
        if each.word == word:
            found.setdefault(str(each.label), []).extend(links.pop(name) for name in each.names if name in links)
    found.setdefault(str(_("More")), []).extend(links.values())
    return [(label, members) for label, members in found.items() if members]


def page(
    word: str,
    label: Any,
    url_name: str,
    *,
    icon: str = "file-text",
    position: int = 50,
    shown: Callable[[Any], bool] = lambda actor: True,
) -> None:
    """Put a page of an app under a word; below position 50 it comes before the entities of that word."""
    if word not in {each.code for each in WORDS}:
        raise ValueError(f"the navigation has no word {word}")
    _pages.append(Page(word, label, url_name, icon, position, shown))
    _pages.sort(key=lambda each: each.position)


@cache
def _address(name: str) -> str:
    """An address by its name, asked for once: addresses don't change while a process lives."""
    return reverse(name)


def under(word: str, actor: Any, *, without: str = "") -> list[Link]:
    """Everything under one word that this actor may open, in its order; `without` one page by its name."""
    found: list[tuple[int, Link]] = []
    for each in _pages:
        if each.word == word and each.url_name != without and each.shown(actor):
            link = Link(capfirst(str(each.label)), _address(each.url_name), each.icon, name=each.url_name)
            found.append((each.position, link))
    for entity in entities.values():
        if entity.nav == word and access.may(actor, "view", entity.model):
            link = Link(entity.plural, _address(f"{entity.slug}:list"), entity.icon, name=entity.name)
            found.append((ENTITY_POSITION, link))
    return [link for _position, link in sorted(found, key=lambda pair: pair[0])]


def first_address(word: str, actor: Any, *, without: str = "") -> str:
    """Where a word leads: its first page or entity that the actor may open; `without` one page by its name."""
    pages = [each for each in _pages if each.word == word and each.url_name != without]
    for each in pages:
        if each.position <= ENTITY_POSITION and each.shown(actor):
            return _address(each.url_name)
    for entity in entities.values():
        if entity.nav == word and access.may(actor, "view", entity.model):
            return _address(f"{entity.slug}:list")
    return next((_address(each.url_name) for each in pages if each.shown(actor)), "")


def of(actor: Any, path: str) -> list[list[Link]]:
    """The groups of the frame for one actor; the word of the page at `path` is the active one."""
    groups: dict[int, list[Link]] = {}
    here = _word_of(path)
    for word in WORDS:
        if address := first_address(word.code, actor):
            made = Link(str(word.label), address, word.icon, word.code == here, word.phone, word.code)
            groups.setdefault(word.group, []).append(made)
    return [groups[key] for key in sorted(groups)]


def _word_of(path: str) -> str:
    """The word a page belongs to, by the longest address it begins with."""
    best, found = "", ""
    for entity in entities.values():
        start = f"/{entity.slug}/"
        if path.startswith(start) and len(start) > len(best):
            best, found = start, entity.nav
    for each in _pages:
        start = _address(each.url_name)
        if (path.startswith(start) if start != "/" else path == "/") and len(start) > len(best):
            best, found = start, each.word
    return found


def quick_create(actor: Any) -> list[Link]:
    """What the «New» menu offers: the entities under the first words that the actor may create."""
    order = {word.code: index for index, word in enumerate(WORDS)}
    found = [
        entity
        for entity in entities.values()
        if entity.nav
        and entity.nav != "settings"
        and entity.declared("form")  # without one there are no own fields either
        and access.may(actor, "create", entity.model)
    ]
    found.sort(key=lambda entity: order.get(entity.nav, 99))
    return [Link(capfirst(entity.label), _address(f"{entity.slug}:new"), entity.icon) for entity in found[:9]]


def siblings(entity: Entity, actor: Any, here: str = "") -> list[Link]:
    """The other pages under the same word, or of the same chapter, for the row of links above a list.

    `here` is the address of a page that shows them; without it they stand above the list of the entity.
    """
    links = under(entity.nav, actor) if entity.nav else []
    if any(each.word == entity.nav for each in _chapters):
        overview = [link for link in links if link.name == entity.nav]
        own = [members for _label, members in chapters(entity.nav, actor) if entity.name in {m.name for m in members}]
        links = [*overview, *(own[0] if own else [])]
    here = here or _address(f"{entity.slug}:list")
    return [Link(link.label, link.url, link.icon, link.url == here) for link in links] if len(links) > 1 else []


def others(entity: Entity, actor: Any) -> list[tuple[str, list[Link]]]:
    """The other chapters of a word that has no overview page, each with what this actor may open."""
    if not any(each.word == entity.nav for each in _chapters) or any(each.url_name == entity.nav for each in _pages):
        return []
    found = chapters(entity.nav, actor)
    return [(label, links) for label, links in found if entity.name not in {link.name for link in links}]


def context(request: Any) -> dict[str, Any]:
    """Context processor: the frame's navigation and «New» menu, and what its kept parts depend on."""
    actor = getattr(request, "user", None)
    if actor is None or not actor.is_authenticated:
        return {}
    groups, new = of(actor, request.path), quick_create(actor)
    links = tuple((link.url, link.active) for group in groups for link in group)
    # Pages that stand under no word may be marked by the frame themselves.
    apart = "" if any(active for _url, active in links) else request.path
    key = (actor.pk, actor.version, actor.unit_id, links, tuple(link.url for link in new), apart)
    return {"nav": groups, "quick_create": new, "frame_key": key}
