"""A masked field is nowhere: every page, part, file and answer of the product is read for what it must not say.

Every plain field of every entity gets a value that stands nowhere else, written by actions, so that history, notices,
search keys and deliveries have heard of it as well. Two readers have all of these fields masked: the seller, whose
own records they are, and an auditor, who sees all records. A third without masks shows that the pages do tell them.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import openpyxl
import pytest
from django.db import models
from django.test import Client
from django.urls import get_resolver
from pytest_django import DjangoDbBlocker

from xiaoguan.api import shape
from xiaoguan.apps.org.models import Person, Role
from xiaoguan.apps.webhooks import actions as hooks
from xiaoguan.apps.webhooks.models import Delivery, Endpoint, Secret
from xiaoguan.kit import access, action, allowance, bulk, clock, job, panel, recent, timeline
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import KitError
from xiaoguan.kit.extra import PREFIX
from xiaoguan.kit.fields import MoneyField, PercentField
from xiaoguan.kit.grouping import GroupedListing
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models import OwnField
from xiaoguan.kit.own import definitions

from tests.cast import Cast, counted_in_the_settings_zone
from tests.samples import DERIVED, owned_by, samples
from tests.test_access_grid import routes
from tests.test_conformance_api import Api

pytestmark = [
    pytest.mark.django_db, pytest.mark.once, pytest.mark.long, pytest.mark.usefixtures("not_found_once"),
]  # fmt: skip
SHARES_A_COMPANY = True

SKIPPED = frozenset({"api.token", "kit.ownfield", "org.role", "org.person"})
"""Whose fields are names of the machine or of people, shown beside everything."""


TITLES = {"leads.lead": "company name"}
"""What the titles of records are worked out of."""


class Secrets:
    """Values that stand nowhere else, and every way in which they may be written."""

    def __init__(self) -> None:
        self.number = 0
        self.spelt: dict[tuple[str, str], list[str]] = {}

    def value(self, entity: Entity, name: str, field: models.Field[Any, Any]) -> Any:
        """A secret for one field; None where its kind has no value that nothing else could show."""
        self.number += 1
        number = self.number
        if isinstance(field, MoneyField):
            fen = 70_000_000_000 + number * 10_000_019
            yuan, wan = f"{fen / 100:.2f}", f"{fen / 1_000_000:.2f}"
            spelt = [f"{fen}", yuan, f"{fen / 100:,.2f}", f"{wan} 万", f"{float(wan):,.2f}", f">{wan}"]
            return self.keep(entity, name, fen, spelt)
        if field.is_relation or field.flatchoices or isinstance(field, PercentField | models.BooleanField):
            return None
        if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
            day = dt.date(2071, 1, 1) + dt.timedelta(days=number * 3)
            return self.keep(entity, name, day, [day.isoformat(), f"{day:%Y}/{day.month}/{day.day}"])
        if isinstance(field, models.IntegerField) and not isinstance(field, models.SmallIntegerField):
            found = 800_000 + number * 17
            return self.keep(entity, name, found, [f"{found}", f"{found:,}"])
        if isinstance(field, models.CharField | models.TextField) and not field.unique:
            word = f"zq{number:03d}kestrel"
            if isinstance(field, models.EmailField) or name == "email":
                return self.keep(entity, name, f"{word}@example.com", [word])
            if name in ("phone", "mobile"):
                digits = f"1387{number:03d}5612"
                return self.keep(entity, name, digits, [digits, f"{digits[:3]} {digits[3:7]} {digits[7:]}"])
            if (field.max_length or 99) >= len(word) and not field.validators[1:]:
                return self.keep(entity, name, word, [word])
        return None

    def keep(self, entity: Entity, name: str, value: Any, spelt: list[str]) -> Any:
        """Remember how a value may look."""
        self.spelt[entity.name, name] = spelt
        return value

    def said(self, text: str) -> set[tuple[str, str]]:
        """The fields whose secret stands in a text."""
        found: set[tuple[str, str]] = set()
        for start, members in self.by_start.items():
            if start in text:
                found |= {key for key, each in members if each in text}
        return found

    @cached_property
    def by_start(self) -> dict[str, list[tuple[tuple[str, str], str]]]:
        """All spellings by what they begin with: most pages hold none of the few beginnings."""
        found: dict[str, list[tuple[tuple[str, str], str]]] = {}
        for key, spelt in self.spelt.items():
            for each in spelt:
                found.setdefault(each[:4], []).append((key, each))
        return found


def filled() -> list[Entity]:
    """The entities whose records get secrets."""
    return [entity for entity in entities.values() if entity.name not in DERIVED | SKIPPED]


def maskable(entity: Entity) -> Iterator[str]:
    """Fields people type that neither name nor recognise a record."""
    fixed = {*entity.names("title"), *entity.names("key"), *TITLES.get(entity.name, "").split(), entity.scope}
    for name in dict.fromkeys([*entity.names("form"), *entity.names("list")]):
        if name not in fixed and ("__" not in name or name.startswith(PREFIX)) and entity.column(name).field.editable:
            yield name


def derived(entity: Entity) -> list[str]:
    """What the product works out of other fields: a mask of the source alone would not hide what follows from it."""
    names = [name for name in entity.names("list") if "__" not in name]
    return [name for name in names if not entity.column(name).field.editable and name not in entity.names("title")]


MASKED = {"seller": ("salesperson", ""), "finance": ("finance", ""), "auditor": ("auditor", "all")}
"""Who reads with masks: the code of his role, and the reach the role gets in all things beside."""


class World:
    """The seller's records with a secret in every field that may be masked, and is for those in MASKED.

    Masks are there before a word is written: deliveries are worded when a change happens.
    """

    def __init__(self, cast: Cast) -> None:
        self.cast, self.secrets = cast, Secrets()
        self.rows: dict[str, Any] = {}
        made = samples(cast)
        for entity in entities.values():
            self.rows[entity.name] = owned_by(cast.seller, entity, made)
        self.own_fields()
        self.hear()
        for code, reach in MASKED.values():
            self.mask(Role.objects.get(code=code), reach)
        for entity in filled():
            for name in maskable(entity):
                self.write(entity, name)
        job.enqueue("webhooks.expand", key="expand", again=True)
        calls = {"webhooks.send", "notices.deliver"}
        while row := job.claim(names=set(job.kinds) - calls):
            job.execute(row)

    def own_fields(self) -> None:
        """A text and an amount of the company's own on whatever may have them."""
        for entity in filled():
            if definitions.may_have(entity):
                for kind in ("text", "money"):
                    values = {"record": entity.name, "code": f"own_{kind}", "label": f"Own {kind}", "kind": kind}
                    action.create(OwnField, values, actor=self.cast.administrator)

    def hear(self) -> None:
        """Endpoints that read with the eyes of the masked ones."""
        topics = {name: ["created", "updated", "deleted"] for name in entities}
        for part in ("seller", "finance", "auditor", "director"):
            values = {"name": part, "url": f"https://erp.example.com/{part}"}
            endpoint = action.create(Endpoint, values, actor=self.cast.system)
            Endpoint.objects.filter(pk=endpoint.pk).update(reader=getattr(self.cast, part))
            hooks.subscribe(Endpoint.objects.get(pk=endpoint.pk), topics, actor=self.cast.system)
            Secret.objects.create(endpoint=endpoint, value="s" * 40, created_at=clock.now())

    def write(self, entity: Entity, name: str) -> None:
        """Put a field's secret in, over an older one, by the director, so that the seller is told."""
        row = entity.model._default_manager.get(pk=self.rows[entity.name].pk)
        value = self.secrets.value(entity, name, entity.column(name).field)
        if value is None:
            return
        try:
            action.update(row, {name: value}, actor=self.cast.administrator)
        except KitError:
            del self.secrets.spelt[entity.name, name]
            return
        if getattr(entity.model._default_manager.get(pk=row.pk), name) != value:  # a rule of the record took it away
            del self.secrets.spelt[entity.name, name]

    def mask(self, role: Role, reach: str) -> None:
        """Hide all of it from a role; with a reach it may do everything else."""
        hidden = {entity.name: [*maskable(entity), *derived(entity)] for entity in filled()}
        verbs = dict.fromkeys(("view", "export", "change", "create", "delete"), reach)
        grants = {**role.grants, "*": verbs} if reach else role.grants
        action.update(role, {"grants": grants, "masks": hidden}, actor=self.cast.system)


