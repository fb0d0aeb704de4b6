"""What holds for every entity without a line of its own: rights, masks, history, undo, queries, odd values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import resolve

from xiaoguan.apps.org.models import Role
from xiaoguan.kit import access, action, memo
from xiaoguan.kit.conformance import another
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.models import Change, ChangeRow

from tests.cast import Cast
from tests.samples import DERIVED, owned_by, samples

pytestmark = pytest.mark.django_db

ALL = [pytest.param(entity, id=entity.name) for entity in entities.values()]
MADE = [pytest.param(entity, id=entity.name) for entity in entities.values() if entity.name not in DERIVED]
OWNED = [
    pytest.param(entity, id=entity.name)
    for entity in entities.values()
    if access.owning(entity)[1].scope == "owner" and entity.name not in DERIVED
]


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def kit_page(url: str) -> bool:
    """Whether an address is served by the kit itself and not by an app's own page in front of it."""
    return resolve(url.partition("?")[0]).func.__module__.startswith("xiaoguan.kit.pages")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that run inside."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def pages_of(entity: Entity, row: Any) -> list[str]:
    """Every address of an entity that can be read."""
    found = [
        entity.url(page)
        for page in ("list", "counts", "export", "options", "bin", "menu", "where", "views", "view_save")
    ]
    found += [entity.url("new")] if entity.names("form") else []
    found += [entity.url("board")] if entity.board else []
    found += [entity.url("calendar"), entity.url("calendar_move", row)] if entity.calendar else []
    found += [entity.url("filter", name) for name in entity.names("filter")[:2]]
    found += [entity.url(page, row) for page in ("detail", "edit", "delete", "timeline", "cell")]
    found += [f"{entity.url('detail', row)}?panel=1"]
    found += [entity.url("do", row, name) for name in entity.actions]
    return found


