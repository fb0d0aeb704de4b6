"""The same records whichever way one asks and why one sees them; shared views show no more; files come back as sent."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from typing import Any

import pytest
from django.core.files.base import ContentFile

from xiaoguan.apps.org.actions import set_deputy
from xiaoguan.kit import access, allowance, clock, keeping, worker
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.grouping import GroupedListing
from xiaoguan.kit.models import Change
from xiaoguan.kit.models.collaborator import Level
from xiaoguan.transfer import batches, running
from xiaoguan.transfer.importer import Importer, importer_of
from xiaoguan.transfer.options import Options

from tests.cast import Cast
from tests.samples import DERIVED, owned_by, samples
from tests.test_conformance import SECRET, SHIPPED, hide, hideable, signed_in
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db

MADE = [pytest.param(entity, id=entity.name) for entity in entities.values() if entity.name not in DERIVED]
OWNED = [param for param in MADE if access.owning(param.values[0])[1].scope == "owner" and not param.values[0].fixed]
SHARED = [param for param in OWNED if param.values[0].scope == "owner" and not param.values[0].fixed]
PAID = frozenset({"commerce.receipt", "commerce.refund"})
"""What sellers see and finance keeps: a seller shares none of it."""
DAY = dt.timedelta(days=1)


def everywhere(entity: Entity, person: Any) -> dict[str, Counter[Any]]:
    """The records one person gets, by the way of asking: as ids, and in files by what they are called."""
    client, title = signed_in(person), entity.names("title")[0]
    allowance.reset()
    listing = client.get(f"{entity.url('list')}?view=all").context["listing"]
    found = {"list": Counter(row.pk for row in listing.rows)}
    found["api"] = Counter(row["id"] for row in Api(person).ask("GET", f"{entity.slug}?limit=500").json()["data"])
    if entity.board:
        page = client.get(f"{entity.url('board')}?view=all").content.decode()
        found["board"] = Counter(row.pk for row in listing.rows if f'data-record="{row.pk}"' in page)
    grouped = GroupedListing(entity, person, {"view": "all", "group": "owner"})
    if not grouped.problems:
        found["grouped"] = Counter(row.pk for row in grouped.rows)
    if access.may(person, "export", entity.model):
        answer = client.get(f"{entity.url('export')}?view=all&_format=csv&cols={title}")
        rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))[1:]
        called = {entity.title_of(row): row.pk for row in listing.rows}
        alone = len(entity.names("title")) == 1 and entity.column(title).kind.code == "text"
        found["export"] = Counter(called.get(row[0]) if alone else None for row in rows)
    return found


def assert_the_same(entity: Entity, person: Any, wanted: set[int]) -> None:
    """Each once, none missing, none more; what comes with the product and is for everybody beside it."""
    wanted = wanted | shipped(entity, person)
    assert set(access.visible(entity.model, person).values_list("pk", flat=True)) == wanted
    for way, found in everywhere(entity, person).items():
        if way == "export" and set(found) <= {None}:
            assert found.total() == len(wanted), way  # a file has no ids, and these are not told apart by their title
        else:
            assert found == Counter(wanted), way


def shipped(entity: Entity, person: Any) -> set[int]:
    """What comes with the product and is shown to this person's role."""
    if entity.name not in SHIPPED:
        return set()
    return set(access.visible(entity.model, person).filter(owner__isnull=True).values_list("pk", flat=True))


