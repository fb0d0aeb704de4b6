"""What holds for own fields of every entity without a line of its own: forms, lists, files, rights, history, undo."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xiaoguan.apps.org.models import Role
from xiaoguan.kit import access, action, memo, worker
from xiaoguan.kit.controls import raw_of
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.models import ChangeRow, OwnField
from xiaoguan.kit.own import definitions
from xiaoguan.transfer import batches, running
from xiaoguan.transfer.importer import Importer, importer_of
from xiaoguan.transfer.options import Options

from tests.cast import Cast
from tests.samples import DERIVED, owned_by, samples

pytestmark = [pytest.mark.django_db, pytest.mark.once]

OWNED = [
    pytest.param(entity, id=entity.name)
    for entity in entities.values()
    if definitions.may_have(entity) and access.owning(entity)[1].scope == "owner" and entity.name not in DERIVED
][::2]
"""Every other one: nothing here is declared by an entity, and rights and lists of all of them are asked elsewhere."""
KINDS: dict[str, dict[str, Any]] = {
    "text": {},
    "long": {},
    "number": {"decimals": 2},
    "money": {},
    "date": {},
    "time": {},
    "choice": {"choices": [{"code": "red", "label": "Red"}, {"code": "blue", "label": "Blue"}]},
    "choices": {"choices": [{"code": "roof", "label": "Roof"}, {"code": "wall", "label": "Wall"}]},
    "person": {},
    "record": {"target": "customers.customer"},
    "phone": {},
    "address": {},
    "formula": {"formula": "[c_own_number] * 2", "result": "number", "decimals": 1},
}
TYPED = {
    "text": "quartz lamp 7391",
    "long": "two lines\nof sentences 7392",
    "number": "1,234.5",
    "money": "18.6万",
    "date": "2026-11-27",
    "time": "09:30",
    "choice": "blue",
    "choices": "roof,wall",
    "phone": "+86 138-1234-5678",
    "address": "8 Lantern Road 7393",
}
MEANT = {
    "text": "quartz lamp 7391",
    "long": "two lines\nof sentences 7392",
    "number": Decimal("1234.50"),
    "money": 18_600_000,
    "date": dt.date(2026, 11, 27),
    "time": dt.time(9, 30),
    "choice": "blue",
    "choices": ["roof", "wall"],
    "phone": "13812345678",
    "address": "8 Lantern Road 7393",
    "formula": Decimal("2469.0"),
}
FILTERS = {
    "text": ("quartz", "marble"),
    "number": ("1234..1235", "..1234.4"),
    "money": ("18万..19万", "20万.."),
    "date": ("2026-11-01..2026-11-30", "2026-12-01.."),
    "time": ("09:30", "10:00"),
    "choice": ("red,blue", "red"),
    "choices": ("wall", "!roof"),
    "phone": ("1234", "9999"),
    "address": ("lantern", "harbour"),
    "formula": ("2469", "..2468.9"),
}


_made: dict[int, Any] = {}


def made_by(cast: Cast) -> Any:
    """One maker of samples per company, so that no two have a number in common."""
    if id(cast) not in _made:
        _made.clear()
        _made[id(cast)] = samples(cast)
    return _made[id(cast)]


def path(kind: str) -> str:
    return f"extra__c_own_{kind}"


@pytest.fixture(params=OWNED)
def entity(request: Any, cast: Cast) -> Entity:
    """Each entity with a field of every kind."""
    found: Entity = request.param
    for position, (kind, more) in enumerate(KINDS.items()):
        given = {"record": found.name, "code": f"own_{kind}", "label": f"Own {kind}", "kind": kind}
        action.create(OwnField, {**given, "position": position, **more}, actor=cast.administrator)
    return found


def typed(cast: Cast) -> dict[str, str]:
    customer = owned_by(cast.seller, entities["customers.customer"], made_by(cast))
    links = {path("person"): str(cast.manager.pk), path("record"): str(customer.pk)}
    return {path(kind): text for kind, text in TYPED.items()} | links


def filled(entity: Entity, cast: Cast) -> Any:
    """A record of the seller's with every own field filled through the form's own reading."""
    row = owned_by(cast.seller, entity, made_by(cast))
    values = {name: read(entity.column(name), raw) for name, raw in typed(cast).items()}
    action.update(row, values, actor=cast.administrator)
    return row


def read(column: Column, raw: str) -> Any:
    return int(raw) if column.field.is_relation else column.kind.parse(raw, column.field)


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def said(page: Any) -> dict[str, list[str]]:
    return {name: item.errors for name, item in page.context["form"].inputs.items() if item.errors}


def test_a_form_writes_and_shows_every_kind(entity: Entity, cast: Cast) -> None:
    client = signed_in(cast.administrator)
    row = owned_by(cast.seller, entity, made_by(cast))
    data = {item.name: item.raw for item in client.get(entity.url("edit", row)).context["form"].inputs.values()}
    assert path("formula") not in data
    wanted = typed(cast)
    answer = client.post(entity.url("edit", row), {**data, **wanted, "_version": str(row.version)})
    assert answer.status_code == 302, said(answer)
    row = entity.model._default_manager.get(pk=row.pk)
    for kind, value in MEANT.items():
        assert getattr(row, path(kind)) == value, kind
    again = client.get(entity.url("edit", row)).context["form"]
    for name in wanted:
        column = entity.column(name)
        assert again.inputs[name].raw == raw_of(column.kind, getattr(row, name)), name
    page = client.get(entity.url("detail", row)).content.decode()
    assert "quartz lamp 7391" in page
    assert "138 1234 5678" in page
    answer = client.post(entity.url("edit", row), {**data, path("choices"): "", "_version": str(row.version)})
    assert entity.model._default_manager.get(pk=row.pk).extra.get("c_own_choices") is None


def test_a_wrong_text_is_told_beside_its_field(entity: Entity, cast: Cast) -> None:
    client = signed_in(cast.administrator)
    row = owned_by(cast.seller, entity, made_by(cast))
    wrong = {"number": "1.234", "money": "much", "date": "2026-13-41", "choice": "green", "phone": "call me"}
    posted = {path(kind): text for kind, text in wrong.items()}
    answer = client.post(entity.url("edit", row), {**posted, "_version": str(row.version)})
    assert answer.status_code == 422
    assert set(posted) <= set(said(answer))
    assert not entity.model._default_manager.get(pk=row.pk).extra


def test_a_cell_is_edited_in_place(entity: Entity, cast: Cast) -> None:
    client = signed_in(cast.administrator)
    row = filled(entity, cast)
    url = f"{entity.url('cell', row)}?field={path('money')}"
    assert b"186000" in client.get(url).content
    assert client.post(url, {"value": "20"}).status_code == 200
    assert client.post(url, {"value": "a lot"}).status_code == 422
    assert entity.model._default_manager.get(pk=row.pk).extra["c_own_money"] == 2000


def test_lists_filter_sort_and_sum_by_type(entity: Entity, cast: Cast) -> None:
    row = filled(entity, cast)
    other = owned_by(cast.seller, entity, made_by(cast))
    ids = {row.pk, other.pk}
    client = signed_in(cast.administrator)

    def shown(query: str) -> Any:
        listing = client.get(f"{entity.url('list')}?{query}").context["listing"]
        assert not listing.problems, (query, listing.problems)
        return listing

    for kind, (holds, fails) in FILTERS.items():
        assert [each.pk for each in shown(f"{path(kind)}={holds}").rows] == [row.pk], kind
        assert row.pk not in {each.pk for each in shown(f"{path(kind)}={fails}").rows}, kind
    for kind in (*FILTERS, "person", "record"):
        assert row.pk not in {each.pk for each in shown(f"{path(kind)}=none").rows}, kind
        assert other.pk in {each.pk for each in shown(f"{path(kind)}=none").rows}, kind
    assert [each.pk for each in shown(f"{path('person')}={cast.manager.pk}").rows] == [row.pk]
    assert other.pk in {each.pk for each in shown(f"{path('choice')}=!blue").rows}, "nothing is not blue either"
    action.update(other, {path("number"): Decimal("9.5"), path("money"): 100}, actor=cast.administrator)
    for kind in KINDS:
        if kind == "long":
            continue
        names = [each.pk for each in shown(f"view=all&sort={path(kind)}").rows if each.pk in ids]
        assert set(names) == ids, kind
    numbers = [each.pk for each in shown(f"view=all&sort={path('number')}").rows if each.pk in ids]
    assert numbers == [other.pk, row.pk], "9.5 comes before 1234.5: by value, not by text"
    columns = ",".join([entity.declared("list")[0], path("money"), path("number")])
    listing = shown(f"view=all&cols={columns}")
    assert listing.totals.sums[path("money")] == 18_600_100
    assert listing.totals.sums[path("number")] == Decimal("1244.00")


def test_text_kinds_are_found(entity: Entity, cast: Cast) -> None:
    row = filled(entity, cast)
    client = signed_in(cast.administrator)
    for word in ("7391", "7392", "7393", "5678"):
        found = client.get(f"{entity.url('list')}?view=all&q={word}").context["listing"].rows
        assert row.pk in {each.pk for each in found}, word


def exported(client: Client, entity: Entity, kinds: Any) -> list[dict[str, str]]:
    columns = ",".join([*entity.declared("list")[:1], *(path(kind) for kind in kinds)])
    answer = client.get(f"{entity.url('export')}?view=all&_format=csv&cols={columns}")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_a_file_says_what_the_list_shows(entity: Entity, cast: Cast) -> None:
    filled(entity, cast)
    client = signed_in(cast.administrator)
    columns = ",".join([entity.declared("list")[0], *map(path, KINDS)])
    page = client.get(f"{entity.url('list')}?view=all&cols={columns}").content.decode()
    row = next(each for each in exported(client, entity, KINDS) if each["Own text"])
    assert row["Own money (CNY)"] == "186000"
    assert row["Own number"] == "1234.50"
    assert row["Own formula"] == "2469.0"
    assert row["Own date"] == "2026-11-27"
    assert row["Own choices"] == "Roof, Wall"
    assert row["Own person"] == "Lin Qing"
    assert "Roof、Wall" in page
    for kind in ("text", "phone", "address", "choice", "person", "record"):
        assert row[f"Own {kind}"] in page, kind
    book = client.get(f"{entity.url('export')}?view=all&cols={columns}")
    assert book.status_code == 200
    assert book.getvalue()[:2] == b"PK"


def test_what_was_exported_comes_back_by_import(entity: Entity, cast: Cast) -> None:
    if not entity.names("key") or importer_of(entity).candidates is not Importer.candidates:
        return  # nothing recognises a row, or rows of a file are no records
    row = filled(entity, cast)
    client = signed_in(cast.administrator)
    kinds = [kind for kind in KINDS if kind != "formula"]
    columns = ",".join([*entity.names("key"), *map(path, kinds)])
    answer = client.get(f"{entity.url('export')}?view=all&_format=csv&cols={columns}")
    text = answer.getvalue()
    before = dict(row.extra)
    action.update(row, dict.fromkeys(map(path, kinds)), actor=cast.administrator)
    assert entity.model._default_manager.get(pk=row.pk).extra == {}
    decisions = Options.from_json({"mode": "update"}).to_json()
    batch = batches.take(ContentFile(text, name="f.csv"), "f.csv", entity, cast.administrator, decisions)
    session = batches.session_of(batch)
    assert {path(kind) for kind in kinds} <= {each.slot for each in session.maps}, "every header finds its field"
    running.start(batch)
    worker.drain()
    messages = [message for each in batch.rows.all() for message in each.messages or []]
    assert entity.model._default_manager.get(pk=row.pk).extra == before, messages


def test_a_masked_own_field_is_nowhere(entity: Entity, cast: Cast) -> None:
    row = filled(entity, cast)
    hidden = [path(kind) for kind in ("text", "long", "address", "phone")]
    role = Role.objects.get(code="auditor")
    grants = {"*": {"view": "all", "export": "all", "change": "all", "create": "all"}}
    action.update(role, {"grants": grants, "masks": {entity.name: hidden}}, actor=cast.system)
    client = signed_in(cast.again("auditor"))
    columns = ",".join(hidden)
    for url in (
        f"{entity.url('list')}?view=all&cols={columns}",
        f"{entity.url('export')}?view=all&_format=csv&cols={columns}",
        entity.url("detail", row),
        f"{entity.url('detail', row)}?panel=1",
        entity.url("edit", row),
        entity.url("timeline", row),
        f"{entity.url('menu')}?_menu=columns",
    ):
        answer = client.get(url)
        content = (answer.getvalue() if answer.streaming else answer.content).decode()
        for secret in ("7391", "7392", "7393", "1234 5678", "13812345678"):
            assert secret not in content, (url, secret)
    for name in hidden:
        assert client.get(f"{entity.url('list')}?{name}=7391").context["listing"].problems
        assert client.get(f"{entity.url('list')}?view=all&sort={name}").context["listing"].sort != name
        assert client.get(entity.url("filter", name)).status_code == 404
        assert client.get(f"{entity.url('cell', row)}?field={name}").status_code == 404
    assert client.get(f"{entity.url('list')}?view=all&q=7391").context["listing"].totals.count == 0
    changed = client.post(entity.url("edit", row), {path("text"): "overwritten", "_version": str(row.version)})
    assert changed.status_code in (302, 422)
    assert entity.model._default_manager.get(pk=row.pk).extra["c_own_text"] == "quartz lamp 7391"


def test_history_names_each_field_and_undo_restores(entity: Entity, cast: Cast) -> None:
    row = filled(entity, cast)
    client = signed_in(cast.administrator)
    action.update(row, {path("text"): "opal", path("date"): None}, actor=cast.administrator)
    last = ChangeRow.objects.filter(entity=entity.name, object_id=row.pk).order_by("id").last()
    assert last is not None
    assert last.after == {path("text"): "opal", path("date"): None}
    page = client.get(f"{entity.url('timeline', row)}?kind=change").content.decode()
    assert "Own text" in page
    assert "quartz lamp 7391" in page
    assert "c_own" not in page
    assert client.post(f"/undo/{last.change_id}/").status_code == 302
    back = entity.model._default_manager.get(pk=row.pk)
    assert getattr(back, path("text")) == MEANT["text"]
    assert getattr(back, path("date")) == MEANT["date"]


def test_two_people_edit_two_own_fields(entity: Entity, cast: Cast) -> None:
    row = filled(entity, cast)
    client = signed_in(cast.administrator)
    form = client.get(entity.url("edit", row)).context["form"]
    mine = {item.name: item.raw for item in form.inputs.values()} | {"_version": str(row.version)}
    theirs = entity.model._default_manager.get(pk=row.pk)
    action.update(theirs, {path("address"): "9 Harbour Street"}, actor=cast.system)
    answer = client.post(entity.url("edit", row), {**mine, path("text"): "opal"})
    assert answer.status_code == 409, "somebody else was first"
    merged = answer.context["form"]
    assert merged.inputs[path("address")].raw == "9 Harbour Street"
    assert merged.inputs[path("text")].raw == "opal"
    again = {item.name: item.raw for item in merged.inputs.values()} | {"_version": str(theirs.version)}
    assert client.post(entity.url("edit", row), again).status_code == 302
    now = entity.model._default_manager.get(pk=row.pk)
    assert (getattr(now, path("text")), getattr(now, path("address"))) == ("opal", "9 Harbour Street")


def test_a_list_with_own_columns_costs_the_same_for_one_row_and_for_thirty(entity: Entity, cast: Cast) -> None:
    made = made_by(cast)
    filled(entity, cast)
    client = signed_in(cast.administrator)
    url = f"{entity.url('list')}?view=all&cols={','.join([entity.declared('list')[0], *map(path, KINDS)])}"
    memo.forget()
    with CaptureQueriesContext(connection) as one:
        assert client.get(url).status_code == 200
    for row in made.many(entity, 30, **({"owner": cast.seller} if entity.scope == "owner" else {})):
        action.update(row, {path("person"): cast.peer.pk, path("text"): "x"}, actor=cast.administrator)
    memo.forget()
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200
    assert len(many) == len(one), "\n".join(each["sql"] for each in many)
