"""Kinds that only own fields have: several choices, phone numbers, numbers with decimals, files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.safestring import SafeString

from xiaoguan.kit import kinds
from xiaoguan.kit.kinds import Kind, Number, Unparsable

SEPARATORS = re.compile("[,\uff0c\u3001;\uff1b|\n]+")
MOBILE = re.compile(r"1\d{10}\Z")
TWO_DIGIT_AREA = ("010", "02")


class Choices(Kind):
    """Several of a closed list of codes, stored as a list in the list's order."""

    code = "choices"

    def parse(self, text: str, field: Any, **hints: Any) -> list[str] | None:
        """Codes or labels with commas between them."""
        known = {str(label).strip().lower(): code for code, label in field.flatchoices}
        known |= {str(code): code for code, _label in field.flatchoices}
        parts = [part.strip() for part in SEPARATORS.split(text) if part.strip()]
        chosen = {known.get(part.lower(), "") for part in parts}
        if "" in chosen:
            raise Unparsable("not_a_choice", text)
        return [code for code, _label in field.flatchoices if code in chosen] or None

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """Codes separated by commas: records that have one of them; by `&`: that have all of them."""
        every = kinds.ALL in raw
        found = Q()
        for code in raw.split(kinds.ALL if every else ","):
            has = Q(**{f"{path}__contains": f'"{code}"'})
            found = found & has if every else found | has
        return found


class Phone(Kind):
    """A phone number: digits, with a plus in front of a foreign country's code and a dash before an extension."""

    code = "phone"

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> str:
        """The digits of any style; the country's own code is dropped."""
        text = text.strip()
        if not text:
            return ""
        head, _mark, extension = re.sub("(?:\u8f6c|ext\\.?|x|#)", "\x00", text, flags=re.IGNORECASE).partition("\x00")
        digits = re.sub(r"\D", "", head)
        plus = "+" if head.lstrip("' ").startswith(("+", "\uff0b", "00")) else ""
        digits = digits.removeprefix("00") if plus else digits
        if plus and digits.startswith("86"):
            plus, digits = "", digits[2:]
        extension = re.sub(r"\D", "", extension)
        if re.search(r"[^\W\d_]", head) or not 3 <= len(digits) <= 20 or len(extension) > 8:
            raise Unparsable("not_a_phone", text)
        return f"{plus}{digits}-{extension}" if extension else f"{plus}{digits}"

    def plain(self, value: Any) -> Any:
        """The display form: 138 1234 5678, 0512 5788 0000, +49 301234567."""
        if not value:
            return None
        number, dash, extension = str(value).partition("-")
        if MOBILE.match(number):
            number = f"{number[:3]} {number[3:7]} {number[7:]}"
        elif number.startswith("0"):
            area = 3 if number.startswith(TWO_DIGIT_AREA) else 4
            number = f"{number[:area]} {number[area:-4]} {number[-4:]}" if len(number) > area + 4 else number
        return f"{number} {dash} {extension}" if dash else number

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """Digits anywhere in the number."""
        digits = re.sub(r"[^\d+-]", "", raw)
        if not digits:
            raise Unparsable("not_a_phone", raw)
        return Q(**{f"{path}__contains": digits})


class Decimals(Number):
    """Numbers with a fixed number of decimals."""

    def parse(self, text: str, field: Any, **hints: Any) -> Decimal | None:  # type: ignore[override]
        """A number in any of the styles of the lexicon, no finer than the field."""
        if not text.strip():
            return None
        found = self.stored(text)
        try:
            value = found.quantize(Decimal(1).scaleb(-field.decimals))
        except InvalidOperation:
            raise Unparsable("too_large", text) from None
        if value != found:
            raise Unparsable("too_fine", text)
        if abs(value.scaleb(field.decimals)) >= 2**63:
            raise Unparsable("too_large", text)
        return value

    def stored(self, text: str) -> Decimal:  # type: ignore[override]
        """One end of a range, exact."""
        found = kinds.amount(text)
        if found is None:
            raise Unparsable("not_a_number", text)
        return found


@dataclass(frozen=True)
class Reference:
    """A stored file as a record refers to it: its id, and its name, so that lists and history need no look-up."""

    id: UUID
    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def token(self) -> str:
        """What is stored, and what a form sends."""
        return f"{self.id}/{self.name}"

    @staticmethod
    def of(token: str) -> Reference:
        """Read a token; raises ValueError for anything else."""
        found, slash, name = token.partition("/")
        if not slash or not name:
            raise ValueError(token)
        return Reference(UUID(found), name)


@dataclass(frozen=True)
class Shelf:
    """What the floor that stores files answers: the reference behind an id, a token or a name; how it looks."""

    find: Callable[[str], Reference | None]
    html: Callable[[Reference], SafeString]


shelves: list[Shelf] = []
"""The one place of files, once it is known."""


class File(Kind):
    """A stored file; text names one that is there already."""

    code = "file"

    def parse(self, text: str, field: Any, **hints: Any) -> Reference | None:
        """The file of an id, of a token, or of a name that only one file has."""
        if not text.strip():
            return None
        found = shelves[0].find(text.strip()) if shelves else None
        if found is None:
            raise Unparsable("not_a_file", text)
        return found

    def plain(self, value: Any) -> Any:
        """Its name."""
        return str(value) if value else None


CHOICES, PHONE, DECIMALS, FILE = Choices(), Phone(), Decimals(), File()
