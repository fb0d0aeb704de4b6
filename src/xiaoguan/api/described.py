"""What the document says about values: fields as read and as sent, pages, results and problems."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.text import capfirst

from xiaoguan.api import shape
from xiaoguan.api.problems import MEDIA_TYPE
from xiaoguan.kit import kinds
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.form import is_required

Schema = dict[str, Any]
INT64 = {"type": "integer", "minimum": -(2**63) + 1, "maximum": 2**63 - 1}
ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
FILE: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "url": {"type": "string", "description": "Where the file is downloaded."},
    },
    "required": ["id", "name", "url"],
    "additionalProperties": False,
}
HINTS = {
    "file": "A file; when writing, the id of one that was sent to /files/.",
    "money": "Whole fen (1/100 yuan).",
    "percent": "Hundred-thousandths: 35000 is 35 %.",
    "moment": "ISO 8601 with an offset.",
    "link": "Id of a record; a record may also be named by its uid when writing.",
    "person": "Id of a person; a person may also be named by his uid when writing.",
}


def read_schema(entity: Entity) -> Schema:
    """A record as it is answered."""
    fixed: Schema = {
        "id": ID,
        "uid": {"type": "string", "format": "uuid"},
        "version": {"type": "integer", "minimum": 1},
        "created_at": {"type": ["string", "null"], "format": "date-time"},
        "updated_at": {"type": ["string", "null"], "format": "date-time"},
    }
    own = {column.path: _out(column) for column in shape.declared(entity)}
    if added := entity.own_columns():
        own[shape.EXTRA] = _extra({shape.key(column.path): _out(column) for column in added})
    return {
        "type": "object",
        "title": capfirst(entity.label),
        "description": "Fields hidden from the caller, and fields not asked for, are absent.",
        "properties": fixed | own,
        "required": list(fixed),
        "additionalProperties": False,
    }


def write_schema(entity: Entity, *, new: bool) -> Schema:
    """A record as it is sent: whole when it is new, else what changes."""
    written = shape.writable(entity)
    own: Schema = {name: _given(column) for name, column in written.items() if not shape.is_own(name)}
    added = {shape.key(name): column for name, column in written.items() if shape.is_own(name)}
    if added:
        own[shape.EXTRA] = _extra({name: _given(column) for name, column in added.items()})
    found: Schema = {"type": "object", "title": capfirst(entity.label), "additionalProperties": False}
    if new:
        uid: Schema = {"type": "string", "format": "uuid", "description": "Made by the client, if it likes."}
        own = {"uid": uid, **own}
        asked = [name for name, column in added.items() if is_required(column.field)]
        if asked:
            own[shape.EXTRA] = {**own[shape.EXTRA], "required": asked}
        needed = [name for name, column in written.items() if is_required(column.field) and not shape.is_own(name)]
        needed += [shape.EXTRA] if asked else []
        if needed:
            found["required"] = needed
    shown = [name for name in written if not shape.is_own(name)] if new else list(written)[:1]
    example = {name: _example(written[name], own[name]) for name in shown if not shape.is_own(name)}
    return {**found, "properties": own, "examples": [example]}


EXAMPLES = {"date": "2026-11-27", "moment": "2026-11-27T09:30:00+08:00", "time": "09:30:00", "money": 12_500_000}


def _example(column: Column, schema: Schema) -> Any:
    """A value as a reader would send it."""
    if column.field.is_relation:
        return 17
    if codes := [code for code in schema.get("enum", []) if code not in (None, "")]:
        return codes[0]
    kind = schema.get("type", "string")
    plain: dict[str, Any] = {"boolean": True, "integer": 35_000 if column.kind.code == "percent" else 5, "array": []}
    text = "12.50" if "pattern" in schema else capfirst(str(column.label))[: schema.get("maxLength", 60)]
    return EXAMPLES.get(column.kind.code, plain.get(kind if isinstance(kind, str) else kind[0], text))


def _extra(properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": "Fields that this company has added.",
        "properties": properties,
        "additionalProperties": False,
    }


def page_schema(name: str) -> Schema:
    """A page of a list."""
    return {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "next": {"type": ["string", "null"], "description": "Cursor of the next page."},
            "count": {"type": "integer", "description": "All that match, with `count=1`."},
        },
        "required": ["data", "next"],
        "additionalProperties": False,
    }


def linked() -> Schema:
    """An expanded link."""
    return {
        "type": "object",
        "properties": {
            "id": ID,
            "uid": {"type": ["string", "null"], "format": "uuid"},
            "title": {"type": ["string", "null"], "description": "Null where the caller may not see the record."},
        },
        "required": ["id", "uid", "title"],
        "additionalProperties": False,
    }


def results() -> Schema:
    """What a bulk request answers."""
    line = {
        "type": "object",
        "properties": {"index": {"type": "integer"}, "id": ID, "version": {"type": "integer"}},
        "required": ["index", "id", "version"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"results": {"type": "array", "items": line}},
        "required": ["results"],
        "additionalProperties": False,
    }


def problem() -> Schema:
    """An error, RFC 9457."""
    error = {
        "type": "object",
        "properties": {
            "index": {"type": "integer", "description": "Place of the row in a bulk request."},
            "field": {"type": "string"},
            "code": {"type": "string"},
            "message": {"type": "string"},
        },
        "required": ["message"],
    }
    return {
        "type": "object",
        "description": "RFC 9457",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": error},
            "changed": {
                "type": "array",
                "description": "Of a version that is gone: the fields others have written since, by whom and when.",
                "items": {
                    "type": "object",
                    "properties": {
                        "field": {"type": "string"},
                        "by": ID,
                        "at": {"type": "string", "format": "date-time"},
                    },
                },
            },
        },
        "required": ["type", "title", "status", "code"],
        "examples": [
            {
                "type": "urn:xiaoguan:problem:invalid",
                "title": "Some values can't be stored.",
                "status": 422,
                "code": "invalid",
                "errors": [{"field": "amount", "code": "not_whole", "message": "Type a whole number."}],
            }
        ],
    }


def problem_response(code: int, text: str) -> Schema:
    """The answer of a status that tells an error."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content} | (headers("Retry-After") if code == 429 else {})


