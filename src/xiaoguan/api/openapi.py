"""The description of all addresses as OpenAPI 3.1, from the same declarations that the pages follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.text import capfirst

import xiaoguan
from xiaoguan.api import bulk, described, reading
from xiaoguan.api.described import ID, INT64, Schema
from xiaoguan.api.models import Token
from xiaoguan.kit import kinds
from xiaoguan.kit.action import Action
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.verbs import Argument

PROBLEMS = {
    400: "The request can't be read.",
    401: "No token, or an unknown, expired or revoked one.",
    403: "No right to do this.",
    404: "There is no such record, or it is not for this caller.",
    405: "This address does not answer to that method.",
    409: "A rule, another record or another request stands against it.",
    410: "The record was merged into another one, named in `into` and `Location`.",
    412: "The record has another version than If-Match says.",
    413: "Too large.",
    415: "The body is not JSON.",
    422: "Some values can't be stored; `errors` names them.",
    429: "Too many requests; try again after `Retry-After` seconds.",
}


More = Callable[[Entity, str], Schema]
_more: list[More] = []


def more(func: More) -> More:
    """Add paths that a higher app has below records: `func(entity, schema_name)` gives them."""
    _more.append(func)
    return func


@dataclass(frozen=True)
class Beside:
    """Addresses of an app that hang on no entity: their tag, what it says, and the schemas they point at."""

    tag: str
    words: str
    paths: Schema
    schemas: Schema


_beside: list[Callable[[], Beside]] = []


def beside(func: Callable[[], Beside]) -> Callable[[], Beside]:
    """Add addresses that a higher app has beside the records."""
    _beside.append(func)
    return func


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
        shown = [each for each in entities.values() if each.model is not Token]
        paths: Schema = {}
        schemas: Schema = {"Problem": described.problem(), "Linked": described.linked(), "Results": described.results()}
        for entity in shown:
            name = entity.model.__name__
            schemas[name] = described.read_schema(entity)
            schemas[f"{name}Page"] = described.page_schema(name)
            if entity.names("form"):
                schemas[f"{name}New"] = described.write_schema(entity, new=True)
                schemas[f"{name}Change"] = described.write_schema(entity, new=False)
            paths |= _paths(entity, name)
            for further in _more:
                paths |= further(entity, name)
        others = [give() for give in _beside]
        for other in others:
            paths |= other.paths
            schemas |= other.schemas
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
            "tags": [
                *({"name": each.slug, "description": each.plural} for each in shown),
                *({"name": other.tag, "description": other.words} for other in others),
            ],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "responses": {str(code): described.problem_response(code, text) for code, text in PROBLEMS.items()},
                "headers": HEADERS,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }


# Paths --------------------------------------------------------------------------------------------------------------


RECORD = {"name": "id", "in": "path", "required": True, "schema": ID}
VERSION = {"name": "If-Match", "in": "header", "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'}}
KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$"}}
READS = (400, 401, 403, 404, 410, 429)
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
    told = {200: ("ETag",), 201: ("ETag", "Location")}.get(status, ())
    if name.endswith(("Page", "Results")):
        told = ("Link",) if name.endswith("Page") else ()
    good: Schema = {"description": "Done."} | described.headers(*told)
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
        change = described.write_schema(entity, new=False)
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
    # What a row needs besides depends on the row; a refusal names it.
    found: Schema = {"type": "object", "properties": own, "additionalProperties": verb.asks is not None}
    return {**found, "required": needed} if needed else found


def _nullable_any(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return described.nullable(schema)


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