def signed_in(person: Any) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person)
    session = client.session
    session[recent.KEY] = time.time()
    session.save()
    return client


def of_entity(entity: Entity, row: Any, fields: list[str]) -> Iterator[str]:
    """Every address of an entity and its record that may show a field, asked for these fields where one can ask."""
    cols = ",".join([*entity.names("title"), *fields])
    at = entity.url
    yield from (at("list"), f"{at('list')}?view=all&cols={cols}", f"{at('list')}?view=all&cols={cols}&group=owner")
    yield f"{at('export')}?view=all&_format=csv&cols={cols}"
    yield from (at("options"), at("where"), at("bin"), at("menu"))
    yield from (at(page, row) for page in ("detail", "edit", "delete", "timeline"))
    yield f"{at('detail', row)}?panel=1"
    yield from (f"{at('timeline', row)}?kind={each.kind}" for each in timeline.of(entity.model))
    yield from (at("tab", row, each.code) for each in panel.of(entity.model))
    yield from (at("do", row, name) for name in entity.actions)
    if entity.board:
        yield from (at("board"), f"{at('board')}?view=all")
    if entity.calendar:
        yield from (f"{at('calendar')}?view=all&span={span}" for span in ("month", "week"))
    yield from (f"{at('cell', row)}?field={name}" for name in fields)


