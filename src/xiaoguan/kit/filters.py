"""Filters of a list: from what the address says to a condition, and to words for its chip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

from xiaoguan.kit import access, clock, kinds, render, titles
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.spans import span, word

INT64 = 2**63
LONGEST = 400
TOLD = 10_000
"""The hundredth of a wan, in fen: a finer amount is told as it was typed."""


NAMED = "is"
"""The parameter of named conditions: `?is=stuck`."""


@dataclass(frozen=True)
class Condition:
    """A condition that no single field can say, under a name; `give(actor)` answers it, `reads` names its fields."""

    code: str
    label: Any
    give: Callable[[Any], Q]
    reads: tuple[str, ...] = ()


_conditions: dict[str, dict[str, Condition]] = {}
_everywhere: dict[str, tuple[Any, Callable[[Entity, Any], Q]]] = {}


def everywhere(code: str, label: Any) -> Callable[[Callable[[Entity, Any], Q]], Callable[[Entity, Any], Q]]:
    """Name a condition of every list: the decorated function of entity and actor answers a Q."""

    def add(give: Callable[[Entity, Any], Q]) -> Callable[[Entity, Any], Q]:
        _everywhere[code] = (label, give)
        return give

    return add


def condition(
    model: type[models.Model], code: str, label: Any, *, reads: str = ""
) -> Callable[[Callable[[Any], Q]], Callable[[Any], Q]]:
    """Name a condition of a model's list: the decorated function of the actor answers a Q.

    `reads` names the fields it looks at: whoever may not see one of them is not offered the condition.
    """

    def add(give: Callable[[Any], Q]) -> Callable[[Any], Q]:
        found = Condition(code, label, give, tuple(reads.split()))
        _conditions.setdefault(model._meta.label_lower, {})[code] = found
        return give

    return add


def conditions(entity: Entity, actor: Any) -> dict[str, Condition]:
    """The named conditions this actor may use."""
    known = {code: Condition(code, label, partial(give, entity)) for code, (label, give) in _everywhere.items()}
    known |= _conditions.get(entity.name, {})
    return {c: each for c, each in known.items() if all(access.readable(actor, entity, name) for name in each.reads)}


_special: dict[str, Callable[[Entity, str, Any], Filter | None]] = {}


def special(name: str) -> Callable[[Callable[[Entity, str, Any], Filter | None]], Any]:
    """Answer a parameter of every list that is no field: the decorated function gives its filter, or None."""

    def add(give: Callable[[Entity, str, Any], Filter | None]) -> Any:
        _special[name] = give
        return give

    return add


@dataclass(frozen=True)
class Filter:
    """One condition of a list: its parameter, the text of the address, what it means to the database.

    `column` is the field it looks at; a named condition has none but says itself what it is.
    """

    name: str
    raw: str
    condition: Q
    column: Column | None = None
    said: str = ""

    @property
    def label(self) -> str:
        """The name of what is filtered, for people."""
        return label(self.column) if self.column else self.said


@cache
def _declared(entity: Entity) -> tuple[str, ...]:
    """Every field an address may filter by, those of the declaration's `filter` first."""
    found = [*entity.declared("filter"), *(["owner"] if entity.scope == "owner" else [])]
    for part in ("list", "form", "subtitle", "sums", "find", "title"):
        found += entity.declared(part)
    return tuple(dict.fromkeys([*found, *[name for name in (entity.board, entity.calendar) if name]]))


def names(entity: Entity, actor: Any) -> list[str]:
    """Every field an address may filter by; masked ones are absent."""
    wanted = (*_declared(entity), *entity.own_names("filter"))
    return [name for name in wanted if access.readable(actor, entity, name)]


def offered(entity: Entity, actor: Any) -> list[Column]:
    """The fields of the add-a-filter menu."""
    wanted = dict.fromkeys([*entity.names("filter"), *(["owner"] if entity.scope == "owner" else [])])
    return [entity.column(name) for name in wanted if access.readable(actor, entity, name)]


def read(entity: Entity, params: Mapping[str, str], actor: Any) -> tuple[list[Filter], list[str]]:
    """The filters of an address, and a sentence for each one that can't be used."""
    allowed = set(names(entity, actor))
    found: list[Filter] = []
    problems: list[str] = []
    for name, raw in params.items():
        if name in _special:
            found_special = _special[name](entity, raw, actor)
            if found_special is not None:
                found.append(found_special)
            else:
                problems.append(_("There is no filter “%(name)s” here; it was left out.") % {"name": name[:60]})
            continue
        if name == NAMED:
            _read_named(entity, raw, actor, found, problems)
            continue
        if name not in allowed:
            problems.append(_("There is no filter “%(name)s” here; it was left out.") % {"name": name[:60]})
            continue
        column = entity.column(name)
        try:
            found.append(Filter(name, raw, where(column, raw, actor), column))
        except (kinds.Unparsable, ValidationError, ValueError, OverflowError):
            words = {"name": label(column), "value": raw[:60]}
            problems.append(_("“%(value)s” is no value for %(name)s; this filter was left out.") % words)
    return found, problems


def _read_named(entity: Entity, raw: str, actor: Any, found: list[Filter], problems: list[str]) -> None:
    known = conditions(entity, actor)
    for code in raw.split(","):
        if code in known:
            found.append(Filter(NAMED, code, known[code].give(actor), said=capfirst(str(known[code].label))))
        else:
            problems.append(_("There is no filter “%(name)s” here; it was left out.") % {"name": code[:60]})


