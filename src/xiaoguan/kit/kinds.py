"""What a field's kind knows: how to read text, write cells and filter; shared by form, API, import and export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.choices import CallableChoiceIterator

from xiaoguan.calc.errors import MoneyError
from xiaoguan.calc.money import RATE_ONE, to_minor
from xiaoguan.kit import clock
from xiaoguan.kit.fields import MoneyField, PercentField
from xiaoguan.kit.spans import span
from xiaoguan.lexicon import dates, numerals

ALL = "&"
"""Stands between codes in the address of a list where a record must have all of them; a comma stands for any."""


class Unparsable(ValueError):
    """Text that is no value of its kind; `code` is translated by whoever shows it."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.text = text


class Kind:
    """Plain text; the base of the others."""

    code = "text"
    align = "start"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> Any:
        """Turn a person's text into the stored value; raises Unparsable with a code."""
        text = text.strip()
        limit = getattr(field, "max_length", None)
        if limit and len(text) > limit:
            raise Unparsable("too_long", text)
        return text

    def plain(self, value: Any) -> Any:
        """The cell of an export: text, number, date, or None."""
        return value

    def told(self, value: Any) -> str:
        """A stored value in words, as lists and records show it."""
        return str(value)

    def said(self, raw: str) -> str:
        """What a chip says behind the field's name; empty: as for any text."""
        return ""

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """The condition behind `?name=raw`: contained, or with `=` in front the whole; Unparsable on nonsense."""
        if raw == "none":
            return Q(**{path: ""}) | Q(**{f"{path}__isnull": True})
        if raw.startswith("="):
            return Q(**{f"{path}__iexact": raw[1:]})
        return Q(**{f"{path}__icontains": raw})


class Number(Kind):
    """Whole numbers; `a..b` is a range with either end open."""

    code = "number"
    align = "end"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> int | None:
        """A whole number in any of the styles of the lexicon."""
        found = amount(text, **hints)
        if found is None:
            return None
        if found != int(found):
            raise Unparsable("not_whole", text)
        return int(found)

    def stored(self, text: str) -> int:
        """One end of a filter's range as stored."""
        found = amount(text)
        if found is None:
            raise Unparsable("not_a_number", text)
        return int(found)

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """`5`, `5..9`, `5..`, `..9` or `none`."""
        if raw == "none":
            return Q(**{f"{path}__isnull": True})
        low, mark, high = raw.partition("..")
        if not mark:
            return Q(**{path: self.stored(raw)})
        found = Q()
        if low:
            found &= Q(**{f"{path}__gte": self.stored(low)})
        if high:
            found &= Q(**{f"{path}__lte": self.stored(high)})
        return found


class Money(Number):
    """Fen; text and filters are in yuan unless they name a unit."""

    code = "money"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> int | None:
        """Exact fen from any style; `unit` in hints multiplies bare numbers."""
        found = amount(text, **hints)
        return None if found is None else _minor(found, text)

    def stored(self, text: str) -> int:
        """One end of a range in fen."""
        found = amount(text)
        if found is None:
            raise Unparsable("not_a_number", text)
        return _minor(found, text)

    def plain(self, value: Any) -> Any:
        """Yuan with two decimals, exact."""
        return None if value is None else Decimal(value).scaleb(-2)


class Percent(Number):
    """Rates of 1/100,000; text is in per cent."""

    code = "percent"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> int | None:
        """`35`, `35%` or `0.35` with a sign of a fraction are per cent."""
        bare = text.strip().replace("％", "%").removesuffix("%")
        found = amount(bare)
        return None if found is None else int((found * RATE_ONE / 100).to_integral_value())

    def stored(self, text: str) -> int:
        """One end of a range."""
        return int(amount(text.removesuffix("%")) or 0) * RATE_ONE // 100

    def plain(self, value: Any) -> Any:
        """Per cent as a decimal."""
        return None if value is None else Decimal(value) * 100 / RATE_ONE


class Date(Kind):
    """Business dates; filters take `a..b` and words such as `this_month`."""

    code = "date"
    align = "end"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> dt.date | None:
        """A date in any style; `order` in hints says how to read 03/04/2017."""
        result = dates.parse(text, order=hints.get("order", "ymd"))
        if result.code:
            raise Unparsable(result.code, text)
        return result.value

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """One day, a range, a relative word or `none`."""
        if raw == "none":
            return Q(**{f"{path}__isnull": True})
        first, last = span(raw, clock.today())
        return self.between(path, first, last)

    def between(self, path: str, first: dt.date | None, last: dt.date | None) -> Q:
        """The condition for a closed range with open ends."""
        found = Q()
        if first:
            found &= Q(**{f"{path}__gte": first})
        if last:
            found &= Q(**{f"{path}__lte": last})
        return found


class Moment(Date):
    """Points in time; filtered by the company's days."""

    code = "moment"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> dt.datetime | None:
        """Midnight of the day in the company's zone where no time is given."""
        found = dates.parse_moment(text, order=hints.get("order", "ymd"))
        if found.code:
            raise Unparsable(found.code, text)
        return None if found.value is None else found.value.replace(tzinfo=clock.zone())

    def plain(self, value: Any) -> Any:
        """Local wall time without zone, as a spreadsheet wants it."""
        return None if value is None else clock.local(value).replace(tzinfo=None)

    def between(self, path: str, first: dt.date | None, last: dt.date | None) -> Q:
        """Whole local days."""
        found = Q()
        if first:
            found &= Q(**{f"{path}__gte": _moment(first)})
        if last:
            after = last + dt.timedelta(days=1)
            found &= Q(**{f"{path}__lt": _moment(after)})
        return found


