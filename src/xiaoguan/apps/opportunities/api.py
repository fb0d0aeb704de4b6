"""The proofs of a deal for programs: what its stages ask for, and what was handed in. Verbs take new ones."""

from __future__ import annotations

from django.http import HttpResponse

from xiaoguan.api import openapi, values
from xiaoguan.api.described import ID, Schema
from xiaoguan.api.problems import not_found
from xiaoguan.api.routes import Call, answer
from xiaoguan.apps.opportunities.criteria import BECAUSE, of_stages
from xiaoguan.apps.opportunities.models import NAMED, Deal, Proof
from xiaoguan.apps.opportunities.queries import stages
from xiaoguan.kit import access
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity

ROUTE = "proofs"


def proofs(call: Call, pk: int) -> HttpResponse:
    """GET the criteria of the deal's process that ask for a proof, and the proofs there are."""
    deal = access.visible(Deal, call.actor).filter(pk=pk).first()
    if deal is None:
        raise not_found()
    found = everything(Proof, because=BECAUSE).filter(deal=deal).select_related("attachment").order_by("pk")
    given = list(found)
    met = {row.criterion_id for row in given}
    asked = [
        {"criterion": row.pk, "stage": stage.pk, "asks": row.asks, "words": row.words, "met": row.pk in met}
        for stage in stages() if stage.pipeline_id == deal.pipeline_id
        for row in of_stages().get(stage.pk, ()) if row.asks in NAMED
    ]  # fmt: skip
    data = [
        {"id": row.pk, "criterion": row.criterion_id, "said_by": row.said_by, "on": values.out(row.on),
         "by": row.owner_id, "file": _file(row)}
        for row in given
    ]  # fmt: skip
    return answer({"asked": asked, "data": data})


def _file(row: Proof) -> str | None:
    """The stored file's id; the attachments of the deal say more."""
    kept = row.attachment
    return str(kept.file_id) if kept is not None and kept.deleted_at is None else None


@openapi.more
def described(entity: Entity, name: str) -> Schema:
    """The address below a deal, for the document."""
    if entity.model is not Deal:
        return {}
    codes = (400, 401, 403, 404, 405, 429)
    done: Schema = {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}
    answers = {str(code): {"$ref": f"#/components/responses/{code}"} for code in codes}
    get = {
        "tags": [entity.slug], "operationId": f"proofsOf{name}",
        "summary": "What its stages ask to be proved, and the proofs; `actions/hand_in` takes new ones",
        "responses": {"200": done} | answers,
    }  # fmt: skip
    record = {"name": "id", "in": "path", "required": True, "schema": ID}
    return {f"/{entity.slug}/{{id}}/{ROUTE}": {"parameters": [record], "get": get}}
