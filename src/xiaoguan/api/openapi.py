"""The description of all addresses as OpenAPI 3.1, from the same declarations that the pages follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.text import capfirst

import xiaoguan
from xiaoguan.api import bulk, reading, shape
from xiaoguan.api.models import Token
from xiaoguan.api.problems import MEDIA_TYPE
from xiaoguan.kit import kinds
from xiaoguan.kit.action import Action
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.form import is_required
from xiaoguan.kit.verbs import Argument

Schema = dict[str, Any]
INT64 = {"type": "integer", "minimum": -(2**63) + 1, "maximum": 2**63 - 1}
ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
HINTS = {
    "money": "Whole fen (1/100 yuan).",
    "percent": "Hundred-thousandths: 35000 is 35 %.",
    "moment": "ISO 8601 with an offset.",
    "link": "Id of a record; a record may also be named by its uid when writing.",
    "person": "Id of a person; a person may also be named by his uid when writing.",
}
PROBLEMS = {
    400: "The request can't be read.",
    401: "No token, or an unknown, expired or revoked one.",
    403: "No right to do this.",
    404: "There is no such record, or it is not for this caller.",
    405: "This address does not answer to that method.",
    409: "A rule, another record or another request stands against it.",
    412: "The record has another version than If-Match says.",
    413: "Too large.",
    415: "The body is not JSON.",
    422: "Some values can't be stored; `errors` names them.",
    429: "Too many requests; try again after `Retry-After` seconds.",
}


def document() -> Schema:
    """The whole document, in English; it is the same for every caller, whose rights decide what is answered.

    It is made anew when people add or change fields of their own.
    """
    return _document(tuple((each.name, tuple(each.own_columns())) for each in entities.values()))


GUIDE = """Records, and the verbs that change them, with the rights of the token's owner.

- **Token**: `Authorization: Bearer xg_…`; made in the settings under API, or by `xiaoguan token create`.
- **Values**: amounts are whole fen, rates hundred-thousandths, days and moments ISO 8601, choices codes, links ids.
- **Lists** take the filters, the order and the search of the list's page. `next` is the cursor of the next page; rows
  that come in between are neither lost nor doubled.
- **`fields`** names what is wanted, **`expand`** the links to be shown with uid and title.
- **`If-Match`** with the version from `ETag` refuses to overwrite what somebody else has changed (412).
- **`Idempotency-Key`**: the same request sent twice is done once; the answer is kept for thirty days.
- **Errors** are `application/problem+json` (RFC 9457): `code` is for programs, `title` and `message` are in the
  language of `Accept-Language`. What may not be seen is not there: 404.
