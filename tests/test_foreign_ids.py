"""Ids of others: whatever address, form or parameter names a record out of reach, there is no such record.

The addresses come from the routes themselves: a new page of the kit, or of the API, is asked by itself; a new page of
an app that takes an id fails the last test until its line says what its id names and who reaches that.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import access, allowance, bulk, keeping, panel
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.models import Change

from tests.samples import owned_by
from tests.test_access_grid import ROLES, routes
from tests.test_conformance_api import Api
from tests.world import SECRET, World, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("not_found_once")]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOBODYS = 987_654_321
BY_SLUG = {entity.slug: entity for entity in entities.values()}


STAFF = "seller peer manager other_manager director hr finance administrator auditor service"
MANAGEMENT = "manager director hr finance administrator auditor"
AROUND = "seller manager director hr finance administrator auditor service"
"""Who sees the seller's customer, and so what was laid to it."""

# Route of an app's own page → what its id names (of the seller's), and who reaches that.
NAMED: dict[str, tuple[str, str]] = {
    "insight:person": ("seller", f"{MANAGEMENT} seller"),
    "insight:team": ("tigers", MANAGEMENT),
    **{
        f"boards:{page}": ("dashboards.dashboard", "seller manager administrator auditor")
        for page in ("show", "layout", "copy", "tile", "file", "wall")
    },
    "boards:links": ("dashboards.dashboard", "seller manager administrator auditor"),
    "boards:end": ("wall_link", "seller manager administrator"),
    "opportunities:team": ("opportunities.deal", "seller manager director hr finance administrator auditor"),
    "opportunities:parties": ("opportunities.deal", "seller manager director hr finance administrator auditor"),
    "mfa_edit_webauthn": ("passkey", "seller"),
    "mfa_remove_webauthn": ("passkey", "seller"),
    "billing:plan": ("commerce.contract", "seller manager director finance administrator hr auditor"),
    "lead_pages:qualify": ("leads.lead", "seller manager director administrator auditor"),
    "lead_pages:convert": ("leads.lead", "seller manager director administrator auditor"),
    "lead_form:fresh_address": ("leads.webform", "seller peer manager other_manager director administrator auditor"),
    "signin:way": ("way", "administrator"),
    "signin:remove_way": ("way", "administrator"),
    "signin:lift": ("lock", "administrator"),
    "signin:end_sessions": ("seller", "administrator"),
    "signin:reset_factors": ("seller", "administrator"),
    "signin:unlink": ("account", "seller"),
    "webhook_topics": ("webhooks.endpoint", "administrator auditor"),
    "webhook_secret": ("webhooks.endpoint", "administrator auditor"),
    "webhook_ping": ("webhooks.endpoint", "administrator auditor"),
    "webhook_delivery": ("delivery", "administrator"),
    "webhook_resend": ("delivery", "administrator"),
    "inbox_open": ("notice", "seller"),
    "channels_retry": ("message", "administrator"),
    "robot_setup": ("notices.robot", "administrator auditor"),
    "robot_try": ("notices.robot", "administrator auditor"),
    "ownfields:edit": ("kit.ownfield", "administrator auditor"),
    "ownfields:move": ("kit.ownfield", "administrator auditor"),
    "ownfields:retire": ("kit.ownfield", "administrator auditor"),
    "ownfields:delete": ("kit.ownfield", "administrator auditor"),
    "audit:file": ("file", "director"),
    "audit:review": ("review", "administrator auditor"),
    "audit:document": ("review", "administrator auditor"),
    "handing:start": ("seller", "manager director administrator"),
    "handing:handover": ("handover.handover", "seller manager director hr administrator auditor"),
    "handing:sign": ("sheet", "seller manager director hr administrator auditor"),
    "market:drop": ("recut", "director administrator"),
    "metrics:edit": ("metrics.definition", STAFF),
    "metrics:cell": ("metrics.definition", STAFF),
    "building_sites:conflict": (
        "projects.conflict",
        "seller manager director hr finance administrator auditor",
    ),
    "org:branch": ("tigers", STAFF),
    "org:members": ("tigers", STAFF),
    "org:links": ("tigers", "hr administrator"),
    "org:link": ("seller", STAFF),
    "org:roles": ("seller", STAFF),
    "org:grants": ("role", "hr administrator auditor"),
    "org:role_preview": ("role", "hr administrator auditor"),
    "org:role_reset": ("role", "hr administrator auditor"),
    "org:role_copy": ("role", "hr administrator auditor"),
    "org:role_compare": ("role", "hr administrator auditor"),
    "org:deputy_end": ("org.deputy", STAFF),
    "import:show": ("import", "seller"),
    "import:header": ("import", "seller"),
    "import:map": ("import", "seller"),
    "import:run": ("import", "seller"),
    "import:problems": ("import", "seller"),
    "import:links": ("import", "seller"),
    "import:revert": ("import", "seller"),
    "import:keep": ("import", "seller"),
    "enclosures:new": ("import", "seller"),
    "enclosures:show": ("enclosure", "seller"),
    "import:recipe": ("recipe", "seller"),
    "import:recipe_file": ("recipe", "seller"),
    "exports:part": ("export", "seller"),
    "exports:file": ("export", "seller"),
    "exports:delete": ("export", "seller"),
    "intake_recipe": ("intake.source", "administrator auditor"),
    "intake_secret": ("intake.source", "administrator auditor"),
    "collaboration:files": ("customers.customer", AROUND),
    "collaboration:comments": ("customers.customer", AROUND),
    "collaboration:people": ("customers.customer", AROUND),
    "collaboration:tags": ("customers.customer", AROUND),
    "collaboration:edit": ("comment", AROUND),
    "collaboration:delete": ("comment", AROUND),
    "collaboration:file": ("attachment", AROUND),
    "collaboration:detach": ("attachment", AROUND),
    "stored_file": ("stored", AROUND),
    "quote_pages:lines": ("quotes.quote", f"{MANAGEMENT} seller"),
    "quote_pages:sums": ("quotes.quote", f"{MANAGEMENT} seller"),
    "quote_pages:versions": ("quotes.quote", f"{MANAGEMENT} seller"),
    "quote_pages:pdf": ("quotes.quote", f"{MANAGEMENT} seller"),
    "approvals:request": ("approval", f"{MANAGEMENT} seller"),
    "approvals:decide": ("approval", f"{MANAGEMENT} seller"),
    "approvals:route": ("route", "administrator auditor"),
    "job": ("job", "seller administrator auditor"),
    "job_cancel": ("job", "seller administrator"),
    "job_retry": ("job", "seller administrator"),
    "merging:done": ("merge", AROUND),
    "merging:pick_customers": ("customers.customer", AROUND),
    "merging:pick_contacts": ("customers.contact", "seller manager director finance administrator auditor service"),
    "merging:pick_leads": ("leads.lead", "seller manager director administrator auditor"),
    "merging:pick_products": ("opportunities.product", STAFF),
    "undo": ("change", "seller manager director administrator auditor finance service hr"),
}

