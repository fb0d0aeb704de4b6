"""For programs: who is who at a customer and who of us talks to them; customers that may be one company."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from xiaoguan.api import openapi
from xiaoguan.api.described import ID, Schema
from xiaoguan.api.problems import Problem, denied, not_found
from xiaoguan.api.routes import Call, answer
from xiaoguan.apps.customers import pairs
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


PAGE, MOST = 50, 200


def duplicates(call: Call) -> HttpResponse:
    """GET the groups of customers that may be one, the likeliest first: those the caller could merge, as on the page.

    `limit` and `after` (how many groups to pass over) turn pages.
    """
    if not (access.may(call.actor, "change", Customer) and access.may(call.actor, "delete", Customer)):
        raise denied()
    limit, after = _whole(call, "limit", PAGE, MOST), _whole(call, "after", 0, pairs.MOST)
    found = pairs.groups(call.actor)
    shown = found[after : after + limit]
    known = pairs.customers(shown, call.actor)
    data = [
        {
            "likeness": round(group.likeness, 4), "sure": group.sure, "why": list(group.why),
            "customers": [_named(known[pk], call) for pk in group.ids if pk in known], "size": len(group.ids),
        }
        for group in shown
    ]  # fmt: skip
    end = after + len(shown)
    return answer({"data": data, "total": len(found), "next": end if end < len(found) else None})


def _named(row: Customer, call: Call) -> dict[str, Any]:
    """A customer as the page of duplicates names it, without what is hidden from the caller."""
    (row,) = access.covered(call.actor, row)
    return {"id": row.pk, "name": row.name, "city": row.city or None, "owner": row.owner_id, "version": row.version}


def _whole(call: Call, name: str, otherwise: int, most: int) -> int:
    given = call.request.GET.getlist(name)
    if not given:
        return otherwise
    raw = given[0]
    if len(given) > 1 or not raw.isascii() or not raw.isdigit() or int(raw[:9]) > most:
        told = {"name": name, "most": most}
        raise Problem(400, "bad_number", _("“%(name)s” is a whole number from 0 to %(most)s.") % told)
    return int(raw)


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
    alike = {
        "tags": [entity.slug], "operationId": f"duplicatesOf{name}", "summary": "Which may be one and the same company",
        "parameters": [_paging("limit", PAGE, MOST), _paging("after", 0, pairs.MOST)],
        "responses": {"200": done} | answers,
    }  # fmt: skip
    return {
        f"/{entity.slug}/{{id}}/{ROUTE}": {"parameters": [record], "get": get},
        f"/{entity.slug}/duplicates": {"get": alike},
    }


def _paging(name: str, otherwise: int, most: int) -> Schema:
    schema = {"type": "integer", "minimum": 0, "maximum": most, "default": otherwise}
    return {"name": name, "in": "query", "required": False, "schema": schema}