"""
HEADERS: Schema = {
    "ETag": {"description": "The record's version, for `If-Match`.", "schema": {"type": "string"}},
    "Location": {"description": "Where the new record is.", "schema": {"type": "string"}},
    "Link": {"description": "The next page: rel=next. Absent on the last one.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}


@lru_cache(maxsize=2)
def _document(_own: Any) -> Schema:
    with translation.override("en"):
        described = [each for each in entities.values() if each.model is not Token]
        paths: Schema = {}
        schemas: Schema = {"Problem": _problem(), "Linked": _linked(), "Results": _results()}
        for entity in described:
            name = entity.model.__name__
            schemas[name] = _read_schema(entity)
            schemas[f"{name}Page"] = _page_schema(name)
            if entity.names("form"):
                schemas[f"{name}New"] = _write_schema(entity, new=True)
                schemas[f"{name}Change"] = _write_schema(entity, new=False)
            paths |= _paths(entity, name)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Xiaoguan",
                "version": xiaoguan.__version__,
                "description": GUIDE,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/api/v1"}],
            "security": [{"token": []}],
            "tags": [{"name": each.slug, "description": each.plural} for each in described],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "responses": {str(code): _problem_response(code, text) for code, text in PROBLEMS.items()},
                "headers": HEADERS,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }


# Schemas ------------------------------------------------------------------------------------------------------------


def _read_schema(entity: Entity) -> Schema:
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


def _write_schema(entity: Entity, *, new: bool) -> Schema:
    written = shape.writable(entity)
    own = {name: _given(column) for name, column in written.items() if not shape.is_own(name)}
    added = {shape.key(name): column for name, column in written.items() if shape.is_own(name)}
    if added:
        own[shape.EXTRA] = _extra({name: _given(column) for name, column in added.items()})
    found: Schema = {"type": "object", "title": capfirst(entity.label), "additionalProperties": False}
    if new:
        own = {"uid": {"type": "string", "format": "uuid", "description": "Made by the client, if it likes."}} | own
        asked = [name for name, column in added.items() if is_required(column.field)]
        if asked:
            own[shape.EXTRA]["required"] = asked
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


def _page_schema(name: str) -> Schema:
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


def _linked() -> Schema:
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


def _results() -> Schema:
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


def _problem() -> Schema:
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


def _problem_response(code: int, text: str) -> Schema:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content} | (_headers("Retry-After") if code == 429 else {})


def _headers(*names: str) -> Schema:
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}} if names else {}


def _out(column: Column) -> Schema:
    """A field as it is read: a link is an id, or expanded an object."""
    if column.field.is_relation:
        shown: list[Schema] = [dict(ID), {"$ref": "#/components/schemas/Linked"}]
        return _labelled(column, {"anyOf": [*shown, {"type": "null"}]})
    plain = _bare(column)
    plain.pop("maxLength", None)
    plain.pop("minLength", None)
    return _labelled(column, _nullable(plain) if column.field.null else plain)


def _given(column: Column) -> Schema:
    """A field as it may be sent."""
    if column.field.is_relation:
        ways: list[Schema] = [dict(ID), {"type": "string", "format": "uuid"}]
        return _labelled(column, {"anyOf": [*ways, {"type": "null"}] if not is_required(column.field) else ways})
    plain = _bare(column)
    return _labelled(column, plain if is_required(column.field) else _nullable(plain))


def _labelled(column: Column, schema: Schema) -> Schema:
    words = [capfirst(str(column.label)), str(column.field.help_text or ""), HINTS.get(column.kind.code, "")]
    return {**schema, "description": " — ".join(word for word in words if word)}


def _nullable(schema: Schema) -> Schema:
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
        return {"type": "array", "items": {"type": "string", "enum": codes}, "uniqueItems": True}
    if kind is kinds.YESNO:
        return {"type": "boolean"}
    if kind in (kinds.DATE, kinds.MOMENT):
        return {"type": "string", "format": "date" if kind is kinds.DATE else "date-time"}
    if kind is kinds.TIME:
        return {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$"}
    if isinstance(field, models.DecimalField) or getattr(field, "decimals", 0):
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


# Paths --------------------------------------------------------------------------------------------------------------


RECORD = {"name": "id", "in": "path", "required": True, "schema": ID}
VERSION = {"name": "If-Match", "in": "header", "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'}}
KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$"}}
READS = (400, 401, 403, 404, 429)
WRITES = (*READS, 409, 413, 415, 422)


def _paths(entity: Entity, name: str) -> Schema:
    """Every address of one entity."""
    root = f"/{entity.slug}"
    found: Schema = {
        root: {"get": _listing(entity, name)},
        f"{root}/{{id}}": _record(entity, name),
        f"{root}/{{id}}/restore": {
            "parameters": [RECORD],
            "post": _operation(entity, f"restore{name}", "Bring back from the recycle bin", [KEY], 200, name, WRITES),
        },
        f"{root}/bulk": {"post": _bulk(entity, name)},
    }
    if entity.names("form"):
        found[root]["post"] = {
            **_operation(entity, f"create{name}", f"A new {entity.label}", [KEY], 201, name, WRITES),
            "requestBody": _body({"$ref": f"#/components/schemas/{name}New"}),
        }
    for verb in entity.actions.values():
        found[f"{root}/{{id}}/actions/{verb.name}"] = {"parameters": [RECORD], "post": _verb(entity, name, verb)}
    return found


def _operation(
    entity: Entity,
    name: str,
    summary: str,
    parameters: Sequence[Schema],
    status: int,
    gives: str,
    codes: Sequence[int],
    *,
    loose: bool = False,
) -> Schema:
    return {
        "tags": [entity.slug],
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": _responses(status, gives, *codes, loose=loose),
    }


def _asked() -> list[Schema]:
    return [_query("fields", "Names of fields, separated by commas."), _query("expand", "Links to show with title.")]


def _listing(entity: Entity, name: str) -> Schema:
    parameters = [*_list_parameters(entity), *_asked()]
    return _operation(entity, f"list{name}", f"{entity.plural}, page by page", parameters, 200, f"{name}Page", READS)


def _record(entity: Entity, name: str) -> Schema:
    """Reading, changing and removing one record."""
    found: Schema = {
        "parameters": [RECORD],
        "get": _operation(entity, f"read{name}", f"One {entity.label}", _asked(), 200, name, READS),
        "delete": _operation(
            entity, f"remove{name}", "Move to the recycle bin", [VERSION, KEY], 204, "", (*WRITES, 412)
        ),
    }
    if entity.names("form"):
        found["patch"] = {
            **_operation(
                entity, f"change{name}", "Change the fields that are named", [VERSION, KEY], 200, name, (*WRITES, 412)
            ),
            "requestBody": _body({"$ref": f"#/components/schemas/{name}Change"}),
        }
    return found


def _bulk(entity: Entity, name: str) -> Schema:
    words = f"Create, change or remove up to {bulk.MOST} records in one change, all or none"
    operation = _operation(entity, f"bulk{name}", words, [KEY], 200, "Results", WRITES)
    return {**operation, "requestBody": _body(_bulk_schema(entity, name))}


def _verb(entity: Entity, name: str, verb: Action) -> Schema:
    operation = _operation(
        entity, f"{verb.name}{name}", str(verb.label), [VERSION, KEY], 200, name, (*WRITES, 412), loose=True
    )
    description = (verb.__doc__ or "").strip()
    return {**operation, "description": description, "requestBody": _body(_verb_schema(verb), required=False)}


def _query(name: str, text: str, schema: Mapping[str, Any] | None = None) -> Schema:
    return {"name": name, "in": "query", "description": text, "schema": schema or {"type": "string"}}


def _list_parameters(entity: Entity) -> list[Schema]:
    """Paging, order, words, and the filters of the list; `a..b` is a range, `!` turns a filter round."""
    found = [
        _query("limit", "Records per page.", {"type": "integer", "minimum": 1, "maximum": reading.MOST}),
        _query("cursor", "Where the page before ended."),
        _query("sort", "A field; `-` in front for falling."),
        _query("count", "`1` counts all that match.", {"type": "string", "enum": ["0", "1"]}),
    ]
    if entity.names("find"):
        found.append(_query("q", "Words to find: characters, pinyin, initials, digits of a phone."))
    names = dict.fromkeys([*entity.names("filter"), *([entity.board] if entity.board else [])])
    return [*found, *(_query(name, _filter_words(entity.column(name))) for name in names)]


def _filter_words(column: Column) -> str:
    words = {
        "date": "A day, a range a..b, or a word such as this_month.",
        "moment": "A day, a range a..b, or a word such as this_month.",
        "money": "Yuan, or a range a..b.",
        "number": "A number, or a range a..b.",
        "choice": "Codes, separated by commas.",
        "person": "Ids, me, team or none.",
        "link": "Ids, or none.",
        "yesno": "1 or 0.",
    }
    return f"{capfirst(str(column.label))}. {words.get(column.kind.code, 'Text it contains.')}"


def _responses(status: int, name: str, *codes: int, loose: bool = False) -> Schema:
    kinds_of = {200: "ETag", 201: "ETag Location"}.get(status, "") if not name.endswith(("Page", "Results")) else ""
    good: Schema = {"description": "Done."} | _headers(*("Link",) if name.endswith("Page") else kinds_of.split())
    if name:
        schema: Schema = {"$ref": f"#/components/schemas/{name}"}
        if loose or status == 201:
            only_id = {"type": "object", "properties": {"id": ID}, "required": ["id"], "additionalProperties": False}
            schema = {"anyOf": [schema, only_id]}
        good["content"] = {"application/json": {"schema": schema}}
    return {str(status): good} | {str(code): {"$ref": f"#/components/responses/{code}"} for code in (*codes, 405)}


def _body(schema: Schema, *, required: bool = True) -> Schema:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _bulk_schema(entity: Entity, name: str) -> Schema:
    def only(verb: str, items: Schema) -> Schema:
        rows = {"type": "array", "items": items, "maxItems": bulk.MOST}
        return {"type": "object", "properties": {verb: rows}, "required": [verb], "additionalProperties": False}

    ways = [only("delete", ID)]
    if entity.names("form"):
        named = {"id": ID, "version": {"type": ["integer", "null"]}}
        change = _write_schema(entity, new=False)
        change = {**change, "properties": {**named, **change["properties"]}, "required": ["id"]}
        ways += [only("create", {"$ref": f"#/components/schemas/{name}New"}), only("update", change)]
    return {"oneOf": ways}


def _verb_schema(verb: Action) -> Schema:
    own: Schema = {}
    needed = []
    for param in verb.params:
        argument = Argument(param, None, "")
        own[param.name] = {**_argument(argument), "description": capfirst(str(param.label))}
        if param.required and not argument.optional and argument.kind is not kinds.YESNO:
            needed.append(param.name)
        else:
            own[param.name] = _nullable_any(own[param.name])
    found: Schema = {"type": "object", "properties": own, "additionalProperties": False}
    return {**found, "required": needed} if needed else found


def _nullable_any(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return _nullable(schema)


def _argument(argument: Argument) -> Schema:
    kind = argument.kind
    if kind is kinds.LINK:
        return dict(ID)
    if kind is kinds.CHOICE:
        return {"type": "string", "enum": [code for code, _label in argument.input.choices if code]}
    if kind in (kinds.MONEY, kinds.PERCENT, kinds.NUMBER):
        return dict(INT64)
    return {
        kinds.YESNO: {"type": "boolean"},
        kinds.DATE: {"type": "string", "format": "date"},
        kinds.MOMENT: {"type": "string", "format": "date-time"},
        kinds.TIME: {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"},
    }.get(kind, {"type": "string"})