# Why an id that nobody has may be answered other than «not found».
ANYHOW = {
    "signin:lift": "a lock that has run out meanwhile is lifted, whoever took it away",
}


def written() -> int:
    """How many changes there are, but for the tokens that the test itself makes."""
    return Change.objects.exclude(entity="api.token").count()


def fill(route: str, **values: Any) -> str:
    """A route's address with these values for its parameters."""
    for name, value in {"slug": "customers", "name": "x", "code": "x", "accessor": "x", **values}.items():
        for kind in ("int", "uuid", "slug", "str"):
            route = route.replace(f"<{kind}:{name}>", str(value))
    return f"/{route}"


def with_ids() -> Iterator[tuple[str, str, str, Any]]:
    """(kind, name, route, view) of every route that takes an id: of the kit, of the API, or of an app."""
    for name, route, view in routes(get_resolver().url_patterns):
        if "<int:" not in route and "<uuid:" not in route:
            continue
        space, _colon, page = name.partition(":")
        if space in BY_SLUG and view.__module__.startswith("xiaoguan.kit.pages"):
            yield "kit", name, route, view
        elif space in ("api", "below", "beside", "of_deals", "of_metrics") and page.rpartition("-")[0] in BY_SLUG:
            yield "api", name, route, view
        elif space in ("below", "approvals_api"):
            continue  # for programs: tests/test_conformance_together.py, apps/approvals/tests
        else:
            yield "app", name, route, view


def addresses(entity: Entity, page: str, route: str, pk: int) -> list[str]:
    """A route of an entity with every name it may take: each verb, each tab, each field of the form."""
    if page in ("do", "act"):
        return [fill(route, pk=pk, name=name) for name in entity.actions]
    if page == "tab":
        return [fill(route, pk=pk, code=each.code) for each in panel.of(entity.model)]
    if page == "cell":
        return [f"{fill(route, pk=pk)}?field={name}" for name in entity.names("form")[:3]]
    return [fill(route, pk=pk)]