def of_apps(world: World) -> Iterator[str]:
    """Every page of an app that needs nothing to be named, and those about the seller and his team."""
    for _name, route, _view in routes(get_resolver().url_patterns):
        if "<" not in route and not route.startswith(("api/", "accounts/logout")):
            yield f"/{route}"
    seller, team = world.cast.seller.pk, world.cast.tigers.pk
    yield from (f"/homes/people/{seller}/", f"/homes/teams/{team}/", f"/activities/?person={seller}")
    for code in ("won_amount", "receipts", "new_customers"):
        yield f"/metrics/{code}/records/?person={seller}&from=2000-01-01&to=2099-01-01"
        yield f"/insight/pivot/?metric={code}"
        yield f"/insight/pivot/file/?metric={code}&as=csv"
    yield from (f"/audit/?entity={name}" for name in {name for name, _field in world.secrets.spelt})
    yield from ("/audit/export/?_format=csv", "/audit/export/?_format=xlsx", "/customers/export/?view=all")


def text_of(answer: Any) -> str:
    """What an answer says: a page, a file, a workbook."""
    content = answer.getvalue() if answer.streaming else answer.content
    if content[:2] == b"PK":
        book = openpyxl.load_workbook(io.BytesIO(content))
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    return html.unescape(content.decode())


def of_api(person: Any, world: World) -> Iterator[tuple[str, str]]:
    """(address, answer) of lists and records in the API, linked records included."""
    allowance.reset()
    api = Api(person)
    for entity in entities.values():
        links = [column.path for column in shape.readable(entity, person) if shape.is_link(column)]
        for where in (entity.slug, f"{entity.slug}/{world.rows[entity.name].pk}"):
            allowance.reset()
            path = f"{where}?expand={','.join(links[:3])}"
            yield f"api {path}", html.unescape(api.ask("GET", path).content.decode())


TELLING = "director"
"""Who shows that what is hidden would be told."""

WALKING = (TELLING, "auditor")
"""Who reads every address; the others read the pages of apps, which look different to them, and each record."""


