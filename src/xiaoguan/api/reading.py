"""Reading: the rows of a list, or one record, as JSON; straight from values, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xiaoguan.api import cursor, shape, values
from xiaoguan.api.problems import Problem, denied, not_found
from xiaoguan.kit import access, titles
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.listing import Listing

LIMIT = 50
MOST = 500
OWN = ("limit", "cursor", "fields", "expand", "count")
"""Parameters with a meaning of their own; the others are those of the list's address."""


@dataclass(frozen=True)
class Choice:
    """What of each record is asked for: `fields`, and links to be shown with their title."""

    columns: list[Column]
    expand: list[Column]

    @classmethod
    def of(cls, entity: Entity, actor: Any, params: Mapping[str, str]) -> Choice:
        """Read `fields` and `expand`; raises Problem 400 for names that are not there for this actor."""
        known = {column.path: column for column in shape.readable(entity, actor)}
        fields, expand = _names(params, "fields"), _names(params, "expand")
        wrong = [name for name in fields if name not in known and name not in (*shape.FIXED, shape.EXTRA)]
        wrong += [name for name in expand if name not in known or not shape.is_link(known[name])]
        if wrong:
            raise Problem(400, "unknown_field", _("There is no field “%(name)s” here.") % {"name": wrong[0][:60]})
        own = [column for path, column in known.items() if shape.is_own(path) and shape.EXTRA in fields]
        chosen = [*own, *(known[name] for name in fields if name in known)] if fields else list(known.values())
        links = [known[name] for name in expand]
        return cls(list(dict.fromkeys([*chosen, *links])), links)


def _names(params: Mapping[str, str], name: str) -> list[str]:
    return [part for part in params.get(name, "").split(",") if part]


def page(entity: Entity, actor: Any, params: Mapping[str, str]) -> dict[str, Any]:
    """One page of a list: `data`, `next` (a cursor or null), and `count` where it is asked for."""
    if not access.may(actor, "view", entity.model):
        raise not_found()
    choice = Choice.of(entity, actor, params)
    listing = _listing(entity, actor, params)
    limit, counted = _limit(params), params.get("count", "0")
    if counted not in ("0", "1"):
        raise Problem(400, "bad_count", _("Write count=1 to have all that match counted."))
    rows = listing.ordered(listing.matching)
    if text := params.get("cursor"):
        rows = rows.filter(cursor.after(listing, text))
    order = cursor.steps(listing)
    extra = {f"_sort{index}": step.path for index, step in enumerate(order)}
    found = _values(rows, choice, list(extra.values()))[: limit + 1]
    read = list(found)
    body: dict[str, Any] = {"data": shown(read[:limit], choice, actor), "next": None}
    if len(read) > limit:
        last = read[limit - 1]
        body["next"] = cursor.encode(listing.sort, [last[step.path] for step in order])
    if counted == "1":
        body["count"] = listing.totals.count
    return body


def following(path: str, params: Mapping[str, str], token: str) -> str:
    """The address of the next page."""
    return f"{path}?{urlencode({**params, 'cursor': token})}"


def _listing(entity: Entity, actor: Any, params: Mapping[str, str]) -> Listing:
    own = {name: value for name, value in params.items() if name not in OWN}
    listing = Listing(entity, actor, {"view": "all", **own})
    listing.sort  # noqa: B018  reads the order, and says what is wrong with it
    if listing.problems:
        raise Problem(400, "bad_filter", listing.problems[0], errors=[{"message": text} for text in listing.problems])
    return listing


def _limit(params: Mapping[str, str]) -> int:
    raw = params.get("limit", str(LIMIT))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:6]) <= MOST:
        raise Problem(400, "bad_limit", _("A page has 1 to %(most)s records.") % {"most": MOST})
    return int(raw)


def one(entity: Entity, actor: Any, pk: int, params: Mapping[str, str]) -> dict[str, Any]:
    """One record; raises Problem 404 for who may not see it."""
    if not access.may(actor, "view", entity.model):
        raise not_found()
    choice = Choice.of(entity, actor, params)
    found = list(_values(access.visible(entity.model, actor).filter(pk=pk).order_by(), choice, ["pk"])[:1])
    if not found:
        raise not_found()
    return shown(found, choice, actor)[0]


def _values(rows: QuerySet[Any], choice: Choice, also: Sequence[str]) -> QuerySet[Any]:
    names = [column.path for column in choice.columns]
    return rows.values(*dict.fromkeys([*shape.FIXED, *names, *also]))


def shown(rows: Sequence[Mapping[str, Any]], choice: Choice, actor: Any) -> list[dict[str, Any]]:
    """Rows of values as JSON objects; expanded links in one query per kind of record, own fields in `extra`."""
    named = {column.path: _titles(rows, column, actor) for column in choice.expand}
    plain = list(shape.FIXED)
    plain += [column.path for column in choice.columns if column.path not in named and not shape.is_own(column.path)]
    links = [path for path in named if not shape.is_own(path)]
    own = [column.path for column in choice.columns if shape.is_own(column.path)]
    found = []
    for row in rows:
        body = {path: values.out(row[path]) for path in plain}
        for path in links:
            body[path] = _link(row[path], named[path])
        if own:
            body[shape.EXTRA] = {
                shape.key(path): _link(row[path], named[path]) if path in named else values.out(row[path])
                for path in own
            }
        found.append(body)
    return found


def _titles(rows: Sequence[Mapping[str, Any]], column: Column, actor: Any) -> dict[int, dict[str, Any]]:
    """What an expanded link shows, by id; records out of sight are not there."""
    model: Any = column.field.related_model
    ids = {row[column.path] for row in rows if row[column.path] is not None}
    if not ids or model._meta.label_lower not in entities:
        return {}
    known = titles.of_ids(model, ids, actor)
    uids = dict(model._default_manager.filter(pk__in=list(known)).values_list("pk", "uid"))
    return {pk: {"id": pk, "uid": str(uids[pk]), "title": title} for pk, title in known.items() if pk in uids}


def _link(pk: int | None, known: Mapping[int, dict[str, Any]]) -> dict[str, Any] | None:
    if pk is None:
        return None
    return known.get(pk, {"id": pk, "uid": None, "title": None})


def require(allowed: bool) -> None:
    """Raise Problem 403 unless allowed."""
    if not allowed:
        raise denied()