def test_pages_of_the_kit_know_no_foreign_record(world: World) -> None:
    wrong, asked = [], 0
    found = [each for each in with_ids() if each[0] == "kit"]
    before = Change.objects.count()
    for part in ROLES:
        client = client_of(world.cast.again(part))
        unseen = {name for name, entity in entities.items() if not world.reaches(part, entity)}
        for _kind, name, route, _view in found:
            slug, _colon, page = name.partition(":")
            entity = BY_SLUG[slug]
            pk = world.rows[entity.name].pk
            if page == "bulk_done":  # the outcome of the seller's own bulk work
                pk = world.things["job"].pk
                if part == "seller":
                    continue
            elif entity.name not in unseen:
                continue
            for url in addresses(entity, page, route, pk):
                for method in ("GET", "POST"):
                    asked += 1
                    answer = client.generic(method, url)
                    if answer.status_code not in (404, 405):
                        wrong.append(f"{part} {method} {url}: {answer.status_code}")
    assert asked > 2000
    assert not wrong, "\n".join(wrong)
    assert Change.objects.count() == before


def test_the_api_knows_no_foreign_record(world: World) -> None:
    allowance.reset()
    wrong, asked = [], 0
    found = [each for each in with_ids() if each[0] == "api"]
    for part in ("peer", "other_manager", "hr", "service", "finance", "outsider"):
        allowance.reset()
        api = Api(world.cast.again(part))
        before = Change.objects.count()
        unseen = {name for name, entity in entities.items() if not world.reaches(part, entity)}
        for _kind, name, route, _view in found:
            slug, _dash, page = name.partition(":")[2].rpartition("-")
            entity = BY_SLUG[slug]
            if entity.name not in unseen:
                continue
            for url in addresses(entity, page, route, world.rows[entity.name].pk):
                for method in METHODS:
                    asked += 1
                    allowance.reset()
                    answer = api.ask(method, url.removeprefix("/api/v1/"), {} if method != "GET" else None)
                    if answer.status_code not in (404, 405):
                        wrong.append(f"{part} {method} {url}: {answer.status_code}")
        assert Change.objects.count() == before, part
    assert asked > 1000
    assert not wrong, "\n".join(wrong)


def test_pages_of_apps_know_no_foreign_id(world: World) -> None:
    wrong, asked = [], 0
    for part in ROLES:
        client = client_of(world.cast.again(part))
        before = Change.objects.count()
        for kind, name, route, _view in with_ids():
            if kind != "app" or name not in NAMED:
                continue
            what, reaching = NAMED[name]
            if part in reaching.split():
                continue
            thing = world.things.get(what) or world.rows[what]
            for method in ("GET", "POST"):
                asked += 1
                url = fill(route, pk=thing.pk)
                answer = client.generic(method, url)
                if answer.status_code not in (404, 405):
                    wrong.append(f"{part} {method} {url} ({name}): {answer.status_code}")
        assert Change.objects.count() == before, part
    assert asked > 700
    assert not wrong, "\n".join(wrong)


