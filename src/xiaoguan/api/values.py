"""Values as JSON: out exactly as stored, in through the checks that forms use.

Amounts are whole fen, rates hundred-thousandths, dates ISO, moments ISO with an offset, decimals text.
"""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models
from django.urls import reverse

from xiaoguan.kit import access, kinds
from xiaoguan.kit.entity import Column
from xiaoguan.kit.form import linked, read_value
from xiaoguan.kit.own.kinds import Reference

INT64 = 2**63


def out(value: Any) -> Any:
    """A stored value as JSON."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, Reference):
        return {"id": str(value.id), "name": value.name, "url": reverse("stored_file", args=[value.id])}
    return value


def taken(column: Column, given: Any, actor: Any, *, now: Any = None) -> Any:
    """The value to store for what a program sent; raises Unparsable or ValidationError.

    `now` is the id a link holds already, which may stay even where the actor can't see that record.
    """
    field, kind = column.field, column.kind
    if given is None:
        return read_value(column, "", actor)
    if kind.code in ("link", "person"):
        return _linked(field.related_model, given, actor, now)
    if kind.code == "file" and isinstance(given, dict):
        given = given.get("id")
    if kind.code == "yesno":
        return _of_type(given, bool, "not_yes_or_no")
    if kind.code == "choices":
        return _choices(column, _of_type(given, list, "not_a_choice"), actor)
    if isinstance(field, models.IntegerField) and kind.code != "choice" and not getattr(field, "decimals", 0):
        number = _whole(given)
        if abs(number) >= INT64:
            raise kinds.Unparsable("too_large", str(given))
        return number
    if kind.code in ("date", "moment", "time"):
        return _point(kind.code, _of_type(given, str, f"not_a_{'time' if kind.code == 'time' else 'date'}"))
    if kind.code == "choice":
        return _choice(field, given)
    if isinstance(field, models.DecimalField | models.FloatField | models.IntegerField):
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise kinds.Unparsable("not_a_number", str(given))
        return read_value(column, str(given), actor)
    text = _of_type(given, str, "not_text")
    for check in field.validators:
        if isinstance(check, MaxLengthValidator):
            check(text)  # as sent: what the document calls too long is too long, though blanks at its ends go
    return read_value(column, text, actor)


def _of_type(given: Any, wanted: type, code: str) -> Any:
    if not isinstance(given, wanted):
        raise kinds.Unparsable(code, str(given)[:60])
    return given


def _whole(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise kinds.Unparsable("not_whole", str(given)[:60])
    return given


def _choice(field: Any, given: Any) -> Any:
    for code, _label in field.flatchoices:
        if given == code and type(given) is type(code):
            return code
    if given == "" and field.blank:
        return ""
    raise kinds.Unparsable("not_a_choice", str(given)[:60])


def _choices(column: Column, given: list[Any], actor: Any) -> Any:
    """Several codes in the order of the field's own list."""
    known = [code for code, _label in column.field.flatchoices]
    wrong = [one for one in given if one not in known]
    if wrong:
        raise kinds.Unparsable("not_a_choice", str(wrong[0])[:60])
    return [code for code in known if code in given] if given else read_value(column, "", actor)


def _point(code: str, text: str) -> Any:
    """A date, a moment with an offset, or a time of day, in ISO 8601."""
    try:
        if code == "date":
            return dt.date.fromisoformat(text)
        if code == "time":
            return dt.time.fromisoformat(text)
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise kinds.Unparsable("not_a_time" if code == "time" else "not_a_date", text[:60])


def _linked(model: type[models.Model], given: Any, actor: Any, now: Any) -> Any:
    """The record of an id, or of the `uid` that a program gave it before it was sent."""
    if isinstance(given, str):
        try:
            wanted = uuid.UUID(given)
        except ValueError:
            raise kinds.Unparsable("not_a_record", given[:60]) from None
        found = access.visible(model, actor).filter(uid=wanted).order_by()[:1]
        if not found:
            raise kinds.Unparsable("not_a_record", given[:60])
        return found[0]
    return linked(model, str(_of_type(given, int, "not_a_record")), actor, now=now)
