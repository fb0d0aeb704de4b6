"""The relationship map of a customer for programs: people, who of us talks to them, what stands out."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from xiaoguan.api import openapi
from xiaoguan.api.described import ID, Schema
from xiaoguan.api.problems import not_found
from xiaoguan.api.routes import Call, answer
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.customers.relations import Node, chart
from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity

ROUTE = "people-map"


def _told(node: Node) -> dict[str, Any]:
    row = node.row
    return {
        "id": row.pk, "name": row.name, "title": row.title, "role": row.role, "attitude": row.attitude,
        "power": row.power, "reports_to": row.reports_to_id, "white_spot": node.blank,
        "talks": [{"person": touch.person, "last_on": touch.on.isoformat()} for touch in node.touches],
    }  # fmt: skip


def people_map(call: Call, pk: int) -> HttpResponse:
    """GET who is who at a customer."""
    customer = access.visible(Customer, call.actor).filter(pk=pk).first()
    allowed = access.may(call.actor, "view", Contact) and call.caller.may(Entity.of(Contact).name, write=False)
    if customer is None or not allowed:
        raise not_found()
    found = chart(customer, call.actor)
    people = [_told(node) for node in found.nodes]
    return answer({"people": people, "unknown_roles": list(found.missing), "says": found.sentences, "more": found.more})


@openapi.more
def described(entity: Entity, name: str) -> Schema:
    """The address below a customer, for the document."""
    if entity.model is not Customer:
        return {}
    codes = (400, 401, 403, 404, 405, 429)
    done: Schema = {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}
    answers = {str(code): {"$ref": f"#/components/responses/{code}"} for code in codes}
    get = {
        "tags": [entity.slug], "operationId": f"peopleMapOf{name}", "summary": "Who is who, and who talks to them",
        "responses": {"200": done} | answers,
    }  # fmt: skip
    record = {"name": "id", "in": "path", "required": True, "schema": ID}
    return {f"/{entity.slug}/{{id}}/{ROUTE}": {"parameters": [record], "get": get}}