@pytest.mark.parametrize("entity", MADE)
def test_a_list_costs_the_same_queries_for_one_row_and_for_fifty(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    client = signed_in(cast.administrator)
    made.make(entity, **({"owner": cast.seller} if entity.scope == "owner" else {}))
    url = entity.url("list") + "?view=all"

    def queries() -> list[str]:
        memo.forget()
        with counted() as found:
            assert client.get(url).status_code == 200
        return found

    one = queries()
    made.many(entity, 50, **({"owner": cast.seller} if entity.scope == "owner" else {}))
    fifty = queries()
    assert len(fifty) == len(one), "\n".join(fifty)
    assert len(fifty) <= 17  # with nothing remembered; a list seen before asks six


@pytest.mark.parametrize("entity", ALL)
def test_an_outsider_finds_nothing_anywhere(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    client = signed_in(cast.outsider)
    for url in pages_of(entity, row):
        assert client.get(url).status_code == 404, url
    before = Change.objects.count()
    for page in ("edit", "delete", "restore", "cell"):
        assert client.post(entity.url(page, row), {"name": "x"}).status_code == 404, page
    assert client.post(entity.url("bulk", "delete"), {"ids": [row.pk], "_confirmed": "1"}).status_code == 404
    assert Change.objects.count() == before


SHIPPED = {"dashboards.dashboard": 1}
"""Records that come with the product and are shown to a seller's role."""


@pytest.mark.parametrize("entity", OWNED)
def test_a_peer_does_not_see_a_record_in_any_way(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    if access.grants(cast.peer).scope(entity.name, "view") != "self":
        return  # colleagues see each other's: there is nothing to hide
    client = signed_in(cast.peer)
    assert row.pk not in set(access.visible(entity.model, cast.peer).values_list("pk", flat=True))
    for page in ("detail", "edit", "delete", "timeline"):
        assert client.get(entity.url(page, row)).status_code == 404, page
    assert client.get(entity.url("list") + "?view=all").context["listing"].totals.count == SHIPPED.get(entity.name, 0)
    offered = [each["value"] for each in client.get(entity.url("options")).json()]
    assert len(offered) == SHIPPED.get(entity.name, 0) and row.pk not in map(int, offered)


def exported(client: Client, url: str) -> list[list[str]]:
    text = client.get(url).getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


@pytest.mark.parametrize("entity", ALL)
def test_page_and_export_show_exactly_what_is_visible(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    for owner in (cast.seller, cast.peer, cast.other_seller):
        if entity.name != "org.company":
            owned_by(owner, entity, made)
    for part in ("seller", "manager", "director", "auditor"):
        person = getattr(cast, part)
        client = signed_in(person)
        visible = access.visible(entity.model, person).count()
        if not access.may(person, "view", entity.model):
            assert client.get(entity.url("list")).status_code == 404
            continue
        page = client.get(entity.url("list") + "?view=all").context["listing"]
        assert (page.totals.count, len(page.rows)) == (visible, min(visible, 80)), part
        if access.may(person, "export", entity.model):
            assert len(exported(client, entity.url("export") + "?view=all&_format=csv")) == visible, part
            book = client.get(entity.url("export") + "?view=all").getvalue()
            assert openpyxl.load_workbook(io.BytesIO(book)).active.max_row == visible + 1, part


SECRET = "tell-nobody-7391"


def hide(cast: Cast, entity: Entity, fields: list[str]) -> Any:
    """An auditor from whom some fields of an entity are hidden."""
    grants = {"*": {"view": "all", "export": "all", "change": "all", "create": "all"}}
    role = Role.objects.get(code="auditor")
    action.update(role, {"grants": grants, "masks": {entity.name: fields}}, actor=cast.system)
    return cast.again("auditor")


def hideable(entity: Entity) -> list[str]:
    """Plain text fields of the form that are not the title: what can carry a secret."""
    title = {*entity.names("title"), *entity.names("key")}
    found = []
    for name in entity.names("form"):
        column = entity.column(name)
        roomy = (column.field.max_length or len(SECRET)) >= len(SECRET)
        if column.kind.code == "text" and name not in title and roomy and column.field.editable:
            found.append(name)
    return found


@pytest.mark.parametrize("entity", [param for param in MADE if hideable(param.values[0])])
def test_a_masked_field_is_hidden_everywhere(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    fields = hideable(entity)
    entity.model._default_manager.filter(pk=row.pk).update(**dict.fromkeys(fields, SECRET))
    client = signed_in(hide(cast, entity, fields))
    cols = f"?view=all&cols={','.join(fields)}"
    for url in [*pages_of(entity, row), entity.url("list") + cols, entity.url("export") + "?view=all&_format=csv"]:
        response = client.get(url)
        content = response.getvalue() if response.streaming else response.content
        assert SECRET.encode() not in content, url
    for name in fields:
        listing = client.get(f"{entity.url('list')}?{name}={SECRET}").context["listing"]
        assert listing.problems
        assert client.get(f"{entity.url('list')}?view=all&sort={name}").context["listing"].sort != name
        assert client.get(entity.url("filter", name)).status_code == 404
        assert client.get(f"{entity.url('cell', row)}?field={name}").status_code == 404
    assert client.get(f"{entity.url('list')}?view=all&q={SECRET}").context["listing"].totals.count == 0


@pytest.mark.parametrize("entity", [param for param in MADE if param.values[0].names("form")])
def test_what_is_denied_leaves_no_trace(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    client = signed_in(cast.auditor)
    changes, rows = Change.objects.count(), entity.model._default_manager.count()
    assert client.get(entity.url("detail", row)).status_code == 200
    for url in (entity.url("edit", row), entity.url("delete", row), entity.url("new")):
        assert client.post(url, {"name": "x", "_version": row.version}).status_code == 403, url
    for name in entity.actions:
        assert client.post(entity.url("do", row, name), {"_form": "1"}).status_code in (403, 404), name
    assert client.post(entity.url("bulk", "delete"), {"ids": [row.pk], "_confirmed": "1"}).status_code == 403
    assert (Change.objects.count(), entity.model._default_manager.count()) == (changes, rows)


@pytest.mark.parametrize("entity", [param for param in MADE if param.values[0].names("form")])
def test_create_edit_delete_undo_by_plain_forms(entity: Entity, cast: Cast) -> None:
    if not kit_page(entity.url("new")):
        return  # a page of its own for creating has tests of its own
    made = samples(cast)
    client = signed_in(cast.administrator)
    given = {"owner": cast.seller} if entity.scope == "owner" and "owner" in entity.names("form") else {}
    posted = made.posted(entity, **given)
    uid = client.get(entity.url("new")).context["form"].uid
    response = client.post(entity.url("new"), {**posted, "_uid": str(uid)})
    assert response.status_code == 302, response.context["form"].errors or {
        name: item.errors for name, item in response.context["form"].inputs.items() if item.errors
    }
    row = entity.model._default_manager.get(uid=uid)
    assert [each.before for each in rows_of(entity, row)] == [None]

    edited = edit(client, entity, row, made)
    assert client.post(entity.url("delete", row)).status_code == 302
    assert client.get(entity.url("detail", row)).status_code == 404
    deletion = rows_of(entity, row)[-1].change
    assert deletion.count == 1
    assert client.post(f"/undo/{deletion.pk}/").status_code == 302
    assert client.get(entity.url("detail", row)).status_code == 200
    row.refresh_from_db()
    assert row.deleted_at is None
    assert len(rows_of(entity, row)) == 3 + edited
    assert rows_of(entity, row)[-1].change.reverses == deletion


def rows_of(entity: Entity, row: Any) -> list[ChangeRow]:
    found = ChangeRow.objects.filter(entity=entity.name, object_id=row.pk)
    return list(found.select_related("change").order_by("id"))


def edit(client: Client, entity: Entity, row: Any, made: Any) -> int:
    """Change the first plain field through the form, undo it, change it again; how many rows that wrote."""
    for name in entity.names("form"):
        column = entity.column(name)
        text = another(column, row, made)
        if text is None or name in entity.names("key"):
            continue
        before = getattr(row, name)
        form = client.get(entity.url("edit", row)).context["form"]
        data = {item.name: item.raw for item in form.inputs.values()} | {name: text, "_version": str(row.version)}
        response = client.post(entity.url("edit", row), data)
        assert response.status_code == 302, {
            n: i.errors for n, i in response.context["form"].inputs.items() if i.errors
        }
        change = rows_of(entity, row)[-1]
        assert name in change.after
        assert client.post(f"/undo/{change.change_id}/").status_code == 302
        row.refresh_from_db()
        assert getattr(row, name) == before
        return 2
    return 0


ODD = {
    "empty": "",
    "long": "很长的名字" * 40,
    "right to left": "שלום \u202eעולם",
    "markup": "<script>alert(1)</script>&\"'",
}


@pytest.mark.parametrize("entity", ALL)
def test_odd_values_render(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    client = signed_in(cast.administrator)
    for name, odd in ODD.items():
        if not write_odd(entity, row, odd):
            continue
        for url in (
            entity.url("list") + "?view=all",
            entity.url("detail", row),
            f"{entity.url('detail', row)}?panel=1",
        ):
            response = client.get(url)
            assert response.status_code == 200, (name, url)
            assert b"<script>alert" not in response.content, (name, url)
        if entity.names("form"):
            assert b"<script>alert" not in client.get(entity.url("edit", row)).content


def write_odd(entity: Entity, row: Any, odd: str) -> bool:
    """Put an odd text into every text field of a row, past all checks; False where the database refuses it."""
    values = {}
    for field in entity.model._meta.concrete_fields:
        if field.get_internal_type() in ("CharField", "TextField") and not field.unique and not field.flatchoices:
            values[field.name] = odd[: field.max_length or None]
    try:
        with transaction.atomic():
            entity.model._default_manager.filter(pk=row.pk).update(**values)
    except IntegrityError:
        return False
    memo.forget()
    return True