def where(column: Column, raw: str, actor: Any) -> Q:
    """The database's condition; `!` in front turns it round. Raises Unparsable or ValueError on nonsense."""
    if not raw or len(raw) > LONGEST or "\x00" in raw:
        raise kinds.Unparsable("not_a_filter", raw)
    empty = Q(**{f"{column.path}__isnull": True}) if column.own else Q()
    if column.own and raw in ("none", "!none"):
        return empty if raw == "none" else ~empty
    if raw.startswith("!"):
        return ~where(column, raw[1:], actor) | empty
    if column.kind.code in ("choice", "choices") and raw != "none":
        known = {str(code) for code, _label in column.field.flatchoices}
        if unknown := set(raw.replace(kinds.ALL, ",").split(",")) - known:
            raise kinds.Unparsable("not_a_choice", unknown.pop())
    if column.kind is kinds.CHOICE and raw == "none" and not column.field.empty_strings_allowed:
        return Q(**{f"{column.path}__isnull": True})  # codes that are numbers: an empty text is none of them
    if column.kind is kinds.YESNO and raw not in ("1", "0"):
        raise kinds.Unparsable("not_yes_or_no", raw)
    found = column.kind.where(column.path, raw, actor)
    for number in _numbers(found):
        if abs(number) >= INT64:
            raise kinds.Unparsable("too_large", raw)
    return found


def _numbers(condition: Q) -> list[int]:
    """Whole numbers inside a condition: a database refuses those beyond 64 bits."""
    found: list[int] = []
    for child in condition.children:
        if isinstance(child, Q):
            found += _numbers(child)
        else:
            value = child[1]
            found += [one for one in (value if isinstance(value, list) else [value]) if type(one) is int]
    return found


def label(column: Column) -> str:
    """The name of a column for people; of a linked record's field with the record in front."""
    own = capfirst(str(column.label))
    head, _mark, _leaf = column.path.rpartition("__")
    if not head or column.own:
        return own
    model = column.field.model
    return pgettext("a field of a linked record", "%(record)s: %(field)s") % {
        "record": capfirst(str(model._meta.verbose_name)),
        "field": str(column.label),
    }


def words(found: Filter, actor: Any) -> str:
    """What a chip says behind the field's name: `is me`, `11/01 to 03/31`, `contains roof`."""
    return "" if found.column is None else value_words(found.column, found.raw, actor)


def value_words(column: Column, raw: str, actor: Any) -> str:
    """What a value says behind a field's name."""
    kind = column.kind
    if raw.startswith("!"):
        return _("not %(words)s") % {"words": value_words(column, raw[1:], actor)}
    if raw == "none":
        return _("is empty")
    if said := kind.said(raw):
        return said
    if kind.code in ("person", "link"):
        return _linked(column, raw, actor)
    if kind.code in ("choice", "choices"):
        labels = {str(code): str(text) for code, text in column.field.flatchoices}
        if kinds.ALL in raw:
            return _("has all of %(names)s") % {
                "names": render.listed(labels.get(part, part) for part in raw.split(kinds.ALL))
            }
        return render.listed(labels.get(part, part) for part in raw.split(","))
    if kind.code == "yesno":
        return _("yes") if raw == "1" else _("no")
    if kind.code in ("date", "moment"):
        return _days(raw)
    if kind.code in ("text", "phone"):
        if raw.startswith("="):
            return _("is “%(text)s”") % {"text": raw[1:]}
        return _("contains “%(text)s”") % {"text": raw}
    ends = raw.split("..", 1)
    if kind.code == "money":
        ends = _sums(ends)
    return ends[0] if len(ends) == 1 else _range(*ends)


def _sums(texts: list[str]) -> list[str]:
    """Amounts in the reader's unit where that tells all of them to the last digit, else as they were typed."""
    try:
        fen = [kinds.MONEY.stored(text) if text else 0 for text in texts]
    except kinds.Unparsable:
        return texts
    if any(each % TOLD for each in fen):
        return texts
    return [render.money_text(each) if text else "" for each, text in zip(fen, texts, strict=True)]


def _days(raw: str) -> str:
    if said := word(raw):
        return said
    first, last = span(raw, clock.today())
    if first and last:
        if first == last:
            return str(render.day(first))
        return _("%(first)s to %(last)s") % {"first": render.day(first), "last": render.day(last)}
    if first:
        return _("from %(first)s") % {"first": render.day(first)}
    return _("until %(last)s") % {"last": render.day(last)}


def _range(low: str, high: str) -> str:
    if low and high:
        return f"{low} – {high}"
    return f"≥ {low}" if low else f"≤ {high}"


def _linked(column: Column, raw: str, actor: Any) -> str:
    """Names of the chosen records; those the actor can't see are only counted."""
    said = {"me": _("is me"), "team": _("is in my team"), "none": _("is empty")}
    parts = raw.split(",")
    words_ = [said[part] for part in parts if part in said]
    ids = [int(part) for part in parts if part not in said and part]
    known = titles.of_ids(column.field.related_model, ids, actor)
    words_ += [known[one] for one in ids if one in known]
    if hidden := len(ids) - len(known):
        words_.append(_("%(n)s not visible to you") % {"n": hidden})
    return render.listed(words_)
