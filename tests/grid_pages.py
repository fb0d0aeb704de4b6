"""The pages every entity has from the kit, and what each asks of whom; beside the table of rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.test import Client

from xiaoguan.kit.entity import Entity

from tests.cast import Cast

# What a page of the kit answers to whom: the letter it needs, and whether it speaks of the record.
PAGES = {
    "list": ("l", False),
    "counts": ("l", False),
    "options": ("l", False),
    "menu": ("l", False),
    "where": ("l", False),
    "views": ("l", False),
    "view_save": ("l", False),
    "calendar": ("l", False),
    "bulk_done": ("post", False),
    "filter": ("l", False),
    "board": ("l", False),
    "board_column": ("l", False),
    "new": ("n", False),
    "line": ("n", False),
    "export": ("x", False),
    "print": ("x", False),
    "bin": ("b", False),
    "bulk": ("post", False),
    "detail": ("v", True),
    "timeline": ("v", True),
    "tab": ("v", True),
    "edit": ("e", True),
    "cell": ("e", True),
    "calendar_move": ("e", True),
    "delete": ("d", True),
    "paper": ("v", True),
    "star": ("post", True),
    "seen": ("post", True),
    "restore": ("post", True),
    "do": ("verb", True),
}


def addresses(entity: Entity, row: Any) -> Iterator[tuple[str, str]]:
    """(page, address) of every page of the kit that this entity has and that has something to answer."""
    for page in ("list", "counts", "options", "menu", "where", "views", "view_save", "export", "print", "bin"):
        yield page, entity.url(page)
    if entity.names("filter"):
        yield "filter", entity.url("filter", entity.names("filter")[0])
    if entity.board:
        yield "board", entity.url("board")
    if entity.calendar:
        yield "calendar", entity.url("calendar")
        yield "calendar_move", entity.url("calendar_move", row)
    if entity.names("form"):
        yield "new", entity.url("new")
        yield "edit", entity.url("edit", row)
        yield "cell", f"{entity.url('cell', row)}?field={entity.names('form')[0]}"
    for page in ("detail", "paper", "timeline", "delete"):
        yield page, entity.url(page, row)
    yield "detail", f"{entity.url('detail', row)}?panel=1"
    for name in entity.actions:
        yield f"do {name}", entity.url("do", row, name)


def signed_in(cast: Cast, roles: Iterable[str]) -> dict[str, Client]:
    """A browser for every role."""
    clients = {role: Client() for role in roles}
    for role, client in clients.items():
        client.force_login(getattr(cast, role))
    return clients
