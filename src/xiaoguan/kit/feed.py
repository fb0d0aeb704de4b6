"""Writing and reading the feed that rollups, caches and replicas follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from xiaoguan.kit import memo
from xiaoguan.kit.append import append
from xiaoguan.kit.models.change import Change, ChangeRow, Feed

RANGE_FROM = 20
LATEST = 200
"""How many entries a token looks at: more writes than this may not overtake one open transaction."""


ALWAYS: set[str] = set()
"""What every page depends on: the first question of a page asks for these tokens too."""
SECONDS = 2

_asked: ContextVar[dict[str, int] | None] = ContextVar("xiaoguan_feed_tokens", default=None)
_page: ContextVar[Page | None] = ContextVar("xiaoguan_feed_page", default=None)


@dataclass
class Page:
    """The route of the page that is being made, and the tokens it has used."""

    route: str
    used: set[str] = field(default_factory=set)

    def before(self) -> frozenset[str]:
        """The tokens that the same page used the last time."""
        found: frozenset[str] = memo.remember(("used", self.route), None, frozenset)
        return found

    def keep(self) -> None:
        """Remember them for the next time."""
        if self.used != self.before():
            memo.drop(("used", self.route))
            memo.remember(("used", self.route), None, lambda: frozenset(self.used))


def _transaction_id() -> int:
    """PostgreSQL's id of the running transaction; 0 on SQLite, which commits in the order of its one writer."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def record(change: Change, rows: Sequence[ChangeRow], derived: Mapping[str, Iterable[int]] | None = None) -> None:
    """One entry per record, or one per entity when a change is wider than RANGE_FROM records.

    `derived` names rows by entity whose derived columns were stored: not audited, but caches must know.
    """
    ids: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        ids[row.entity].add(row.object_id)
    for entity, touched in (derived or {}).items():
        ids[entity].update(touched)
    xid, entries = _transaction_id(), []
    for entity, members in ids.items():
        named: Sequence[int | None] = sorted(members) if len(members) <= RANGE_FROM else [None]
        entries += [Feed(entity=entity, object_id=one, change=change, xid=xid) for one in named]
    append(Feed, entries)
    for entity in ids:
        memo.drop(("token", entity))
    if (asked := _asked.get()) is not None:
        asked.clear()


def stir(entity: str) -> None:
    """Tell that derived values of an entity changed, in more rows than one would name."""
    append(Feed, [Feed(entity=entity, xid=_transaction_id())])
    memo.drop(("token", entity))
    if (asked := _asked.get()) is not None:
        asked.clear()


@contextmanager
def asked_once() -> Iterator[None]:
    """Ask for every token once inside a `with` block: what is remembered by an early token is at worst too new."""
    token = _asked.set({})
    try:
        yield
    finally:
        _asked.reset(token)


def is_asked_once() -> bool:
    """Whether tokens are shared here, as they are while a page is made."""
    return _asked.get() is not None


class TokensMiddleware:
    """Lets all parts of one page share the tokens that the first of them asked for.

    With its own the first part asks for those that the same page needed the last time: one statement, not ten.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the page; what it writes itself makes it ask again."""
        with asked_once():
            token = _page.set(None)
            try:
                return self.get_response(request)
            finally:
                if (page := _page.get()) is not None:
                    page.keep()
                _page.reset(token)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Know which page it is."""
        match = request.resolver_match
        _page.set(Page(match.view_name if match else ""))


def versions(*entities: str) -> dict[str, int]:
    """A token per entity (0 before its first entry) that grows whenever one of its rows is written; one query.

    On SQLite entries become visible in the order of `seq`, so the newest one is enough. On PostgreSQL an
    older entry may be committed later: the sum of the latest ones grows then too, their maximum would not.
    """
    asked = _asked.get()
    if asked is None:
        return _versions(entities)
    page = _page.get()
    if page is not None:
        page.used.update(entities)
    if unknown := [name for name in entities if name not in asked]:
        soon = ALWAYS | (page.before() if page is not None else set())
        asked.update(_versions([*unknown, *sorted(soon - asked.keys() - set(unknown))]))
    return {name: asked[name] for name in entities}


def _versions(entities: Sequence[str]) -> dict[str, int]:
    """The tokens as the database has them now."""
    if not entities:
        return {}
    table = Feed._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One subquery for all, planned once: a branch for each took longer to plan than to answer.
            latest = f"SELECT seq FROM {table} WHERE entity = asked.name ORDER BY seq DESC LIMIT {LATEST}"
            token = f"(SELECT SUM(seq)::bigint FROM ({latest}) AS latest)"
            cursor.execute(f"SELECT asked.name, {token} FROM unnest(%s::text[]) AS asked(name)", [list(entities)])
        else:
            # A maximum over `entity IN (…)` would walk every entry of these entities; one branch each reads one.
            token = f"SELECT %s, (SELECT MAX(seq) FROM {table} WHERE entity = %s)"
            cursor.execute(
                " UNION ALL ".join([token] * len(entities)), [name for one in entities for name in (one, one)]
            )
        return {name: last or 0 for name, last in cursor.fetchall()}


def recent(entity: str) -> int:
    """A token for what is asked for with every row: outside a page it may be two seconds old, but for own writes."""
    if is_asked_once():
        return versions(entity)[entity]
    bucket = int(monotonic() // SECONDS)
    token: int = memo.remember(("token", entity), bucket, lambda: versions(entity)[entity])
    return token


def version(*entities: str) -> int:
    """One token over several entities: changes whenever any of their rows does."""
    return sum(versions(*entities).values())
