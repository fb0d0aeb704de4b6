"""The inbox as people use it: the bell, the page, reading, settings, and whose it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.notices.models import Notice, Robot, Wish
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.opportunities.actions import transfer
from xiaoguan.apps.org.models import Person
from xiaoguan.kit.action import create
from xiaoguan.kit.models.change import ChangeRow

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def browser(person: Person, language: str = "en") -> Client:
    """Somebody signed in."""
    Person.objects.filter(pk=person.pk).update(language=language)
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    return client


@pytest.fixture
def told(cast: Cast) -> list[Notice]:
    """The peer was told three things about one deal, and one about another."""
    Notice.objects.all().delete()
    first, second = company.deal(cast.peer, name="First hall"), company.deal(cast.peer, name="Second hall")
    for row in (first, first, second, first):
        tell("mentioned", [cast.peer], actor=cast.seller, row=row, text="look at this")
    return list(Notice.objects.order_by("pk"))


def test_the_page_groups_by_day_and_record(cast: Cast, told: list[Notice]) -> None:
    html = browser(cast.peer).get("/inbox/").content.decode()
    assert html.count("3 notices about First hall") == 1
    assert html.count("Chen Siyuan mentioned you at First hall: look at this") == 3
    assert "4 unread" in html
    chinese = browser(cast.peer, "zh-hans").get("/inbox/").content.decode()
    assert "Chen Siyuan 在 First hall 提到了你：look at this" in chinese


def test_however_many_notices_the_queries_are_the_same(cast: Cast, told: list[Notice]) -> None:
    client = browser(cast.peer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/inbox/").status_code == 200
        return len(caught)

    queries()
    few = queries()
    for number in range(30):
        row = company.deal(cast.peer, name=f"Hall {number}")
        tell("mentioned", [cast.peer], actor=cast.seller, row=row, text="x")
    assert queries() <= few


def test_the_bell_asks_one_light_query_and_hears_nothing_new(cast: Cast, told: list[Notice]) -> None:
    client = browser(cast.peer)
    first = client.get("/inbox/count/")
    assert first.json() == {"unread": 4, "newest": told[-1].pk, "fresh": None, "waiting": {"process": 0, "goals": 0}}
    with CaptureQueriesContext(connection) as caught:
        again = client.get("/inbox/count/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    assert sum("notices_notice" in each["sql"] for each in caught.captured_queries) == 1
    tell("mentioned", [cast.peer], actor=cast.manager, text="hello")
    new = client.get(f"/inbox/count/?after={told[-1].pk}", headers={"If-None-Match": first["ETag"]}).json()
    assert new["unread"] == 5 and "Lin Qing" in new["fresh"]["text"] and new["fresh"]["url"].startswith("/inbox/")


def test_opening_reads_and_goes_to_the_record(cast: Cast, told: list[Notice]) -> None:
    client = browser(cast.peer)
    answer = client.get(f"/inbox/{told[0].pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/deals/{told[0].object_id}/")
    told[0].refresh_from_db()
    assert told[0].read_at is not None
    assert client.get("/inbox/count/").json()["unread"] == 3


def test_a_strangers_notice_is_not_there(cast: Cast, told: list[Notice]) -> None:
    client = browser(cast.seller)
    assert client.get(f"/inbox/{told[0].pk}/").status_code == 404
    client.post("/inbox/read/", {"ids": str(told[0].pk)})
    assert not Notice.objects.filter(person=cast.peer, read_at__isnull=False).exists()
    assert "First hall" not in client.get("/inbox/").content.decode()


def test_read_unread_and_all(cast: Cast, told: list[Notice]) -> None:
    client = browser(cast.peer)
    client.post("/inbox/read/", {"ids": f"{told[0].pk},{told[1].pk}"})
    assert client.get("/inbox/count/").json()["unread"] == 2
    client.post("/inbox/read/", {"ids": str(told[0].pk), "state": "unread"})
    assert client.get("/inbox/count/").json()["unread"] == 3
    answer = client.post("/inbox/read/", {"all": "1", "next": "https://elsewhere.example.com/"})
    assert answer["Location"] == "/inbox/"
    assert client.get("/inbox/count/").json()["unread"] == 0


def test_narrowed_by_kind_and_state(cast: Cast, told: list[Notice]) -> None:
    client = browser(cast.peer)
    assert "First hall" not in client.get("/inbox/?kind=deal_handed").content.decode()
    assert "First hall" in client.get("/inbox/?kind=mentioned&state=unread").content.decode()
    assert client.get("/inbox/?before=x&kind=<script>").status_code == 200


def test_a_link_leads_through_the_sign_in(cast: Cast, told: list[Notice]) -> None:
    """What a mail links to is there after signing in."""
    client, where = Client(), f"/inbox/{told[2].pk}/"
    asked = client.get(where)
    assert asked.status_code == 302 and asked["Location"].endswith(f"?next={where}")
    done = client.post(asked["Location"], {"login": "peer", "password": PASSWORD, "next": where})
    assert done["Location"] == where
    assert client.get(where)["Location"] == f"/deals/{told[2].object_id}/"


def posted(**more: Any) -> dict[str, Any]:
    """The settings form as it stands, everything switched off that is not named."""
    return {"form": "switches", "way": ["inbox", "mail"], "rhythm": "now", "quiet_from": "", "quiet_to": "", **more}


def test_switched_off_is_off(cast: Cast) -> None:
    client = browser(cast.peer)
    Notice.objects.all().delete()
    answer = client.post("/inbox/settings/", posted(**{"mentioned-inbox": "on", "rhythm": "morning"}))
    assert answer.status_code == 302
    deal = company.deal(cast.seller)
    transfer([company.again(deal)], actor=cast.manager, to=cast.peer)
    assert not Notice.objects.exists()
    tell("mentioned", [cast.peer], actor=cast.seller, text="x")
    assert Notice.objects.get().shown
    wish = Wish.objects.get()
    assert (wish.rhythm, wish.quiet_from) == ("morning", None)


def test_settings_say_what_is_wrong(cast: Cast) -> None:
    client = browser(cast.peer)
    for wrong in ({"rhythm": "never"}, {"quiet_from": "25:00"}, {"quiet_from": "22:00"}):
        assert client.post("/inbox/settings/", posted(**wrong)).status_code == 422
    robot = {"form": "robot", "service": "slack", "address": "http://127.0.0.1/x"}
    answer = client.post("/inbox/settings/", robot)
    assert answer.status_code == 422 and b"inner network" in answer.content
    assert client.post("/inbox/settings/", {**robot, "service": "other", "address": "json://x"}).status_code == 422
    assert not Wish.objects.exists()


def test_the_address_of_a_robot_is_write_only(cast: Cast) -> None:
    client = browser(cast.peer)
    kept = {"form": "robot", "service": "wecom", "address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc"}
    client.post("/inbox/settings/", kept)
    assert Wish.objects.get().address == kept["address"]
    assert b"key=abc" not in client.get("/inbox/settings/").content
    client.post("/inbox/settings/", {"form": "robot", "service": "wecom", "address": ""})
    assert Wish.objects.get().address == kept["address"]
    client.post("/inbox/settings/", {"form": "robot", "service": "", "address": ""})
    assert Wish.objects.get().address == ""


def test_a_groups_robot_is_set_up_by_administrators(cast: Cast) -> None:
    admin = browser(cast.administrator)
    robot = create(Robot, {"name": "Sales chat", "service": "wecom"}, actor=cast.administrator)
    where = reverse("robot_setup", args=[robot.pk])
    secret = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=s3cret"
    assert browser(cast.seller).post(where, {"told": "deal_won", "address": secret}).status_code == 404
    assert browser(cast.auditor).post(where, {"told": "deal_won", "address": secret}).status_code == 403
    assert admin.post(where, {"told": ["deal_won", "mentioned"], "address": secret}).status_code == 302
    page = admin.get(f"/robots/{robot.pk}/?tab=setup").content
    assert b"s3cret" not in page
    logged = [str(row.after) for row in ChangeRow.objects.filter(entity="notices.robot")]
    assert any("deal_won" in each for each in logged) and not any("s3cret" in each for each in logged)
    assert not any("mentioned" in each for each in logged), "what is personal is not told to groups"