def headers(*names: str) -> Schema:
    """Headers of an answer, by name."""
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}} if names else {}


def _out(column: Column) -> Schema:
    """A field as it is read: a link is an id, or expanded an object."""
    if column.field.is_relation:
        shown: list[Schema] = [dict(ID), {"$ref": "#/components/schemas/Linked"}]
        return _labelled(column, {"anyOf": [*shown, {"type": "null"}]})
    if column.kind.code == "file":
        return _labelled(column, {"anyOf": [FILE, {"type": "null"}]})
    plain = _bare(column)
    plain.pop("maxLength", None)
    plain.pop("minLength", None)
    return _labelled(column, nullable(plain) if column.field.null else plain)


def _given(column: Column) -> Schema:
    """A field as it may be sent."""
    if column.field.is_relation:
        ways: list[Schema] = [dict(ID), {"type": "string", "format": "uuid"}]
        return _labelled(column, {"anyOf": [*ways, {"type": "null"}] if not is_required(column.field) else ways})
    if column.kind.code == "file":
        return _labelled(column, nullable({"type": "string", "format": "uuid"}))
    plain = _bare(column)
    return _labelled(column, plain if is_required(column.field) else nullable(plain))


def _labelled(column: Column, schema: Schema) -> Schema:
    words = [capfirst(str(column.label)), str(column.field.help_text or ""), HINTS.get(column.kind.code, "")]
    return {**schema, "description": " — ".join(word for word in words if word)}


def nullable(schema: Schema) -> Schema:
    """A schema that also takes null."""
    found = dict(schema)
    if "enum" in found:
        found["enum"] = [*found["enum"], *([] if None in found["enum"] else [None])]
    if isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def _bare(column: Column) -> Schema:
    field, kind = column.field, column.kind
    if kind is kinds.CHOICE:
        codes = [code for code, _label in field.flatchoices]
        whole = all(isinstance(code, int) for code in codes)
        codes += [""] if field.blank and "" not in codes and not whole else []
        return {"type": "integer" if whole else "string", "enum": codes}
    if kind.code == "choices":
        codes = [code for code, _label in field.flatchoices]
        items = {"type": "string", "enum": codes} if codes else {"type": "string"}
        return {"type": "array", "items": items, "uniqueItems": True}
    if kind is kinds.YESNO:
        return {"type": "boolean"}
    if kind in (kinds.DATE, kinds.MOMENT):
        return {"type": "string", "format": "date" if kind is kinds.DATE else "date-time"}
    if kind is kinds.TIME:
        return {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$"}
    if isinstance(field, models.DecimalField) or getattr(field, "decimals", 0) > 0:
        return {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
    if isinstance(field, models.IntegerField):
        return dict(INT64)
    if isinstance(field, models.JSONField):
        return {}
    found: Schema = {"type": "string"}
    if field.max_length:
        found["maxLength"] = field.max_length
    if is_required(field):
        found["minLength"] = 1
    return found
