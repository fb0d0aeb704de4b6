"""Where somebody is signed in, and how that ends."""

from __future__ import annotations

import datetime as dt
import time

from django.test import Client

from xiaoguan.apps.org import sessions, signins
from xiaoguan.apps.org.actions import leave, set_roles
from xiaoguan.apps.org.models import Company, Role, Session, SignIn
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.apps.signin.tests.steps import inside, sign_in
from xiaoguan.kit import clock
from xiaoguan.kit.models.change import Change

from tests.cast import Cast

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
WECOM = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile MicroMessenger wxwork/4.1"


def two(cast: Cast) -> tuple[Client, Client]:
    """The seller at the desk and on the phone."""
    desk = Client(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.9")
    phone = Client(HTTP_USER_AGENT=WECOM, REMOTE_ADDR="198.51.100.4")
    sign_in(desk, "seller")
    sign_in(phone, "seller")
    assert inside(desk)
    assert inside(phone)
    return desk, phone


def test_my_devices_are_listed_with_address_and_this_one_marked(cast: Cast) -> None:
    desk, _phone = two(cast)
    text = desk.get("/me/", headers={"Accept-Language": "en"}).content.decode()
    for word in ("Firefox · Windows", "WeCom · iPhone", "203.0.113.9", "198.51.100.4", "this device"):
        assert word in text, word
    for key in Session.objects.values_list("session_key", flat=True):
        assert key not in text, "the key of a session is a secret"


def test_one_device_or_all_others_are_signed_out(cast: Cast) -> None:
    desk, phone = two(cast)
    stranger = Client()
    stranger.force_login(cast.peer)
    mark = sessions.mark_of(phone.session.session_key)
    stranger.post("/accounts/devices/end/", {"device": mark})
    assert phone.get("/me/").status_code == 200, "nobody ends a colleague's"
    desk.post("/accounts/devices/end/", {"device": mark})
    assert phone.get("/me/").status_code == 302
    sign_in(phone, "seller")
    desk.post("/accounts/devices/end/")
    assert phone.get("/me/").status_code == 302
    assert desk.get("/me/").status_code == 200


def test_an_administrator_signs_somebody_out(cast: Cast) -> None:
    desk, phone = two(cast)
    for part, status in (("hr", 404), ("manager", 404), ("peer", 404), ("outsider", 404), ("administrator", 302)):
        client = Client()
        client.force_login(cast.people[part])
        assert client.post(f"/people/{cast.seller.pk}/sessions/end/").status_code == status, part
    assert [client.get("/me/").status_code for client in (desk, phone)] == [302, 302]
    assert Change.objects.filter(action="end_sessions", actor=cast.administrator).count() == 1


def test_losing_a_role_and_leaving_end_sessions(cast: Cast) -> None:
    desk, phone = two(cast)
    roles = list(cast.seller.roles.all())
    set_roles(cast.seller, actor=cast.administrator, roles=[*roles, Role.objects.get(code="service")])
    assert desk.get("/me/").status_code == 200, "a role more ends nothing"
    set_roles(cast.seller, actor=cast.administrator, roles=roles)
    assert [client.get("/me/").status_code for client in (desk, phone)] == [302, 302]
    sign_in(desk, "seller")
    leave(cast.again("seller"), actor=cast.hr, day=clock.today())
    assert not Session.objects.filter(person=cast.seller).exists()
    assert desk.get("/me/").status_code == 302


def test_idle_and_longest_time(cast: Cast) -> None:
    Company.objects.update(idle_hours=2, session_days=3)
    client = Client()
    sign_in(client, "seller")
    row = Session.objects.get(person=cast.seller)
    left = row.expire_date - clock.machine_now()
    assert dt.timedelta(hours=1, minutes=59) < left <= dt.timedelta(hours=2)
    session = client.session
    session[sessions.VISIT] = session[sessions.VISIT] | {"seen": time.time() - 900}
    session.save()
    Session.objects.update(expire_date=clock.machine_now() + dt.timedelta(minutes=1))
    assert client.get("/me/").status_code == 200
    assert Session.objects.get(person=cast.seller).expire_date - clock.machine_now() > dt.timedelta(hours=1)
    session = client.session
    session[sessions.VISIT] = session[sessions.VISIT] | {"until": time.time() - 1}
    session.save()
    assert client.get("/me/").status_code == 302, "three days are over, however busy they were"
    sign_in(client, "seller")
    Session.objects.update(expire_date=clock.machine_now() - dt.timedelta(seconds=1))
    assert client.get("/me/").status_code == 302


def test_being_here_is_written_down_rarely(cast: Cast, django_assert_num_queries: object) -> None:
    client = Client()
    sign_in(client, "seller")
    before = Session.objects.get(person=cast.seller).seen_at
    client.get("/me/")
    assert Session.objects.get(person=cast.seller).seen_at == before
    session = client.session
    session[sessions.VISIT] = session[sessions.VISIT] | {"seen": time.time() - 400}
    session.save()
    client.get("/me/", REMOTE_ADDR="203.0.113.77")
    row = Session.objects.get(person=cast.seller)
    assert row.seen_at > before - dt.timedelta(seconds=1)
    assert row.address == "203.0.113.77"


def test_the_book_at_the_door(cast: Cast, client: Client) -> None:
    sign_in(client, "nobody-here", "wrong")
    sign_in(client, "seller", "wrong")
    sign_in(client, "seller")
    client.post("/accounts/logout/")
    rows = [(row.person, row.kind, row.outcome) for row in SignIn.objects.order_by("pk")]
    assert rows == [
        (None, Kind.PASSWORD, Outcome.FAILED),
        (cast.seller, Kind.PASSWORD, Outcome.FAILED),
        (cast.seller, Kind.PASSWORD, Outcome.DONE),
        (cast.seller, Kind.SIGN_OUT, Outcome.DONE),
    ]
    assert "nobody-here" not in str(list(SignIn.objects.values())), "it may have been a password"
    assert {row.address for row in SignIn.objects.all()} == {"127.0.0.1"}


def test_devices_in_two_words() -> None:
    assert signins.device(FIREFOX) == "Firefox · Windows"
    assert signins.device(WECOM) == "WeCom · iPhone"
    assert signins.device("curl/8.0") != ""
