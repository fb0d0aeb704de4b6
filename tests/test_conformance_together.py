"""Files, comments and tags hold for every kind of record that people work with, without a line of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.collaboration import tagging
from xiaoguan.apps.collaboration.models import Attachment, Comment, Tag
from xiaoguan.apps.collaboration.queries import taking_part
from xiaoguan.apps.collaboration.tagged import PATH
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.notices.models import Notice
from xiaoguan.files.models import StoredFile
from xiaoguan.files.serving import address
from xiaoguan.files.tests import samples as files
from xiaoguan.kit import access, action, memo, undo
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models import Change, Feed

from tests.cast import Cast
from tests.samples import owned_by, samples
from tests.test_conformance import counted, hide, signed_in
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
SHARES_A_COMPANY = True

EVERY = [pytest.param(entity, id=entity.name) for entity in taking_part()]


@pytest.fixture(autouse=True)
def _shelf(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def to(name: str, entity: Entity, row: Any) -> str:
    return reverse(f"collaboration:{name}", args=[entity.slug, row.pk])


def attach(client: Client, entity: Entity, row: Any, *names: str) -> Any:
    uploads = [files.upload(files.picture(), name, "image/jpeg") for name in names or ("site.jpg",)]
    return client.post(to("files", entity, row), {"files": uploads})


def say(client: Client, entity: Entity, row: Any, text: str) -> Any:
    return client.post(to("comments", entity, row), {"text": text})


def hidden_from_peer(entity: Entity, cast: Cast) -> bool:
    return access.grants(cast.again("peer")).scope(entity.name, "view") == "self"


def test_everything_that_is_work_takes_part() -> None:
    """What stands in the navigation and is no setting; one day's new entity too."""
    names = {entity.name for entity in taking_part()}
    assert {"customers.customer", "customers.contact", "opportunities.deal", "activities.task"} <= names
    assert not names & {"org.role", "api.token", "opportunities.stageentry", "org.person"}
    assert names == {e.name for e in entities.values() if e.nav not in ("", "settings") and not e.fixed}


