"""Days and rounds of targets in the description of the API."""

from __future__ import annotations

from typing import Any

from xiaoguan.api import openapi
from xiaoguan.api.described import ID
from xiaoguan.apps.goals.api import ACTS
from xiaoguan.apps.goals.models import Step

Schema = dict[str, Any]
TAG = "goals"
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": ["integer", "null"], "description": "Fen, a number or working minutes, by the metric's unit."}
MONTHS: Schema = {
    "type": "array", "minItems": 12, "maxItems": 12, "items": COUNT,
    "description": "The months of the fiscal year in order, null where nothing is said.",
}  # fmt: skip


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _asked(name: str, words: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": TEXT}


def _schemas() -> dict[str, Schema]:
    day = _object({"day": {"type": "string", "format": "date"}, "works": {"type": "boolean"}, "target": COUNT})
    told = _object(
        {"id": ID, "person": ID, "metric": TEXT, "year": TEXT, "number": {"type": "integer"},
         "step": {"type": "string", "enum": list(Step.values)}, "by": ID,
         "at": {"type": "string", "format": "date-time"}, "reason": TEXT, "months": MONTHS,
         "latest": {"type": "boolean"}}
    )  # fmt: skip
    said: Schema = {
        "type": "object",
        "properties": {
            "act": {"type": "string", "enum": list(ACTS)}, "metric": TEXT, "year": TEXT,
            "person": {"type": ["integer", "null"], "description": "Whose year; the caller's own by default."},
            "months": {**MONTHS, "description": "To propose and to counter."},
            "reason": {"type": ["string", "null"], "maxLength": 300, "description": "Needed to counter."},
            "share_out": {
                "type": "boolean",
                "description": "To confirm: what the team then misses goes to the others whose months are not locked.",
            },
        },
        "required": ["act", "year"],
        "additionalProperties": False,
    }  # fmt: skip
    return {
        "TargetDays": _object(
            {"person": ID, "metric": TEXT, "unit": TEXT, "month": TEXT, "target": COUNT,
             "days": {"type": "array", "items": day}}
        ),
        "TargetRound": told,
        "TargetRounds": _object({"data": {"type": "array", "items": told}, "next": {"type": ["string", "null"]}}),
        "TargetSaid": said,
    }  # fmt: skip


def _answers(name: str, code: int, *codes: int) -> Schema:
    schema = {"$ref": f"#/components/schemas/{name}"}
    good = {"description": "Done.", "content": {"application/json": {"schema": schema}}}
    return {str(code): good} | {str(each): {"$ref": f"#/components/responses/{each}"} for each in (*codes, 405)}


@openapi.beside
def addresses() -> openapi.Beside:
    """The addresses of `api.addresses`."""
    metric = _asked("metric", "Code of a metric; won_amount by default.")
    days = {
        "tags": [TAG], "operationId": "daysOfTarget", "summary": "What a person is to reach on every day of a month",
        "parameters": [
            _asked("person", "Id of a person; the caller by default."), metric,
            _asked("month", "A month like 2026-01; the running one by default."),
        ],
        "responses": _answers("TargetDays", 200, *openapi.READS),
    }  # fmt: skip
    listed = {
        "tags": [TAG], "operationId": "listRounds",
        "summary": "What was said about a person's year; without a person, what waits for the caller",
        "parameters": [
            _asked("person", "Id of a person."), metric, _asked("year", "A fiscal year like 2026."),
            _asked("before", "`next` of the page before."),
        ],
        "responses": _answers("TargetRounds", 200, *openapi.READS),
    }  # fmt: skip
    said = {
        "tags": [TAG], "operationId": "sayRound", "summary": "Propose, counter, confirm or accept a year's months",
        "parameters": [openapi.KEY],
        "requestBody": {"required": True, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/TargetSaid"}}}},
        "responses": _answers("TargetRound", 201, *openapi.WRITES),
    }  # fmt: skip
    paths: Schema = {"/goals/days": {"get": days}, "/goals/rounds": {"get": listed, "post": said}}
    return openapi.Beside(TAG, "The days of targets, and how both sides come to them.", paths, _schemas())