class TimeOfDay(Kind):
    """Wall time of a day."""

    code = "time"
    align = "end"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> dt.time | None:
        """`9:30` or `09:30:00`."""
        if not text.strip():
            return None
        try:
            return dt.time.fromisoformat(text.strip().zfill(5))
        except ValueError:
            raise Unparsable("not_a_time", text) from None

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """An exact time or `none`."""
        return Q(**{f"{path}__isnull": True}) if raw == "none" else Q(**{path: raw})


class YesNo(Kind):
    """True or false."""

    code = "yesno"
    words = {"1": True, "true": True, "yes": True, "y": True, "0": False, "false": False, "no": False, "n": False}

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> bool | None:
        """English words and digits; the importer adds the lexicon's."""
        if not text.strip():
            return None
        try:
            return self.words[text.strip().lower()]
        except KeyError:
            raise Unparsable("not_yes_or_no", text) from None

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """`1` or `0`."""
        return Q(**{path: self.words.get(raw.lower(), False)})


class Choice(Kind):
    """One of a closed list of codes."""

    code = "choice"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> str:
        """A code, or the label as shown in the reader's language."""
        text = text.strip()
        for code, label in field.flatchoices:
            if text in (str(code), str(label)) or text.lower() == str(label).lower():
                return code
        if not text and field.blank:
            return ""
        raise Unparsable("not_a_choice", text)

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """Codes separated by commas; a leading `!` means none of them."""
        if raw == "none":
            return Q(**{path: ""})
        if raw.startswith("!"):
            return ~Q(**{f"{path}__in": raw[1:].split(",")})
        return Q(**{f"{path}__in": raw.split(",")})


class Link(Kind):
    """A reference to another record."""

    code = "link"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> Any:
        """References are matched in bulk by the importer, never one by one here."""
        raise Unparsable("needs_matching", text)

    def plain(self, value: Any) -> Any:
        """The title of the linked record."""
        return None if value is None else str(value)

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """Ids separated by commas, or `none`."""
        if raw == "none":
            return Q(**{f"{path}__isnull": True})
        return Q(**{f"{path}__in": _ids(raw)})


class PersonLink(Link):
    """A reference to a person: `me` and `team` work too."""

    code = "person"

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """`me`, `team` (everybody in reach), ids, or `none`."""
        found, ids = Q(), []
        for part in raw.split(","):
            if part == "me":
                ids.append(actor.pk)
            elif part == "team":
                found |= Q(**{f"{path}__in": actor.reach_ids()})
            elif part == "none":
                found |= Q(**{f"{path}__isnull": True})
            else:
                ids += _ids(part)
        return found | Q(**{f"{path}__in": ids}) if ids else found


def _moment(day: dt.date) -> dt.datetime:
    """The first moment of a day where the company is."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=clock.zone())


def _ids(raw: str) -> list[int]:
    try:
        return [int(part) for part in raw.split(",") if part]
    except ValueError:
        raise Unparsable("not_a_record", raw) from None


def amount(text: str, *, unit: str = "", **_hints: Any) -> Decimal | None:
    """The number in a text, in any of the styles of the lexicon; None for an empty one."""
    result = numerals.parse(text, unit=unit)
    if result.code:
        raise Unparsable(result.code, text)
    return result.value


def _minor(value: Decimal, text: str) -> int:
    try:
        return to_minor(value, rounding=True)
    except MoneyError:
        raise Unparsable("too_large", text) from None


TEXT, NUMBER, MONEY, PERCENT = Kind(), Number(), Money(), Percent()
DATE, MOMENT, TIME, YESNO, CHOICE = Date(), Moment(), TimeOfDay(), YesNo(), Choice()
LINK, PERSON = Link(), PersonLink()

_RULES: list[tuple[Callable[[Any], bool], Kind]] = [
    (lambda f: f.is_relation and f.related_model._meta.label == settings.AUTH_USER_MODEL, PERSON),
    (lambda f: f.is_relation, LINK),
    (lambda f: isinstance(f.choices, CallableChoiceIterator) or bool(f.flatchoices), CHOICE),
    (lambda f: isinstance(f, MoneyField), MONEY),
    (lambda f: isinstance(f, PercentField), PERCENT),
    (lambda f: isinstance(f, models.DateTimeField), MOMENT),
    (lambda f: isinstance(f, models.DateField), DATE),
    (lambda f: isinstance(f, models.TimeField), TIME),
    (lambda f: isinstance(f, models.BooleanField), YESNO),
    (lambda f: isinstance(f, models.IntegerField | models.DecimalField | models.FloatField), NUMBER),
]


def register(of_field: type[models.Field[Any, Any]], kind: Kind) -> None:
    """Give the fields of a class their own kind; the class is an app's own."""
    _RULES.insert(0, (lambda f: isinstance(f, of_field), kind))


def person_model() -> Any:
    """The model of people."""
    return apps.get_model(settings.AUTH_USER_MODEL)


def of(field: models.Field[Any, Any]) -> Kind:
    """The kind of a model field."""
    for applies, kind in _RULES:
        if applies(field):
            return kind
    return TEXT
