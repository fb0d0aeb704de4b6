"""One-time links: once, in time, for one person; weak passwords and too many tries are turned away."""

from __future__ import annotations

import datetime as dt
import re
from unittest import mock

import pytest
from django.core.cache import cache
from django.test import Client

from xiaoguan.apps.org import founding, invites
from xiaoguan.apps.org.models import Company, Invite, Person
from xiaoguan.apps.org.models.invite import Purpose
from xiaoguan.kit import clock
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.models import Change, ChangeRow

from tests.cast import PASSWORD, Cast

STRONG = "many-lamps-one-wall-42"


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Tries of other tests don't count."""
    cache.clear()


def test_a_link_sets_a_password_and_signs_in_once(cast: Cast, client: Client) -> None:
    """The page greets by name, the password works afterwards, the link doesn't."""
    link = invites.invite(cast.seller, actor=cast.hr)
    assert link.token not in str(Invite.objects.values_list())
    shown = client.get(link.path)
    assert "Chen Siyuan" in shown.content.decode()
    answer = client.post(link.path, {"password": STRONG, "again": STRONG})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(cast.seller.pk)
    assert Person.objects.get(pk=cast.seller.pk).check_password(STRONG)
    assert Client().get(link.path).status_code == 410
    assert Client().post(link.path, {"password": "x" * 20, "again": "x" * 20}).status_code == 410


@pytest.mark.parametrize(
    "typed", [{"password": STRONG, "again": STRONG + "!"}, {"password": "short", "again": "short"}, {}]
)
def test_a_bad_password_leaves_the_link(cast: Cast, client: Client, typed: dict[str, str]) -> None:
    """Different, weak or missing: the form says so and the link still works."""
    link = invites.invite(cast.seller, actor=cast.hr)
    answer = client.post(link.path, typed)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert invites.find(link.token)
    assert Person.objects.get(pk=cast.seller.pk).check_password(PASSWORD)


def test_a_link_expires(cast: Cast) -> None:
    """After its days it is gone, whatever anybody sets the business clock to."""
    link = invites.invite(cast.seller, actor=cast.hr)
    late = clock.machine_now() + dt.timedelta(days=15)
    with mock.patch.object(clock, "machine_now", return_value=late):
        assert invites.find(link.token) is None
        with pytest.raises(Invalid):
            invites.accept(link.token, STRONG)


def test_a_newer_link_voids_the_older(cast: Cast) -> None:
    """At most one works; leaving voids it too."""
    old = invites.invite(cast.seller, actor=cast.hr)
    new = invites.invite(cast.seller, actor=cast.hr)
    assert invites.find(old.token) is None
    assert invites.find(new.token)
    Person.objects.filter(pk=cast.seller.pk).update(is_active=False)
    assert invites.find(new.token) is None


def test_two_at_once(cast: Cast) -> None:
    """Who comes second with the same link is told, and his password is not set."""
    link = invites.invite(cast.seller, actor=cast.hr)
    found = invites.find(link.token)
    invites.accept(link.token, STRONG)
    with mock.patch.object(invites, "find", return_value=found), pytest.raises(Invalid):
        found.used_at = None
        invites.accept(link.token, "another-long-password-9")
    assert Person.objects.get(pk=cast.seller.pk).check_password(STRONG)


def test_who_may_hand_out_links(cast: Cast) -> None:
    """Sellers nobody, personnel everyday people, only an administrator one for an administrator or director."""
    for actor, person in ((cast.seller, cast.peer), (cast.hr, cast.administrator), (cast.hr, cast.director)):
        with pytest.raises(Denied):
            invites.invite(person, actor=actor)
    invites.invite(cast.director, actor=cast.administrator)
    invites.invite(cast.manager, actor=cast.hr)


def test_no_link_for_who_has_left(cast: Cast) -> None:
    """The refusal says so."""
    Person.objects.filter(pk=cast.seller.pk).update(is_active=False)
    with pytest.raises(Refusal):
        invites.invite(cast.again("seller"), actor=cast.hr)


def test_tries_are_throttled(cast: Cast, client: Client) -> None:
    """Twenty posts a minute from one address, then 429 even for a good one."""
    link = invites.invite(cast.seller, actor=cast.hr)
    for _try in range(20):
        assert client.post("/welcome/no-such-token/", {"password": "a", "again": "a"}).status_code == 410
    assert client.post(link.path, {"password": STRONG, "again": STRONG}).status_code == 429
    assert invites.find(link.token)


def test_the_hash_of_a_password_is_in_no_log(cast: Cast) -> None:
    """That its owner set it is."""
    link = invites.invite(cast.seller, actor=cast.hr)
    person = invites.accept(link.token, STRONG)
    assert Change.objects.filter(action="set_password", actor=person).count() == 1
    assert person.password not in str(list(ChangeRow.objects.values_list("before", "after")))


def test_founding(db: None, client: Client) -> None:
    """Company, team and administrator; a second founding is refused, a new link is not."""
    link = founding.found("Guangming", "admin")
    assert Company.objects.get().name == "Guangming"
    assert link.invite.purpose == Purpose.FIRST
    person = link.invite.person
    assert list(person.roles.values_list("code", flat=True)) == ["administrator"]
    assert not person.has_usable_password()
    with pytest.raises(Refusal):
        founding.found("Another", "admin2")
    with pytest.raises(Refusal):
        founding.readmit("nobody")
    again = founding.readmit("ADMIN")
    assert invites.find(link.token) is None
    assert client.post(again.path, {"password": STRONG, "again": STRONG}).status_code == 302


def test_a_team_sheet_shows_each_link_once(cast: Cast, client: Client) -> None:
    """Everybody without a password gets a card with a code; who has one gets none."""
    for person in (cast.seller, cast.peer):
        person.set_unusable_password()
        person.save(update_fields=["password"])
    client.force_login(cast.hr)
    address = f"/org/links/{cast.tigers.pk}/"
    assert "2 people have no password yet." in client.get(address, headers={"Accept-Language": "en"}).content.decode()
    sheet = client.post(address)
    text = sheet.content.decode()
    tokens = re.findall(r"/welcome/([\w-]+)/", text)
    assert len(set(tokens)) == 2
    assert text.count("<svg") > 2
    assert {invites.find(token).person for token in tokens} == {cast.seller, cast.peer}
    assert sheet["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("part", "status"), [("seller", 404), ("manager", 404), ("outsider", 404), ("hr", 200)])
def test_who_sees_the_sheet(cast: Cast, client: Client, part: str, status: int) -> None:
    """Only who may invite."""
    client.force_login(cast.people[part])
    assert client.get(f"/org/links/{cast.tigers.pk}/").status_code == status