@pytest.mark.parametrize("entity", OWNED)
def test_by_scope(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    of = {part: owned_by(getattr(cast, part), entity, made) for part in ("seller", "peer", "other_seller")}
    for part, parts in (("seller", ["seller"]), ("manager", ["seller", "peer"]), ("director", list(of))):
        person = cast.again(part)
        scope = access.grants(person).scope(entity.name, "view")
        if scope in ("self", "team"):  # whoever leads may still have his own only, as with dashboards
            own = [each for each in parts if scope == "team" or each == part]
            assert_the_same(entity, person, {of[each].pk for each in own})


@pytest.mark.parametrize("entity", SHARED)
def test_by_being_a_collaborator(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    shared, kept = owned_by(cast.seller, entity, made), owned_by(cast.seller, entity, made)
    own = owned_by(cast.other_peer, entity, made)
    grants = access.grants(cast.again("other_peer"))
    if grants.scope(entity.name, "view") != "self" or entity.name in PAID:
        return  # colleagues see each other's, or it is not theirs to share
    assert_the_same(entity, cast.again("other_peer"), {own.pk})
    entity.actions["share"](shared, actor=cast.seller, person=cast.other_peer, level=Level.READ)
    person = cast.again("other_peer")
    assert_the_same(entity, person, {own.pk, shared.pk})
    assert signed_in(person).get(entity.url("detail", kept)).status_code == 404
    assert signed_in(person).get(entity.url("edit", shared)).status_code in (403, 404)


@pytest.mark.parametrize("entity", OWNED)
def test_by_standing_in(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    theirs, own = owned_by(cast.seller, entity, made), owned_by(cast.other_peer, entity, made)
    foreign = owned_by(cast.peer, entity, made)
    if access.grants(cast.again("other_peer")).scope(entity.name, "view") != "self":
        return
    today = clock.today()
    set_deputy(cast.seller, actor=cast.seller, deputy=cast.other_peer, start=today, end=today)
    person = cast.again("other_peer")
    assert_the_same(entity, person, {own.pk, theirs.pk})
    assert signed_in(person).get(entity.url("detail", foreign)).status_code == 404
    with clock.at(clock.now() + 2 * DAY):
        person = cast.again("other_peer")
        left = set(access.visible(entity.model, person).values_list("pk", flat=True))
        assert left == {own.pk} | shipped(entity, person)


@pytest.mark.parametrize("entity", [param for param in OWNED if hideable(param.values[0])])
def test_a_shared_view_shows_no_more_than_its_reader_may_see(entity: Entity, cast: Cast) -> None:
    """Kept by somebody with all rights: filtered, sorted, grouped and with columns by what is masked for the reader."""
    made = samples(cast)
    row, other = owned_by(cast.seller, entity, made), owned_by(cast.seller, entity, made)
    name, title = hideable(entity)[0], entity.names("title")[0]
    entity.model._default_manager.filter(pk=row.pk).update(**{name: SECRET})
    states = (
        {name: SECRET}, {"where": f"{name}:{SECRET}"}, {"where": f"not({name}:{SECRET})"}, {"q": SECRET},
        {"sort": f"-{name}"}, {"cols": f"{title},{name}"}, {"group": name},
    )  # fmt: skip
    kept = [
        keeping.save(entity, f"View {n}", state, actor=cast.administrator, shared="all")[0]
        for n, state in enumerate(states)
    ]
    reader = hide(cast, entity, [name])
    client, narrow = signed_in(reader), signed_in(cast.again("peer"))
    everything = set(access.visible(entity.model, reader).values_list("pk", flat=True))
    assert {row.pk, other.pk} <= everything
    for view, state in zip(kept, states, strict=True):
        url = f"?view=s{view.pk}"
        answer = client.get(f"{entity.url('list')}{url}")
        assert answer.status_code == 200, state
        shown = {each.pk for each in answer.context["listing"].rows}
        assert shown in (everything, set()), f"{state}: which rows are shown tells what is hidden"
        told = answer.content.decode()
        assert SECRET not in told.replace(f"q={SECRET}", "").replace(f'value="{SECRET}"', "") or "q" in state, state
        for page in ("export", "counts", "board"):
            if page != "board" or entity.board:
                content = client.get(f"{entity.url(page)}{url}&_format=csv")
                text = (content.getvalue() if content.streaming else content.content).decode()
                assert SECRET not in text or "q" in state, (page, state)
        theirs = narrow.get(f"{entity.url('list')}{url}")
        if theirs.status_code == 200 and access.grants(cast.again("peer")).scope(entity.name, "view") == "self":
            assert not theirs.context["listing"].rows, "a view shares the question, never the rows"


def columns_of(entity: Entity) -> list[str]:
    """What a file of an entity can bring back: its form, and what recognises a record."""
    names = dict.fromkeys([*entity.names("key"), *entity.names("form")])
    return [name for name in names if "__" not in name and not entity.column(name).field.many_to_many]


UNKEYED = frozenset({"org.membership"})
"""Whose key may have an empty part: a membership that began before the books has no first day to recognise it by."""
RECOGNISED = [
    param
    for param in MADE
    if param.values[0].names("key")
    and param.values[0].names("form")
    and importer_of(param.values[0]).candidates is Importer.candidates
    and param.values[0].name not in UNKEYED
]


@pytest.mark.parametrize("entity", RECOGNISED)
def test_a_file_that_went_out_comes_back_without_a_change(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    for _n in range(3):
        owned_by(cast.seller, entity, made)
    client = signed_in(cast.administrator)
    names = columns_of(entity)
    file = client.get(f"{entity.url('export')}?view=all&_format=csv&cols={','.join(names)}").getvalue()
    rows = list(entity.model._default_manager.order_by("pk").values())
    before = Change.objects.count()
    decisions = Options.from_json({"mode": "update"}).to_json()
    batch = batches.take(ContentFile(file, name="f.csv"), "f.csv", entity, cast.administrator, decisions)
    running.start(batch)
    worker.drain()
    batch.refresh_from_db()
    told = [message for row in batch.rows.all() for message in row.messages or []]
    assert batch.counts.get("unchanged") == batch.counts.get("rows"), (batch.counts, told)
    assert batch.counts.get("rows"), "nothing was read"
    assert list(entity.model._default_manager.order_by("pk").values()) == rows
    assert Change.objects.count() == before
