"""What leaves the house: mails to a server with good and bad days, robots, the log and another try."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import time
from collections.abc import Iterator
from email import message_from_string
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.notices import robots
from xiaoguan.apps.notices.models import Message, Notice, Rhythm, Robot, RobotAddress, Wish
from xiaoguan.apps.notices.sending import DELAYS, delay
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.opportunities.actions import transfer, win
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import action, clock, job, outbound, worker

from tests.cast import Cast
from tests.receivers import MailServer, Receiver, mail_server, receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings: Any) -> Iterator[MailServer]:
    """A mail server that the product is set up for."""
    with mail_server() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", found.port, 0.5
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.MAIL_SERVER = f"127.0.0.1:{found.port}"
        yield found


@pytest.fixture
def chat(settings: Any) -> Iterator[Receiver]:
    """A machine that speaks as WeCom's robots do."""
    with receiver() as found:
        found.body = b'{"errcode": 0, "errmsg": "ok"}'
        settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{found.port}"]
        yield found


def wants(person: Person, language: str = "en", **wish: Any) -> None:
    """Somebody with an address who wants to be told at any hour."""
    Person.objects.filter(pk=person.pk).update(email=f"{person.username}@example.com", language=language)
    Wish.objects.create(person=person, **{"quiet_from": None, "quiet_to": None, **wish})
    Notice.objects.all().delete()


def deliver() -> None:
    """One round of the job."""
    job.enqueue("notices.deliver", key="deliver", again=True)
    worker.drain()


def words(text: str) -> tuple[str, str, str]:
    """Subject, plain text and HTML of a mail."""
    mail = message_from_string(text)
    parts = {
        part.get_content_type(): part.get_payload(decode=True).decode()
        for part in mail.walk()
        if part.get_payload(decode=True)
    }
    return str(make_header(decode_header(mail["Subject"]))), parts["text/plain"], parts["text/html"]


