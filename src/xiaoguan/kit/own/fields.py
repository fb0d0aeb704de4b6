"""What stands for a model field where a column is an own field: validation, storage and SQL by kind."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Transform

from xiaoguan.kit import kinds
from xiaoguan.kit.entity import Column, entities
from xiaoguan.kit.extra import PREFIX
from xiaoguan.kit.fields import MoneyField
from xiaoguan.kit.models.own import FieldKind, OwnField
from xiaoguan.kit.own.kinds import CHOICES, DECIMALS, FILE, PHONE, Reference
from xiaoguan.kit.problems import sentence

TEXT_LENGTH, ADDRESS_LENGTH, FILE_LENGTH = 200, 300, 240


class Own(models.Field):
    """Mixed into a model field that no table has: it reads and writes one key of the record's JSON."""

    key: str
    parts: frozenset[str]
    active: bool
    definition: OwnField
    reads: frozenset[str] = frozenset()
    """The paths a formula is made of: who may not see one of them does not see it either."""
    node: Any = None
    """A formula as `calc.formula` has read it; None for other kinds and where it can't be read any more."""
    whole = False
    """Whether the stored value is a whole number."""

    def bind(self, model: type[models.Model], definition: OwnField) -> None:
        """Become the field of a definition on a model."""
        self.definition, self.key, self.active = definition, definition.key, definition.active
        self.set_attributes_from_name(PREFIX + self.key)
        self.column = "extra"
        self.model = model
        self.editable = definition.kind != FieldKind.FORMULA
        self.parts = frozenset(_parts(definition))

    def sql(self, lhs: str, vendor: str) -> str:
        """The stored value as an expression; the key is safe, as a definition's code is checked."""
        if vendor == "postgresql":
            return f"(({lhs} ->> '{self.key}')::bigint)" if self.whole else f"({lhs} ->> '{self.key}')"
        return f"JSON_EXTRACT({lhs}, '$.{self.key}')"

    def stored(self, value: Any) -> Any:
        """A value as JSON keeps it, None for nothing; raises ValidationError."""
        if value in (None, "", []):
            return None
        if self.max_length and len(value) > self.max_length:
            raise ValidationError(sentence("too_long"))
        if self.flatchoices and value not in dict(self.flatchoices):
            raise ValidationError(sentence("not_a_choice"))
        return str(value)

    def to_python(self, value: Any) -> Any:
        """A stored value as what it is."""
        return value

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """The same for what a query gives."""
        return None if value is None else self.to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        """What a condition compares with."""
        return None if value is None else self.stored(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """A stored value is one of the database already."""
        return value if prepared else self.get_prep_value(value)


class OwnText(Own, models.CharField):
    """A line of text, an address, or one of a list of codes."""


class OwnLong(Own, models.TextField):
    """Sentences."""


class OwnPhone(Own, models.CharField):
    """Digits, stored as the kind reads them."""


class OwnFile(Own, models.CharField):
    """A stored file, kept as its id and name."""

    def stored(self, value: Any) -> Any:
        """The token of a reference; a condition compares with whatever part of it is asked for."""
        return super().stored(getattr(value, "token", value))

    def to_python(self, value: Any) -> Any:
        """The reference."""
        return Reference.of(value) if isinstance(value, str) and value else value or None


class OwnWhole(Own, models.BigIntegerField):
    """A number, stored as a whole one: with two decimals 12.34 is 1234."""

    whole = True
    decimals = 0

    def stored(self, value: Any) -> Any:
        """Scaled by the decimals."""
        if value in (None, ""):
            return None
        scaled = Decimal(value).scaleb(self.decimals)
        if scaled != scaled.to_integral_value() or abs(scaled) >= 2**63:
            raise ValidationError(sentence("too_large" if abs(scaled) >= 2**63 else "not_whole"))
        return int(scaled)

    def to_python(self, value: Any) -> Any:
        """An int, or a Decimal where there are decimals."""
        if value is None:
            return None
        return Decimal(int(value)).scaleb(-self.decimals) if self.decimals else int(value)


class OwnMoney(OwnWhole, MoneyField):
    """Whole fen."""


class OwnDate(Own, models.DateField):
    """A day as ISO text, which sorts by itself."""

    def get_internal_type(self) -> str:
        """It is text to the database."""
        return "CharField"

    def stored(self, value: Any) -> Any:
        """2026-11-27."""
        day = models.DateField.to_python(self, value) if value not in (None, "") else None
        return None if day is None else day.isoformat()

    def to_python(self, value: Any) -> Any:
        """A date."""
        return dt.date.fromisoformat(value) if isinstance(value, str) and value else value or None


class OwnTime(Own, models.TimeField):
    """A time of day as text."""

    def get_internal_type(self) -> str:
        """It is text to the database."""
        return "CharField"

    def stored(self, value: Any) -> Any:
        """09:30."""
        time = models.TimeField.to_python(self, value) if value not in (None, "") else None
        return None if time is None else time.strftime("%H:%M")

    def to_python(self, value: Any) -> Any:
        """A time."""
        return dt.time.fromisoformat(value) if isinstance(value, str) and value else value or None


class OwnChoices(Own, models.CharField):
    """Several codes as a list."""

    def stored(self, value: Any) -> Any:
        """Known codes in the order of the options, each once."""
        chosen = set(value or ())
        if chosen - dict(self.flatchoices).keys():
            raise ValidationError(sentence("not_a_choice"))
        return [code for code, _label in self.flatchoices if code in chosen] or None

    def to_python(self, value: Any) -> Any:
        """A list; a query gives its JSON text."""
        return json.loads(value) if isinstance(value, str) and value else value or None

    def get_prep_value(self, value: Any) -> Any:
        """Conditions look for a code in the JSON text."""
        return value


class OwnLink(Own, models.BigIntegerField):
    """The id of another record; a query may go on to the fields of its title, as through a foreign key."""

    whole = True

    def link(self, target: type[models.Model]) -> None:
        """Say what it points at."""
        self.is_relation, self.related_model = True, target

    def get_limit_choices_to(self) -> dict[str, Any]:
        """Every visible record may be chosen."""
        return {}

    def stored(self, value: Any) -> Any:
        """The id of a record, or an id."""
        found = getattr(value, "pk", value)
        return None if found in (None, "") else int(found)

    def to_python(self, value: Any) -> Any:
        """The id."""
        return None if value is None else int(value)

    def get_transform(self, lookup_name: str) -> Any:
        """The linked record's field, looked up by its id."""
        try:
            field: Any = self.related_model._meta.get_field(lookup_name)
        except models.FieldDoesNotExist:
            return super().get_transform(lookup_name)
        if not field.is_relation:
            return lambda lhs: Beyond(lhs, self.related_model, field, field)
        onward = OwnLink(null=True)
        onward.link(field.related_model)
        onward.name, onward.model = lookup_name, self.related_model
        return lambda lhs: Beyond(lhs, self.related_model, field, onward)


class Beyond(Transform):
    """A field of the record that an own link points at."""

    def __init__(self, lhs: Any, target: Any, field: Any, output: Any) -> None:
        super().__init__(lhs, output_field=output)
        self.target, self.wanted = target, field

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """A look-up by primary key, once for each row that is shown."""
        lhs, params = compiler.compile(self.source_expressions[0])
        quote, meta = connection.ops.quote_name, self.target._meta
        table, pk, column = quote(meta.db_table), quote(meta.pk.column), quote(self.wanted.column)
        return f"(SELECT linked.{column} FROM {table} linked WHERE linked.{pk} = {lhs})", params


@dataclass(frozen=True)
class OwnColumn(Column):
    """A column of own values; `field` stands for a model field, links hold their id without a join."""

    @property
    def relations(self) -> str:
        """There is nothing to join."""
        return ""

    @property
    def key(self) -> str:
        """The path itself holds the id of a link."""
        return self.path

    def value(self, row: models.Model) -> Any:
        """The typed value; of a link the record."""
        found = getattr(row, self.path)
        if found is None or not self.field.is_relation:
            return found
        return self.field.related_model._default_manager.filter(pk=found).first()


def column_of(definition: OwnField, model: type[models.Model]) -> OwnColumn | None:
    """The column of a definition; None where what it links to is no longer there."""
    made = _field(definition)
    if made is None:
        return None
    field, kind = made
    field.bind(model, definition)
    return OwnColumn(PREFIX + definition.key, field, kind, definition.label)


def _field(definition: OwnField) -> tuple[Any, kinds.Kind] | None:
    given: dict[str, Any] = {
        "verbose_name": definition.label,
        "help_text": definition.help,
        "null": True,
        "blank": not definition.required or definition.kind == FieldKind.FORMULA,
    }
    kind = definition.holds
    if kind in (FieldKind.PERSON, FieldKind.RECORD):
        return _link(definition, given)
    if kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        given["choices"] = [(each["code"], each["label"]) for each in definition.choices]
        several = kind == FieldKind.CHOICES
        return (OwnChoices(**given), CHOICES) if several else (OwnText(**given), kinds.CHOICE)
    if kind == FieldKind.NUMBER:
        whole = OwnWhole(**given)
        whole.decimals = definition.decimals
        return whole, DECIMALS if definition.decimals else kinds.NUMBER
    plain: dict[Any, tuple[Any, kinds.Kind, int | None]] = {
        FieldKind.TEXT: (OwnText, kinds.TEXT, TEXT_LENGTH),
        FieldKind.ADDRESS: (OwnText, kinds.TEXT, ADDRESS_LENGTH),
        FieldKind.LONG: (OwnLong, kinds.TEXT, None),
        FieldKind.MONEY: (OwnMoney, kinds.MONEY, None),
        FieldKind.DATE: (OwnDate, kinds.DATE, None),
        FieldKind.TIME: (OwnTime, kinds.TIME, None),
        FieldKind.PHONE: (OwnPhone, PHONE, 40),
        FieldKind.FILE: (OwnFile, FILE, FILE_LENGTH),
    }
    made, how, length = plain[kind]
    return made(max_length=length, **given), how


def _link(definition: OwnField, given: dict[str, Any]) -> tuple[Any, kinds.Kind] | None:
    person = kinds.person_model()
    target = person if definition.kind == FieldKind.PERSON else getattr(entities.get(definition.target), "model", None)
    if target is None:
        return None
    field = OwnLink(**given)
    field.link(target)
    return field, kinds.PERSON if target is person else kinds.LINK


def _parts(definition: OwnField) -> list[str]:
    """Which parts of a declaration name it."""
    found = ["form"] if definition.kind != FieldKind.FORMULA else []
    if definition.holds != FieldKind.LONG:
        found.append("filter")
    if definition.in_list:
        found.append("list")
    if definition.holds in (FieldKind.NUMBER, FieldKind.MONEY):
        found.append("sums")
    if definition.holds in (FieldKind.TEXT, FieldKind.LONG, FieldKind.ADDRESS, FieldKind.PHONE):
        found.append("find")
    return [*found, "own"]
