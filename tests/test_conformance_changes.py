"""What holds for every entity when two people write, when something is taken back, and when a record comes back."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.org.actions import set_roles
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import access, action, columns, search
from xiaoguan.kit.conformance import another
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.fact import facts
from xiaoguan.kit.models import Change
from xiaoguan.kit.models.credit import Credit

from tests.cast import Cast
from tests.samples import DERIVED, owned_by, samples
from tests.test_conformance import kit_page, signed_in
from tests.test_conformance_api import Api

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MADE = [pytest.param(entity, id=entity.name) for entity in entities.values() if entity.name not in DERIVED]
FORMS = [param for param in MADE if param.values[0].names("form") and param.values[0].name != "api.token"]
"""Without tokens, which stay as they were made."""
KEPT = frozenset({"api.token", "org.person"})
"""What nobody deletes: a token is revoked, for good, and a person stays on the books."""
MOVING = frozenset({"version", "updated_at", "deleted_at"})


def plain(entity: Entity, row: Any, made: Any) -> tuple[Column, str] | None:
    """A field that is simple to type, and another text for it."""
    for name in entity.names("form"):
        column = entity.column(name)
        text = another(column, row, made)
        if text is not None and name not in entity.names("key"):
            return column, text
    return None


@pytest.fixture(autouse=True)
def _two_who_may_do_all(cast: Cast) -> None:
    """The director changes whatever the administrator does, under a name that pages can tell."""
    set_roles(cast.director, actor=cast.system, roles=[Role.objects.get(code="administrator")])
    cast.director = cast.again("director")


def form_of(client: Client, entity: Entity, row: Any) -> dict[str, str]:
    """The form as somebody has it open."""
    inputs = client.get(entity.url("edit", row)).context["form"].inputs.values()
    return {item.name: item.raw for item in inputs} | {"_version": str(row.version)}


def stored(row: Any) -> Any:
    """The record as it is now."""
    return type(row)._default_manager.get(pk=row.pk)


def values(row: Any) -> dict[str, Any]:
    """All that a record says, but for what every write moves on."""
    fields = row._meta.concrete_fields
    return {each.attname: getattr(row, each.attname) for each in fields if each.name not in MOVING}


@pytest.mark.parametrize("entity", FORMS)
def test_who_comes_second_sees_who_changed_what(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    row = owned_by(cast.seller, entity, made)
    found = plain(entity, row, made)
    if found is None:
        return  # nothing of this entity is typed as plain text or figure
    if not kit_page(entity.url("edit", row)):
        return  # a form of its own has tests of its own
    column, text = found
    client = signed_in(cast.administrator)
    opened = form_of(client, entity, row)
    theirs = column.kind.parse(text, column.field)
    action.update(stored(row), {column.path: theirs}, actor=cast.director)
    mine = another(column, stored(row), made)
    before = Change.objects.count()
    answer = client.post(entity.url("edit", row), {**opened, column.path: mine})
    assert answer.status_code == 409
    page = html.unescape(answer.content.decode())
    assert cast.director.name in page, "who"
    assert columns.heading(column) in page, "which field"
    (clash,) = (each for each in answer.context["conflict"].clashes if each.name == column.path)
    assert (clash.who, clash.both) == (cast.director.name, True)
    assert answer.context["form"].inputs[column.path].raw == mine, "what was typed is not lost"
    assert (Change.objects.count(), getattr(stored(row), column.field.attname)) == (before, theirs)


@pytest.mark.parametrize("entity", FORMS)
def test_what_was_changed_again_is_not_undone_and_says_why(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    row = owned_by(cast.seller, entity, made)
    found = plain(entity, row, made)
    if found is None:
        return
    column, text = found
    first = action.update(stored(row), {column.path: column.kind.parse(text, column.field)}, actor=cast.system).change
    again = column.kind.parse(another(column, stored(row), made) or "", column.field)
    action.update(stored(row), {column.path: again}, actor=cast.director)
    now, before = values(stored(row)), Change.objects.count()
    client = signed_in(cast.administrator)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(f"/undo/{first.pk}/", headers=headers)
        assert answer.status_code == 409
        page = html.unescape(answer.content.decode())
        assert cast.director.name in page and columns.heading(column) in page
    assert (values(stored(row)), Change.objects.count()) == (now, before)


def credited(row: Any) -> list[tuple[Any, ...]]:
    """What a record's facts bring to whom."""
    rows = Credit.objects.filter(entity=row._meta.label_lower, object_id=row.pk)
    return sorted(rows.values_list("fact", "person", "unit", "on", "split", "amount"), key=repr)


def hits(row: Any, actor: Any) -> bool:
    """Whether the search finds a record by its title."""
    entity = row.entity
    title = entity.title_of(row)
    return any(hit.row.pk == row.pk for hit in search.find(title, actor, entities=[entity.model], limit=50))


@pytest.mark.parametrize("entity", MADE)
def test_a_deleted_record_comes_back_as_it_was(entity: Entity, cast: Cast) -> None:
    """Out of the bin: every value, what it was credited with, and found again by its name and from what it hangs on."""
    row = owned_by(cast.seller, entity, samples(cast))
    searched = bool(entity.names("find")) and hits(row, cast.administrator)
    before, had = values(stored(row)), credited(row)
    links = [each for each in entity.model._meta.concrete_fields if each.is_relation]
    linked = {each.attname: getattr(row, each.attname) for each in links}
    if entity.name in KEPT:
        with pytest.raises((Refusal, Denied)):
            action.remove(stored(row), actor=cast.administrator)
        return
    action.remove(stored(row), actor=cast.administrator)
    assert not credited(row)
    assert not (searched and hits(row, cast.administrator))
    assert not access.visible(entity.model, cast.administrator).filter(pk=row.pk).exists()
    client = signed_in(cast.again("administrator"))
    assert entity.url("restore", row) in client.get(entity.url("bin")).content.decode()
    stranger, api = signed_in(cast.outsider), Api(cast.outsider)
    assert stranger.post(entity.url("restore", row)).status_code == 404
    assert api.ask("POST", f"{entity.slug}/{row.pk}/restore").status_code == 404
    assert client.post(entity.url("restore", row)).status_code == 302
    assert values(stored(row)) == before
    assert credited(row) == had
    assert searched == (bool(entity.names("find")) and hits(row, cast.administrator))
    assert {each.attname: getattr(stored(row), each.attname) for each in links} == linked
    for each in links:
        if linked[each.attname] is not None:
            assert (
                access.visible(entity.model, cast.administrator).filter(**{each.attname: linked[each.attname]}).exists()
            )


def test_the_facts_of_every_kind_are_credited_again(cast: Cast) -> None:
    """The test above says nothing where a sample has no had: here each fact of the product has some."""
    made, told = samples(cast), set()
    for entity in entities.values():
        if entity.name in DERIVED:
            continue
        row = owned_by(cast.seller, entity, made)
        had = credited(row)
        told |= {each[0] for each in had}
        if had:
            action.remove(stored(row), actor=cast.administrator)
            action.restore(stored(row), actor=cast.administrator)
            assert credited(row) == had, entity.name
    assert len(told) >= 3, (told, set(facts))