def test_a_mail_in_the_readers_language(cast: Cast, post: MailServer) -> None:
    wants(cast.peer, "zh-hans")
    wants(cast.seller, "en")
    tell("mentioned", [cast.peer, cast.seller], actor=cast.manager, text="see hall 3")
    deliver()
    mails = dict(post.mails)
    subject, text, html = words(mails["peer@example.com"])
    assert "提到了你" in subject and "/inbox/settings/" in text and "/inbox/settings/" in html
    assert words(mails["seller@example.com"])[0] == "Lin Qing mentioned you at —: see hall 3"
    assert "List-Unsubscribe: <http" in mails["seller@example.com"]
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_the_commit_starts_the_delivery(
    cast: Cast, post: MailServer, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    wants(cast.peer)
    deal = company.deal(cast.seller)
    with django_capture_on_commit_callbacks(execute=True):
        transfer([company.again(deal)], actor=cast.manager, to=cast.peer)
    worker.drain()
    _subject, text, _html = words(post.mails[0][1])
    assert "Lin Qing handed you the deal Canopy lighting" in text and re.search(r"http\S+/deals/\d+/", text)


def test_a_server_that_hangs_blocks_no_page_and_loses_nothing(cast: Cast, post: MailServer) -> None:
    wants(cast.peer)
    wants(cast.seller)
    post.mood = "hang"
    begun = time.monotonic()
    tell("mentioned", [cast.peer, cast.seller], actor=cast.manager, text="x")
    assert time.monotonic() - begun < 0.4
    deliver()
    assert post.greeted == 1, "the second mail waits: the server is away for everybody"
    first, second = Message.objects.order_by("pk")
    assert (first.state, first.attempts, second.attempts) == ("waiting", 1, 0)
    assert first.error and second.error and second.next_try > clock.machine_now()
    post.mood = "fine"
    Message.objects.update(next_try=clock.machine_now())
    deliver()
    assert {to for to, _text in post.mails} == {"peer@example.com", "seller@example.com"}


def test_a_server_that_is_gone(cast: Cast, settings: Any) -> None:
    with mail_server() as closed:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAIL_SERVER = "127.0.0.1", closed.port, "here"
    wants(cast.peer)
    tell("mentioned", [cast.peer], actor=cast.manager, text="x")
    deliver()
    row = Message.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    wait = row.next_try - clock.machine_now()
    assert dt.timedelta(seconds=50) < wait < dt.timedelta(seconds=70)


def test_no_such_box_is_final_and_later_is_not(cast: Cast, post: MailServer) -> None:
    wants(cast.peer)
    for post.mood, state in (("refuse", "failed"), ("later", "waiting")):
        Message.objects.all().delete()
        tell("mentioned", [cast.peer], actor=cast.manager, text="x")
        deliver()
        row = Message.objects.get()
        assert (row.state, row.attempts) == (state, 1) and row.error


def test_it_is_given_up_after_the_last_delay() -> None:
    assert delay(1) is not None and delay(len(DELAYS)) is not None and delay(len(DELAYS) + 1) is None


def test_every_try_carries_the_same_number(cast: Cast, post: MailServer) -> None:
    wants(cast.peer)
    tell("mentioned", [cast.peer], actor=cast.manager, text="x")
    deliver()
    Message.objects.update(state="waiting", next_try=clock.machine_now())
    deliver()
    numbers = {message_from_string(text)["Message-ID"] for _to, text in post.mails}
    assert len(post.mails) == 2 and len(numbers) == 1


def test_a_digest_is_one_mail_and_leaves_out_what_was_read(cast: Cast, post: MailServer) -> None:
    wants(cast.peer, rhythm=Rhythm.HOURLY)
    for text in ("one", "two", "three"):
        tell("mentioned", [cast.peer], actor=cast.manager, text=text)
    deliver()
    assert not post.mails and Notice.objects.filter(mail_due__gt=clock.machine_now()).count() == 3
    Notice.objects.filter(text="two").update(read_at=clock.machine_now())
    Notice.objects.update(mail_due=clock.machine_now())
    deliver()
    subject, text, _html = words(post.mails[0][1])
    assert len(post.mails) == 1 and subject == "2 notices from Xiaoguan"
    assert "one" in text and "three" in text and "two" not in text


def test_what_is_out_of_sight_by_then_is_not_mailed(cast: Cast, post: MailServer) -> None:
    wants(cast.manager, rhythm=Rhythm.HOURLY)
    deal = company.deal(cast.seller, name="Secret hall")
    tell("mentioned", [cast.manager], actor=cast.seller, row=deal, text="secret words")
    transfer([company.again(deal)], actor=cast.director, to=cast.other_seller)
    Notice.objects.update(mail_due=clock.machine_now())
    deliver()
    assert post.mails and "ecret" not in " ".join(words(post.mails[0][1]))


def test_without_a_mail_server_nobody_waits(cast: Cast) -> None:
    wants(cast.peer)
    tell("mentioned", [cast.peer], actor=cast.manager, text="x")
    assert Notice.objects.get().mail_due is None


# Robots -------------------------------------------------------------------------------------------------------------


def test_my_robot_speaks(cast: Cast, chat: Receiver) -> None:
    wants(cast.peer, service="wecom", address=chat.url)
    tell("mentioned", [cast.peer], actor=cast.manager, text="hall 3")
    deliver()
    said = chat.calls[0].json
    assert said["msgtype"] == "text" and "hall 3" in said["text"]["content"]
    assert Message.objects.get().state == "sent"


SPOKEN = [
    (
        "wecom",
        "",
        {"msgtype": "text", "text": {"content": "a<b>"}},
        b'{"errcode":0}',
        b'{"errcode":93000,"errmsg":"no"}',
    ),
    ("dingtalk", "", {"msgtype": "text", "text": {"content": "a<b>"}}, b'{"errcode":0}', b'{"errcode":310000}'),
    ("feishu", "", {"msg_type": "text", "content": {"text": "a<b>"}}, b'{"code":0}', b'{"code":19024,"msg":"key"}'),
    ("feishu", "", {"msg_type": "text", "content": {"text": "a<b>"}}, b'{"StatusCode":0}', b"<html>"),
    ("slack", "", {"text": "a&lt;b&gt;"}, b"ok", b"invalid_token"),
]


@pytest.mark.parametrize(("service", "key", "body", "good", "bad"), SPOKEN)
def test_each_service_hears_its_own_json(
    chat: Receiver, service: str, key: str, body: dict[str, Any], good: bytes, bad: bytes
) -> None:
    target = robots.Target(service, chat.url, key)
    chat.body = good
    robots.say(target, "a<b>")
    assert chat.calls[0].json == body
    chat.body = bad
    with pytest.raises(outbound.Unreachable):
        robots.say(target, "a<b>")


def test_signed_robots(chat: Receiver) -> None:
    """As DingTalk and Feishu document it, computed here by hand."""
    robots.say(robots.Target("dingtalk", f"{chat.url}?access_token=t", "SECkey"), "x")
    stamp = re.search(r"timestamp=(\d+)", chat.calls[0].path).group(1)  # type: ignore[union-attr]
    digest = hmac.new(b"SECkey", f"{stamp}\nSECkey".encode(), hashlib.sha256).digest()
    sign = base64.b64encode(digest).decode()
    from_path = chat.calls[0].path.partition("sign=")[2]
    assert from_path == sign.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    chat.body = b'{"code":0}'
    robots.say(robots.Target("feishu", chat.url, "key"), "x")
    said = chat.calls[1].json
    digest = hmac.new(f"{said['timestamp']}\nkey".encode(), b"", hashlib.sha256).digest()
    assert said["sign"] == base64.b64encode(digest).decode()


def test_a_robot_that_is_slow_or_refuses_waits_with_a_reason(cast: Cast, chat: Receiver) -> None:
    wants(cast.peer, service="wecom", address=chat.url)
    chat.body = b'{"errcode": 45009, "errmsg": "api freq out of limit"}'
    tell("mentioned", [cast.peer], actor=cast.manager, text="x")
    deliver()
    row = Message.objects.get()
    assert row.state == "waiting" and "api freq out of limit" in row.error
    chat.status = 500
    Message.objects.update(next_try=clock.machine_now())
    deliver()
    assert "500" in Message.objects.get().error and Message.objects.get().attempts == 2


@pytest.fixture
def group(cast: Cast, chat: Receiver) -> Robot:
    """A robot in the tigers' chat that tells of wins."""
    robot = action.create(Robot, {"name": "Tigers", "service": "wecom", "team": cast.tigers}, actor=cast.administrator)
    Robot.objects.filter(pk=robot.pk).update(kinds=["deal_won"])
    RobotAddress.objects.create(robot=robot, address=chat.url)
    return Robot.objects.get(pk=robot.pk)


def test_a_groups_robot_tells_of_its_teams_wins_only(cast: Cast, chat: Receiver, group: Robot) -> None:
    win(company.again(company.deal(cast.seller, name="Ours", amount=5_000_000)), actor=cast.seller)
    win(company.again(company.deal(cast.other_seller, name="Theirs", amount=5_000_000)), actor=cast.other_seller)
    deliver()
    assert [call.json["text"]["content"] for call in chat.calls] == ["Chen Siyuan 赢下了 Ours"]


def test_apprise_speaks_to_the_rest(chat: Receiver) -> None:
    if not robots.has_apprise():
        with pytest.raises(outbound.Unreachable) as problem:
            robots.say(robots.Target("other", f"json://127.0.0.1:{chat.port}/x"), "hello")
        assert problem.value.code == "missing"
        return
    robots.say(robots.Target("other", f"json://127.0.0.1:{chat.port}/x"), "hello")
    assert chat.calls[0].json["message"] == "hello"
    with pytest.raises(outbound.Unreachable):
        robots.say(robots.Target("other", "nonsense"), "hello")


# The log and the buttons --------------------------------------------------------------------------------------------


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_the_log_says_what_happened_not_what_was_said(cast: Cast, post: MailServer) -> None:
    wants(cast.peer)
    wants(cast.administrator)
    post.mood = "refuse"
    tell("mentioned", [cast.peer], actor=cast.manager, text="between us")
    deliver()
    client = browser(cast.administrator)
    page = client.get("/channels/?state=failed").content.decode()
    assert "Wang Lei" in page and "no such box" in page and "between us" not in page
    row = Message.objects.get()
    assert browser(cast.seller).post(f"/channels/retry/{row.pk}/").status_code == 404
    assert browser(cast.auditor).post(f"/channels/retry/{row.pk}/").status_code == 404
    post.mood = "fine"
    client.post(f"/channels/retry/{row.pk}/")
    worker.drain()
    assert Message.objects.get().state == "sent" and len(post.mails) == 1


def test_the_test_button_really_sends(cast: Cast, post: MailServer, chat: Receiver) -> None:
    wants(cast.peer, service="wecom", address=chat.url)
    client = browser(cast.peer)
    page = client.post("/inbox/settings/try/", {"channel": "mail"}, follow=True).content.decode()
    assert "peer@example.com" in page and post.mails[0][0] == "peer@example.com"
    page = client.post("/inbox/settings/try/", {"channel": "robot"}, follow=True).content.decode()
    assert len(chat.calls) == 1 and "errcode" in page
    post.mood = "refuse"
    assert "no such box" in client.post("/inbox/settings/try/", {"channel": "mail"}, follow=True).content.decode()


def test_what_waits_is_found_by_the_schedule(cast: Cast, post: MailServer) -> None:
    """Should the call after the commit be lost, the next minute finds it."""
    wants(cast.peer)
    tell("mentioned", [cast.peer], actor=cast.manager, text="x")
    job.enqueue("notices.wake")
    worker.drain()
    assert len(post.mails) == 1
