"""From a cell to a stored value, through the same kinds that forms and the API use."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import override

from xiaoguan.kit import clock, kinds
from xiaoguan.kit.entity import entities
from xiaoguan.lexicon import choices, dates, numerals, sheets
from xiaoguan.lexicon.companies import match_key
from xiaoguan.tables.sheet import Cell, cell_text, is_blank
from xiaoguan.transfer.slots import Slot

NULLS = frozenset({"null", "\\n", "n/a", "#n/a", "nan", "none", "-", "--", "\u2014", "\u2014\u2014"})
SHORT_YEAR_FIRST = re.compile(r"^\d{2}[-/.]\d{1,2}[-/.]\d{1,2}$")
YEAR = re.compile(r"^(1[89]|20)\d\d$")
LARGEST = 2**63


choice_words: dict[str, Callable[[str], str]] = {}
"""By field (`org.Person.position`): words of the trade to the code of a choice, an empty text for none."""


class Reader:
    """Reads the cells of one column for one slot; equal texts are read once."""

    def __init__(self, slot: Slot, *, unit: str = "", order: str = "") -> None:
        self.slot = slot
        self.unit = unit
        self.order = order or "ymd"
        self._known: dict[tuple[type, Cell], Any] = {}
        self._choices = _spellings(slot.field) if slot.kind is kinds.CHOICE else {}
        self._words = choice_words.get(str(slot.field)) if slot.kind is kinds.CHOICE else None

    def read(self, cell: Cell) -> Any:
        """The stored value, None for an empty cell; raises Unparsable. Links are not read here."""
        if is_blank(cell):
            return None
        mark = (type(cell), cell)
        if mark in self._known:
            found = self._known[mark]
        else:
            try:
                found = self._read(cell)
            except kinds.Unparsable as problem:
                found = problem
            if len(self._known) < 50_000:
                self._known[mark] = found
        if isinstance(found, kinds.Unparsable):
            raise found
        return found

    def _read(self, cell: Cell) -> Any:
        kind, field = self.slot.kind, self.slot.field
        if self.slot.is_date:
            return self._date(cell)
        text = _figure_text(cell) if isinstance(cell, float | int) and not isinstance(cell, bool) else cell_text(cell)
        if text.lower() in NULLS:
            return None
        if kind is kinds.CHOICE:
            return self._choice(text)
        if kind is kinds.YESNO:
            return cell if isinstance(cell, bool) else self._yes_no(text)
        if isinstance(field, models.DecimalField) and (told := numerals.parse(text)).value is not None:
            return round(told.value, field.decimal_places)
        if isinstance(field, models.DecimalField | models.FloatField | models.UUIDField):
            return _by_django(field, text)
        if kind is kinds.MONEY and numerals.parse(text).currency not in ("", "CNY"):
            raise kinds.Unparsable("foreign_currency", text)
        if kind is kinds.PERCENT and self.unit == "fraction" and not text.endswith(("%", "\uff05")):
            text = format(Decimal(text) * 100, "f")
        value = kind.parse(text, field, unit=self.unit)
        if isinstance(value, str):
            return " ".join(value.split()) if not isinstance(field, models.TextField) else value
        if isinstance(value, int) and abs(value) >= LARGEST:
            raise kinds.Unparsable("too_large", text)
        return value

    def _date(self, cell: Cell) -> dt.date | dt.datetime | None:
        moment = self.slot.kind is kinds.MOMENT
        if isinstance(cell, dt.datetime):
            return cell.replace(tzinfo=clock.zone()) if moment else cell.date()
        if isinstance(cell, dt.date):
            return dt.datetime.combine(cell, dt.time.min, tzinfo=clock.zone()) if moment else cell
        text = cell_text(cell)
        if self.order == "year" and YEAR.match(text):
            return self.slot.kind.parse(f"{text}-01-01", self.slot.field)
        if isinstance(cell, float | int):
            serial = dates.from_serial(float(cell)) if not _packed(text) else None
            if serial is not None and serial.value is not None:
                return serial.value.replace(tzinfo=clock.zone()) if moment else serial.value.date()
        if self.order == "ymd" and SHORT_YEAR_FIRST.match(text):
            text = f"20{text}"
        order = "ymd" if self.order == "year" else self.order
        return self.slot.kind.parse(text, self.slot.field, order=order)

    def _choice(self, text: str) -> Any:
        found = self._choices.get(match_key(text))
        if found is None and self._words is not None:
            found = self._words(text) or None
        if found is None:
            raise kinds.Unparsable("not_a_choice", text)
        return found

    def _yes_no(self, text: str) -> bool:
        found = sheets.yes_or_no(text)
        if found is None:
            raise kinds.Unparsable("not_yes_or_no", text)
        return found


def _packed(text: str) -> bool:
    """A number such as 20010105 is a date written without separators."""
    return len(text) == 8 and text.startswith(("19", "20"))


def _figure_text(number: float | int) -> str:
    """A number without exponent and without the noise of binary fractions."""
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def _by_django(field: models.Field[Any, Any], text: str) -> Any:
    try:
        value = field.to_python(text)
        if isinstance(field, models.DecimalField) and field.decimal_places is not None:
            value = round(value, field.decimal_places)
    except ValidationError:
        raise kinds.Unparsable("not_a_number", text) from None
    return value


def _spellings(field: models.Field[Any, Any]) -> dict[str, Any]:
    """Every way a choice may be written: its code, its label in each language, and the lexicon's words for it."""
    found: dict[str, Any] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for code, label in field.flatchoices:
                found.setdefault(match_key(str(label)), code)
    for code, _label in field.flatchoices:
        found[match_key(str(code))] = code
    entity = entities.get(field.model._meta.label_lower) if hasattr(field, "model") else None
    if entity is not None:
        own = {str(code): code for code, _label in field.flatchoices}
        for word, code in choices.codes(entity.slug, field.name).items():
            if code in own:
                found.setdefault(word, own[code])
    found.pop("", None)
    return found