@pytest.mark.parametrize("entity", EVERY)
def test_what_is_added_is_one_change_and_shown(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    client = signed_in(cast.seller)
    acts = [
        lambda: attach(client, entity, row, "a.jpg", "b.jpg"),
        lambda: say(client, entity, row, "call <b>them</b> https://example.com"),
    ]
    for number, act in enumerate(acts):
        changes, feed = Change.objects.count(), Feed.objects.filter(entity=entity.name, object_id=row.pk).count()
        assert act().status_code == 302
        assert Change.objects.count() == changes + 1
        assert Feed.objects.filter(entity=entity.name, object_id=row.pk).count() == feed + 1
        change = Change.objects.latest("pk")
        assert (change.actor_id, change.entity) == (cast.seller.pk, entity.name)
        page = client.get(f"{entity.url('detail', row)}?tab={('files', 'comments')[number]}").content.decode()
        assert ("a.jpg" in page and "b.jpg" in page) if number == 0 else "call &lt;b&gt;them&lt;/b&gt;" in page
    assert 'href="https://example.com"' in page and "nofollow" in page
    told = client.get(entity.url("timeline", row)).content.decode()
    assert "a.jpg" in told and "call &lt;b&gt;" in told
    assert client.get(f"{entity.url('timeline', row)}?kind=comment").content.decode().count("event-title") == 1


@pytest.mark.parametrize("entity", EVERY)
def test_what_is_removed_comes_back(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    client = signed_in(cast.seller)
    attach(client, entity, row)
    say(client, entity, row, "first words")
    attachment, comment = Attachment.objects.get(), Comment.objects.get()
    for model, url in (
        (Attachment, reverse("collaboration:detach", args=[attachment.pk])),
        (Comment, reverse("collaboration:delete", args=[comment.pk])),
    ):
        changes = Change.objects.count()
        assert client.post(url).status_code == 302
        assert Change.objects.count() == changes + 1
        assert model.objects.get().deleted_at is not None
        if model is Attachment:
            assert client.get(address(attachment.file)).status_code == 404
        stranger = signed_in(cast.other_seller)
        assert stranger.post(f"/undo/{Change.objects.latest('pk').pk}/").status_code == 404
        assert client.post(f"/undo/{Change.objects.latest('pk').pk}/").status_code == 302
        assert model.objects.get().deleted_at is None
    edit = reverse("collaboration:edit", args=[comment.pk])
    assert client.post(edit, {"text": "better words"}).status_code == 302
    comment.refresh_from_db()
    assert (comment.text, bool(comment.edited_at)) == ("better words", True)


@pytest.mark.parametrize("entity", EVERY)
def test_who_does_not_see_the_record_sees_nothing_of_it(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    attach(signed_in(cast.seller), entity, row)
    say(signed_in(cast.seller), entity, row, "secret words")
    attachment, comment = Attachment.objects.get(), Comment.objects.get()
    strangers = ["outsider", *(["peer"] if hidden_from_peer(entity, cast) else [])]
    for part in strangers:
        client = signed_in(getattr(cast, part))
        before = (Change.objects.count(), Attachment.objects.count(), Comment.objects.count())
        stored = StoredFile.objects.count()
        for query in ("", "?view", "?small"):
            assert client.get(address(attachment.file) + query).status_code == 404, part
        gets = [
            to("comments", entity, row), to("people", entity, row), f"{entity.url('detail', row)}?tab=files",
            reverse("collaboration:file", args=[attachment.pk]), reverse("collaboration:edit", args=[comment.pk]),
            entity.url("tab", row, "comments"), entity.url("tab", row, "files"),
        ]  # fmt: skip
        assert {client.get(url).status_code for url in gets} == {404}
        assert attach(client, entity, row).status_code == 404
        assert say(client, entity, row, "x").status_code == 404
        posts = [("detach", attachment), ("delete", comment), ("edit", comment)]
        for name, target in posts:
            assert client.post(reverse(f"collaboration:{name}", args=[target.pk]), {"text": "x"}).status_code == 404
        assert (Change.objects.count(), Attachment.objects.count(), Comment.objects.count()) == before
        assert StoredFile.objects.count() == stored


@pytest.mark.parametrize("entity", EVERY)
def test_what_is_denied_leaves_no_trace(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    attach(signed_in(cast.seller), entity, row)
    say(signed_in(cast.seller), entity, row, "words of the seller")
    attachment, comment = Attachment.objects.get(), Comment.objects.get()
    before = (Change.objects.count(), StoredFile.objects.count())
    auditor = signed_in(cast.auditor)
    assert auditor.get(f"{entity.url('detail', row)}?tab=files").status_code == 200
    assert "words of the seller" in auditor.get(f"{entity.url('detail', row)}?tab=comments").content.decode()
    assert attach(auditor, entity, row).status_code == 403
    assert say(auditor, entity, row, "x").status_code == 403
    assert auditor.post(reverse("collaboration:detach", args=[attachment.pk])).status_code == 403
    director = signed_in(cast.director)  # he may comment, but not put words in somebody's mouth
    for person in (auditor, director):
        for name in ("delete", "edit"):
            assert person.post(reverse(f"collaboration:{name}", args=[comment.pk]), {"text": "x"}).status_code == 403
    assert (Change.objects.count(), StoredFile.objects.count()) == before
    comment.refresh_from_db()
    assert (comment.text, comment.deleted_at) == ("words of the seller", None)


@pytest.mark.parametrize("entity", EVERY)
def test_tabs_cost_the_same_queries_for_one_and_for_many(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    client = signed_in(cast.seller)

    def queries() -> dict[str, int]:
        found = {}
        for tab in ("files", "comments", ""):
            memo.forget()
            with counted() as statements:
                assert client.get(f"{entity.url('detail', row)}?tab={tab}").status_code == 200
            found[tab] = len(statements)
        return found

    attach(client, entity, row)
    say(client, entity, row, f"@{cast.manager.name} look")
    one = queries()
    attach(client, entity, row, *[f"{number}.jpg" for number in range(5)])
    for number in range(12):
        say(client, entity, row, f"@{cast.director.name} and @{cast.manager.name} {number}")
    assert queries() == one


@pytest.mark.parametrize("entity", EVERY)
def test_who_is_named_is_told_if_he_sees_the_record(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    client = signed_in(cast.seller)
    people = client.get(f"{to('people', entity, row)}?q={cast.manager.name[:3]}").json()
    assert [each["value"] for each in people] == [cast.manager.pk]
    offered = {each["value"] for each in client.get(to("people", entity, row)).json()}
    assert cast.outsider.pk not in offered and (cast.peer.pk in offered) != hidden_from_peer(entity, cast)
    answer = client.post(
        to("comments", entity, row),
        {"text": f"@{cast.manager.name}, @{cast.outsider.name} and @{cast.seller.name}: look"},
        headers={"HX-Request": "true", "HX-Target": "comments"},
    )
    assert cast.outsider.name in answer.content.decode().partition("comment-list")[0], "it is said that he isn't told"
    told = Notice.objects.filter(kind="mentioned")
    assert {each.person_id for each in told} == {cast.manager.pk}
    notice = told.get()
    assert (notice.entity, notice.object_id, notice.actor_id) == (entity.name, row.pk, cast.seller.pk)
    assert notice.url.endswith("?tab=comments")


def tag(cast: Cast, name: str, colour: str = "1") -> Tag:
    return action.create(Tag, {"name": name, "colour": colour}, actor=cast.administrator)


@pytest.mark.parametrize("entity", EVERY)
def test_tags_are_one_change_shown_filtered_exported_and_undone(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    row, other = owned_by(cast.seller, entity, made), owned_by(cast.seller, entity, made)
    client, url = signed_in(cast.administrator), to("tags", entity, row)
    old = tag(cast, "roof")
    changes = Change.objects.count()
    assert client.post(url, {"tags": [str(old.pk)], "new": "VIP, canopy"}).status_code == 302
    assert Change.objects.count() == changes + 1
    tags = {each.name: each for each in Tag.objects.all()}
    assert set(tags) == {"roof", "VIP", "canopy"}
    assert client.post(to("tags", entity, other), {"tags": [str(tags["VIP"].pk)]}).status_code == 302
    page = client.get(f"{entity.url('list')}?view=all&cols={PATH}").content.decode()
    assert page.count(">VIP<") == 2 and page.count(">roof<") == 1
    assert ">canopy<" in client.get(entity.url("detail", row)).content.decode()

    def found(raw: str) -> set[int]:
        listing = client.get(entity.url("list"), {"view": "all", PATH: raw}).context["listing"]
        assert not listing.problems
        return {each.pk for each in listing.rows} & {row.pk, other.pk}

    vip, roof = tags["VIP"].pk, tags["roof"].pk
    assert found(f"{vip},{roof}") == {row.pk, other.pk}
    assert found(f"{vip}&{roof}") == {row.pk}
    assert found(f"!{roof}") == {other.pk}
    text = client.get(f"{entity.url('export')}?view=all&_format=csv&cols={PATH}").getvalue().decode("utf-8-sig")
    assert '"VIP, canopy, roof"' in text
    assert client.post(f"/undo/{Change.objects.latest('pk').pk}/").status_code == 302
    assert found(str(vip)) == {row.pk}


@pytest.mark.parametrize("entity", EVERY)
def test_many_records_are_tagged_and_untagged_as_one(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    rows = [owned_by(cast.seller, entity, made) for _number in range(3)]
    client, roof = signed_in(cast.administrator), tag(cast, "roof")
    for name, held in (("add_tag", [str(roof.pk)]), ("remove_tag", None)):
        changes = Change.objects.count()
        posted = {"all": "1", "tag": str(roof.pk), "_confirmed": "1"}
        assert client.post(f"{entity.url('bulk', name)}?view=all", posted).status_code == 302
        assert Change.objects.count() == changes + 1
        assert {str(getattr(entity.model.objects.get(pk=each.pk), PATH)) for each in rows} == {str(held)}
    assert client.post(f"/undo/{Change.objects.latest('pk').pk}/").status_code == 302
    assert all(getattr(entity.model.objects.get(pk=each.pk), PATH) for each in rows)


@pytest.mark.parametrize("entity", EVERY)
def test_who_may_not_tag_leaves_no_trace(entity: Entity, cast: Cast) -> None:
    row, roof = owned_by(cast.seller, entity, samples(cast)), tag(cast, "roof")
    before = (Change.objects.count(), Tag.objects.count())
    auditor = signed_in(cast.auditor)
    assert auditor.post(to("tags", entity, row), {"tags": [str(roof.pk)]}).status_code == 403
    assert signed_in(cast.outsider).post(to("tags", entity, row), {"tags": [str(roof.pk)]}).status_code == 404
    if access.may(cast.again("seller"), "change", row):
        refused = signed_in(cast.seller).post(to("tags", entity, row), {"new": "made up"})
        assert refused.status_code == 422
    assert (Change.objects.count(), Tag.objects.count()) == before


@pytest.mark.parametrize("entity", EVERY)
def test_a_list_with_tags_costs_the_same_queries(entity: Entity, cast: Cast) -> None:
    made, client = samples(cast), signed_in(cast.administrator)
    tags = [tag(cast, name) for name in ("roof", "canopy", "road")]

    def queries() -> int:
        memo.forget()
        with counted() as statements:
            assert client.get(f"{entity.url('list')}?view=all&cols={PATH}").status_code == 200
        return len(statements)

    def tagged(count: int) -> None:
        row = owned_by(cast.seller, entity, made)
        assert (
            client.post(to("tags", entity, row), {"tags": [str(each.pk) for each in tags[:count]]}).status_code == 302
        )

    tagged(1)
    one = queries()
    for number in range(6):
        tagged(number % 4)
    assert queries() == one <= 15


def test_tags_are_renamed_merged_and_deleted_everywhere(cast: Cast) -> None:
    entity = Entity.of(Customer)
    made = samples(cast)
    rows = [owned_by(cast.seller, entity, made) for _number in range(2)]
    client, roof, canopy = signed_in(cast.administrator), tag(cast, "roof"), tag(cast, "canopy")
    for row, codes in zip(rows, ([roof.pk], [roof.pk, canopy.pk]), strict=True):
        client.post(to("tags", entity, row), {"tags": [str(pk) for pk in codes]})
    assert dict(tagging.uses()) == {str(roof.pk): 2, str(canopy.pk): 1}
    changes = Change.objects.count()
    done = Entity.of(Tag).actions["merge"](Tag.objects.get(pk=roof.pk), actor=cast.administrator, into=canopy)
    assert Change.objects.count() == changes + 1
    assert dict(tagging.uses()) == {str(canopy.pk): 2}
    undo.undo(done.change, actor=cast.administrator)
    assert dict(tagging.uses()) == {str(roof.pk): 2, str(canopy.pk): 1}
    action.update(Tag.objects.get(pk=roof.pk), {"name": "flat roof"}, actor=cast.administrator)
    assert ">flat roof<" in client.get(entity.url("detail", rows[0])).content.decode()
    gone = action.remove(Tag.objects.get(pk=roof.pk), actor=cast.administrator)
    assert getattr(Customer.objects.get(pk=rows[0].pk), PATH) is None
    undo.undo(gone.change, actor=cast.administrator)
    assert getattr(Customer.objects.get(pk=rows[0].pk), PATH) == [str(roof.pk)]
    with pytest.raises(Invalid):
        tag(cast, "one, two")
    assert not access.may(cast.director, "delete", Tag) and access.may(cast.manager, "create", Tag)


@pytest.mark.parametrize("entity", EVERY)
def test_programs_speak_and_attach(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    url, program = f"{entity.slug}/{row.pk}", Api(cast.seller)
    said = program.ask("POST", f"{url}/comments", {"text": f"@{cast.manager.name} hello"})
    assert said.status_code == 201, said.content
    assert said.json()["mentions"] == [cast.manager.pk]
    one = f"{url}/comments/{said.json()['id']}"
    assert program.ask("PATCH", one, {"text": "better"}).json()["text"] == "better"
    upload = files.upload(files.picture(), "site.jpg", "image/jpeg")
    sent = Client().post(f"/api/v1/{url}/files", {"file": upload}, headers=program.headers)
    assert sent.status_code == 201, sent.content
    known = sent.json()["file"]
    body = Client().get(f"/api/v1/files/{known['id']}", headers=program.headers)
    assert body.getvalue().startswith(b"\xff\xd8\xff")
    assert [each["text"] for each in program.ask("GET", f"{url}/comments").json()["data"]] == ["better"]
    assert [each["file"] for each in program.ask("GET", f"{url}/files").json()["data"]] == [known]
    stranger = Api(cast.outsider)
    for path in (f"{url}/comments", f"{url}/files", f"files/{known['id']}"):
        assert stranger.ask("GET", path).status_code == 404, path
    assert stranger.ask("DELETE", one).status_code == 404
    assert program.ask("DELETE", f"{url}/files/{sent.json()['id']}").status_code == 204
    assert program.ask("DELETE", one).status_code == 204
    page = files.upload(files.HTML, "a.html", "text/html")
    assert Client().post("/api/v1/files", {"file": page}, headers=program.headers).status_code == 422


@pytest.mark.parametrize("entity", EVERY)
def test_hidden_tags_are_hidden_everywhere(entity: Entity, cast: Cast) -> None:
    row, secret = owned_by(cast.seller, entity, samples(cast)), tag(cast, "tell-nobody-7391")
    signed_in(cast.administrator).post(to("tags", entity, row), {"tags": [str(secret.pk)]})
    client = signed_in(hide(cast, entity, [PATH]))
    urls = [
        f"{entity.url('list')}?view=all&cols={PATH}", entity.url("detail", row), f"{entity.url('detail', row)}?panel=1",
        entity.url("timeline", row), entity.url("edit", row),
        f"{entity.url('export')}?view=all&_format=csv&cols={PATH}",
        *([entity.url("board")] if entity.board else []),
    ]  # fmt: skip
    for url in urls:
        response = client.get(url)
        content = response.getvalue() if response.streaming else response.content
        assert b"tell-nobody-7391" not in content, url
    assert client.get(to("tags", entity, row)).status_code == 403
    assert client.get(f"{entity.url('list')}?{PATH}={secret.pk}").context["listing"].problems