def addresses(part: str, world: World) -> Iterator[str]:
    """What one person reads."""
    yield from of_apps(world)
    for entity in entities.values():
        row = world.rows[entity.name]
        names = [name for owner, name in world.secrets.spelt if owner == entity.name]
        yield from of_entity(entity, row, names) if part in WALKING else [entity.url("detail", row)]


def told(part: str, world: World) -> Iterator[tuple[str, str]]:
    """(where, text) of everything the product says to one person."""
    person = world.cast.again(part)
    client = signed_in(person)
    for url in addresses(part, world):
        answer = client.get(url)
        assert answer.status_code < 500, url
        yield url, text_of(answer)
    if part in WALKING:
        yield from of_api(person, world)
    for delivery in Delivery.objects.filter(endpoint__name=part):
        yield f"webhook {delivery.event} {delivery.entity}", json.dumps(json.loads(delivery.body), ensure_ascii=False)


MET = 60
"""How many secrets at least an unmasked reader meets; fewer would say that the pages were not read."""


@pytest.fixture(scope="module")
def world(company_of_module: Cast, django_db_blocker: DjangoDbBlocker) -> World:
    """One world for all readers, in the transaction of the module's company."""
    with django_db_blocker.unblock(), counted_in_the_settings_zone():
        Person.objects.filter(pk=company_of_module.seller.pk).update(email="siyuan@example.com")
        return World(company_of_module)


@pytest.fixture(autouse=True)
def _many_exports(settings: Any) -> None:
    settings.EXPORTS_A_MINUTE = 1_000  # nobody else reads every list within a minute


def test_whoever_may_see_is_told(world: World) -> None:
    """The pages read here do tell the values: otherwise the test below would pass on empty pages."""
    found: set[tuple[str, str]] = set()
    for _where, text in told(TELLING, world):
        found |= world.secrets.said(text)
    reader = world.cast.director
    visible = {key for key in world.secrets.spelt if access.may(reader, "view", world.rows[key[0]])}
    untold = sorted(visible - found)
    assert not untold, f"no page tells {untold}, so no test can see that they are hidden"
    assert len(found) > MET


@pytest.mark.parametrize("part", MASKED)
def test_a_masked_field_is_told_nowhere(part: str, world: World) -> None:
    wrong = []
    for where, text in told(part, world):
        wrong += [f"{where}: {'.'.join(key)}" for key in sorted(world.secrets.said(text))]
    assert not wrong, "\n".join(wrong)


def test_a_masked_field_can_not_be_asked_about(world: World) -> None:
    """Neither filtered, nested or not, nor sorted, grouped, summed, searched, found in the palette or set in bulk."""
    auditor = world.cast.again("auditor")
    client, asked = signed_in(auditor), 0
    for (name, field), spelt in world.secrets.spelt.items():
        entity, column = entities[name], entities[name].column(field)
        raw = spelt[0] if column.kind.code not in ("money", "own_money") else spelt[1]
        for query in ({field: raw}, {"where": f"{field}:{raw}"}, {"where": f"not({field}:none)"}, {field: "none"}):
            listing = Listing(entity, auditor, {"view": "all", **query})
            assert listing.problems, (name, query)
        looks = {"view": "all", "sort": f"-{field}", "group": field, "cols": f"{entity.names('title')[0]},{field}"}
        listing = GroupedListing(entity, auditor, looks)
        assert field not in (listing.sort or "").removeprefix("-") and not listing.sections, (name, field)
        assert field not in listing.totals.sums and field not in [each.name for each in listing.columns], (name, field)
        assert field not in bulk.fields(entity, auditor), (name, field)
        asked += 1
        if not isinstance(column.field, models.CharField | models.TextField):
            continue  # the search knows words only
        detail = f'href="{entity.url("detail", world.rows[name])}"'
        for url in (f"/find/?q={raw}", f"/search/?q={raw}"):
            assert detail not in client.get(url).content.decode(), (name, field, url)
    assert asked > MET