def test_an_id_that_nobody_has_is_not_found(world: World) -> None:
    """Also for those who may do everything: neither an error nor another page."""
    wrong = []
    client = client_of(world.cast.administrator)
    for kind, name, route, view in with_ids():
        if kind == "api" or name in ANYHOW:
            continue
        for pk in (NOBODYS, 10**30) if "<int:" in route else (uuid.UUID(int=1),):
            for method in ("GET", "POST"):
                url = fill(route, pk=pk)
                answer = client.generic(method, url)
                if answer.status_code not in (404, 405):
                    wrong.append(f"{method} {url} ({name}, {view.__module__}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_every_route_with_an_id_is_asked() -> None:
    unknown = [f"{route} ({name})" for kind, name, route, _view in with_ids() if kind == "app" and name not in NAMED]
    assert not unknown, "say in NAMED what the id names and who reaches it:\n" + "\n".join(unknown)
    there = {name for kind, name, _route, _view in with_ids() if kind == "app"}
    assert not set(NAMED) - there, "these routes are gone"


def test_nobody_takes_back_the_changes_of_records_he_does_not_see(world: World) -> None:
    """Whatever kind of change it is, done or undone, final or not: to a stranger there is none."""
    client = client_of(world.cast.outsider)
    before = Change.objects.count()
    wrong = [
        f"{change.action} {change.entity}: {status}"
        for change in Change.objects.all()
        if (status := client.post(f"/undo/{change.pk}/").status_code) != 404
    ]
    assert not wrong, "\n".join(wrong)
    assert Change.objects.count() == before


def links_of(entity: Entity, names: list[str], world: World, part: str) -> list[tuple[Column, Any]]:
    """The links among these columns whose seller's record this person does not see."""
    found = []
    for name in names:
        column = entity.column(name)
        model = column.field.related_model if column.field.is_relation else None
        if "__" in column.path or model is None or not hasattr(model, "entity"):
            continue
        if not world.reaches(part, model.entity):
            found.append((column, world.rows[model.entity.name]))
    return found


@pytest.mark.parametrize("part", ["peer", "other_manager"])
def test_no_form_and_no_filter_tells_the_name_of_a_foreign_record(part: str, world: World) -> None:
    wrong, asked = [], 0
    client = client_of(world.cast.again(part))
    for entity in entities.values():
        if not access.may(world.cast.again(part), "view", entity.model):
            continue
        fields = links_of(entity, list(entity.names("form")), world, part)
        filters = links_of(entity, list(entity.names("filter")), world, part)
        urls = [f"{entity.url('new')}?{column.path}={row.pk}" for column, row in fields]
        urls += [f"{entity.url('list')}?{column.path}={row.pk}" for column, row in filters]
        urls += [f"{entity.url('list')}?where={column.path}:{row.pk}" for column, row in filters]
        urls += [f"{entity.url('filter', column.path)}?{column.path}={row.pk}" for column, row in filters]
        for url in urls:
            asked += 1
            answer = client.get(url)
            if SECRET in answer.content.decode() or answer.status_code >= 500:
                wrong.append(f"{url}: {answer.status_code}")
    pk = world.rows["customers.customer"].pk
    deal = world.rows["opportunities.deal"].pk
    for url in (
        f"/activities/log/?customer={pk}", f"/activities/log/?deal={deal}", f"/activities/?customer={pk}&deal={deal}",
        f"/org/why/?kind=customers.customer&record={pk}", f"/customers/?open=/customers/{pk}/",
        f"/customers/?view=s{world.things['view'].pk}", f"/customers/?refused={world.things['job'].pk}",
        f"/inbox/?before={world.things['notice'].pk}", f"/search/?q={SECRET}", f"/find/?q={SECRET}",
        f"/customers/options/?q={SECRET}", f"/metrics/won_amount/records/?person={world.cast.seller.pk}",
        "/metrics/won_amount/records/?person=²", "/metrics/won_amount/records/?team=²", "/deals/new/?customer=²",
    ):  # fmt: skip
        asked += 1
        answer = client.get(url)
        said = answer.content.decode().replace(f'value="{SECRET}"', "").replace(f"“{SECRET}”", "")
        if answer.status_code >= 500 or (SECRET in said and f"q={SECRET}" not in url):
            wrong.append(f"{url}: {answer.status_code}")
        elif f'href="/customers/{pk}/"' in said:
            wrong.append(f"{url} leads to the record")
    assert asked > 20
    assert not wrong, "\n".join(wrong)


def test_no_form_takes_a_foreign_record(world: World) -> None:
    """By the new form, the form of one's own record, a cell, the API: the link is refused and nothing is written."""
    cast, made = world.cast, world.made
    peer = cast.again("peer")
    client, wrong, asked = client_of(peer), [], 0
    for entity in entities.values():
        if not access.may(peer, "create", entity.model) or not entity.names("form"):
            continue
        for column, _row in links_of(entity, list(entity.names("form")), world, "peer"):
            mine = owned_by(cast.peer, entity, made)
            # Not the one that samples point at by themselves: what is linked already may stay.
            foreign = owned_by(cast.seller, column.field.related_model.entity, made)
            posted = made.posted(entity) | {column.path: str(foreign.pk)}
            rows, before = entity.model._default_manager.count(), written()
            allowance.reset()
            body = {column.path: foreign.pk}
            tries = {
                "new": client.post(entity.url("new"), posted),
                "edit": client.post(entity.url("edit", mine), {**posted, "_version": str(mine.version)}),
                "cell": client.post(f"{entity.url('cell', mine)}?field={column.path}", {"value": str(foreign.pk)}),
                "bulk": client.post(
                    entity.url("bulk", "edit"),
                    {"ids": [mine.pk], "_confirmed": "1", "_set": column.path, column.path: str(foreign.pk)},
                ),
                "patch": Api(peer).ask("PATCH", f"{entity.slug}/{mine.pk}", body),
            }
            asked += len(tries)
            wrong += [f"{entity.name}.{column.path} by {how}: {answer.status_code}"
                      for how, answer in tries.items() if answer.status_code != 422]  # fmt: skip
            now = entity.model._default_manager.filter(**{column.path: foreign}).filter(pk=mine.pk)
            assert not now.exists(), f"{entity.name}.{column.path}"
            assert entity.model._default_manager.count() == rows
            assert written() == before
    assert asked > 30
    assert not wrong, "\n".join(wrong)


def test_bulk_work_leaves_foreign_ids_alone(world: World) -> None:
    wrong = []
    for part in ("peer", "other_manager", "service"):
        person = world.cast.again(part)
        client = client_of(person)
        before = written()
        for entity in entities.values():
            if world.reaches(part, entity):
                continue
            row = world.rows[entity.name]
            for offer in bulk.offered(entity, person) or [{"name": "delete"}]:
                data = {"ids": [row.pk], "_confirmed": "1", "owner": str(person.pk), "to": str(person.pk)}
                for all_ in ({}, {"all": "1"}):
                    answer = client.post(f"{entity.url('bulk', offer['name'])}?view=all", data | all_)
                    if answer.status_code >= 500:
                        wrong.append(f"{part} {entity.name} {offer['name']}: {answer.status_code}")
            allowance.reset()
            for body in ({"delete": [row.pk]}, {"update": [{"id": row.pk, "version": row.version}]}):
                answer = Api(person).ask("POST", f"{entity.slug}/bulk", body)
                if answer.status_code not in (403, 404, 422):
                    wrong.append(f"{part} api {entity.name} {body}: {answer.status_code} {answer.content!r}")
            fresh = entity.model._default_manager.get(pk=row.pk)
            assert (fresh.version, fresh.deleted_at) == (row.version, None), (part, entity.name)
        assert written() == before
    assert not wrong, "\n".join(wrong)


def test_kept_views_of_others_are_not_touched(world: World) -> None:
    view = world.things["view"]
    client = client_of(world.cast.peer)
    before = Change.objects.count()
    for verb in ("rename", "share", "delete", "remove", "save", "start", "up", "down", "hide", "show"):
        answer = client.post("/customers/views/", {"_do": f"{verb}:s{view.pk}", "name": "Mine now", "shared": "all"})
        assert answer.status_code in (302, 404, 422), verb
    assert client.post("/customers/views/save/?q=lamp", {"_into": f"s{view.pk}"}).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.query, view.shared, view.deleted_at) == (SECRET, f"q={SECRET}", "", None)
    assert not Change.objects.filter(pk__gt=0, entity="kit.savedview", actor=world.cast.peer).exists()
    assert Change.objects.count() - before <= 1  # arranging one's own tabs


