"""Approvals in the description of the API: the inbox, one request, a verdict."""

from __future__ import annotations

from typing import Any

from xiaoguan.api import openapi
from xiaoguan.api.described import ID
from xiaoguan.apps.approvals.models import State
from xiaoguan.apps.approvals.models.request import Verdict

Schema = dict[str, Any]
TAG = "approvals"
TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MAYBE: Schema = {"type": ["string", "null"], "format": "date-time"}
PERSON: Schema = {"type": ["integer", "null"], "description": "Id of a person."}
PAIRS: Schema = {
    "type": "array",
    "items": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
    "description": "Label and value, in words.",
}
VERDICTS = ("approve", "reject", "return", "delegate", "withdraw", "remind")


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _head() -> Schema:
    return {
        "id": ID, "kind": TEXT, "title": TEXT, "state": {"type": "string", "enum": list(State.values)},
        "owner": PERSON, "record": _object({"entity": TEXT, "id": {"type": ["integer", "null"]}}),
        "created_at": MOMENT,
    }  # fmt: skip


def _request() -> Schema:
    seat = _object(
        {"person": PERSON, "verdict": {"type": "string", "enum": list(Verdict.values)}, "by": PERSON, "note": TEXT,
         "at": MAYBE, "due_at": MAYBE}
    )  # fmt: skip
    step = _object(
        {"number": {"type": "integer"}, "state": TEXT, "people": {"type": "array", "items": TEXT},
         "verdicts": {"type": "array", "items": seat}}
    )  # fmt: skip
    return _object(
        {**_head(), "note": TEXT, "ended_at": MAYBE, "may_decide": {"type": "boolean"},
         "digest": {"type": "string", "description": "SHA-256 of what is approved."}, "facts": PAIRS,
         "figures": PAIRS, "steps": {"type": "array", "items": step}}
    )  # fmt: skip


def _verdict() -> Schema:
    return {
        "type": "object",
        "properties": {
            "verdict": {"type": "string", "enum": list(VERDICTS)},
            "note": {"type": ["string", "null"], "description": "Needed to reject and to return."},
            "to": {"type": ["integer", "null"], "description": "To whom it is delegated: id of a person."},
            "to_step": {
                "type": ["integer", "null"], "description": "Return to this step, counted from 1; null: to who asked.",
            },
        },
        "required": ["verdict"],
        "additionalProperties": False,
    }  # fmt: skip


def _answers(name: str, *codes: int) -> Schema:
    schema = {"$ref": f"#/components/schemas/{name}"}
    good = {"description": "Done.", "content": {"application/json": {"schema": schema}}}
    return {"200": good} | {str(code): {"$ref": f"#/components/responses/{code}"} for code in (*codes, 405)}


def _get(name: str, summary: str, gives: str, parameters: list[Schema]) -> Schema:
    return {"tags": [TAG], "operationId": name, "summary": summary, "parameters": parameters,
            "responses": _answers(gives, *openapi.READS)}  # fmt: skip


@openapi.beside
def addresses() -> openapi.Beside:
    """The three addresses of `api.addresses`."""
    tabs = {"name": "tab", "in": "query", "description": "What waits for the caller, what he asked, what he decided.",
            "schema": {"type": "string", "enum": ["decide", "mine", "decided"]}}  # fmt: skip
    before = {"name": "before", "in": "query", "description": "`next` of the page before.", "schema": TEXT}
    decide = {
        "tags": [TAG], "operationId": "decideApproval",
        "summary": "Approve, reject, return, delegate, withdraw or remind",
        "requestBody": {"required": True, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/ApprovalVerdict"}}}},
        "responses": _answers("ApprovalRequest", *openapi.WRITES),
    }  # fmt: skip
    paths = {
        "/approvals": {"get": _get("listApprovals", "What waits for my approval", "ApprovalPage", [tabs, before])},
        "/approvals/{id}": {
            "parameters": [openapi.RECORD], "get": _get("getApproval", "One request", "ApprovalRequest", []),
        },
        "/approvals/{id}/decide": {"parameters": [openapi.RECORD], "post": decide},
    }  # fmt: skip
    page = _object(
        {"data": {"type": "array", "items": _object(_head())}, "next": {"type": ["string", "null"]}}
    )  # fmt: skip
    schemas = {"ApprovalRequest": _request(), "ApprovalPage": page, "ApprovalVerdict": _verdict()}
    return openapi.Beside(TAG, "What waits for an approval, and the verdicts.", paths, schemas)