def test_shared_views_are_changed_by_their_owner_alone(world: World) -> None:
    view = world.things["view"]
    keeping.change(Entity.of(Customer), view, {"shared": "team"}, actor=world.cast.seller)
    client = client_of(world.cast.peer)
    for verb in ("rename", "share", "delete"):
        client.post("/customers/views/", {"_do": f"{verb}:s{view.pk}", "name": "Mine now", "shared": ""})
    fresh = type(view).objects.get(pk=view.pk)
    assert (fresh.name, fresh.shared, fresh.deleted_at) == (SECRET, "team", None)


def test_notices_of_others_are_not_read_away(world: World) -> None:
    notice = world.things["notice"]
    client = client_of(world.cast.peer)
    client.post("/inbox/read/", {"ids": str(notice.pk)})
    client.post("/inbox/read/", {"all": "1"})
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_deal_of_a_foreign_customer_is_not_made(world: World) -> None:
    """The quick form too: what is named in it must be in reach."""
    client = client_of(world.cast.peer)
    before = Change.objects.count()
    for name in ("customer", "deal"):
        row = world.rows["customers.customer" if name == "customer" else "opportunities.deal"]
        assert client.post("/activities/log/", {name: row.pk, "kind": "call", "body": "x"}).status_code == 422
    assert Change.objects.count() == before
    assert not Deal.objects.filter(owner=world.cast.peer).exists()


def test_an_older_change_of_a_kept_view_is_refused_with_words(world: World) -> None:
    """A view is no record with a page: what has changed since is told all the same."""
    view, entity, seller = world.things["view"], Entity.of(Customer), world.cast.seller
    first = keeping.change(entity, view, {"name": "Nearby"}, actor=seller)
    keeping.change(entity, type(view).objects.get(pk=view.pk), {"name": "Far away"}, actor=seller)
    answer = client_of(seller).post(f"/undo/{first.pk}/")
    assert answer.status_code == 409
    assert "Far away" in answer.content.decode()
