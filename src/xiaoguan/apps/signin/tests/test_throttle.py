"""The wall that guesses run into: per account and address, growing, alike for everybody, lifted by administrators."""

from __future__ import annotations

import datetime as dt
import re
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from xiaoguan.apps.org import throttle
from xiaoguan.apps.org.models import Attempts, SignIn
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.apps.signin.tests.steps import code, inside, sign_in, with_app
from xiaoguan.kit import clock
from xiaoguan.kit.models.change import Change

from tests.cast import Cast


def later(**span: float) -> mock._patch:
    """Let the machine's clock stand later."""
    return mock.patch.object(clock, "machine_now", return_value=clock.machine_now() + dt.timedelta(**span))


@pytest.mark.once
def test_the_wait_doubles_up_to_half_an_hour() -> None:
    waits = [throttle.ACCOUNT.wait(failures) for failures in range(4, 13)]
    minutes = [None if wait is None else wait.total_seconds() / 60 for wait in waits]
    assert minutes == [None, 1, 2, 4, 8, 16, 30, 30, 30]


def test_the_right_password_waits_too_and_is_told_how_long(cast: Cast, client: Client) -> None:
    for _try in range(5):
        sign_in(client, "seller", "wrong")
    answer = client.post("/accounts/login/", {"login": "seller", "password": "x"}, headers={"Accept-Language": "en"})
    assert re.search(r"possible in 1 minute, at \d\d:\d\d", answer.content.decode())
    sign_in(client, "seller")
    assert not inside(client)
    with later(seconds=61):
        sign_in(client, "seller")
    assert inside(client)
    assert not Attempts.objects.filter(person=cast.seller).exists(), "who gets in starts anew"


def test_waiting_tries_are_not_counted(cast: Cast, client: Client) -> None:
    for _try in range(12):
        sign_in(client, "seller", "wrong")
    assert Attempts.objects.get(person=cast.seller).failures == 5
    assert Attempts.objects.get(person=None).failures == 5, "nor does the address answer for them"


def test_the_next_failure_after_a_wait_doubles_it(cast: Cast) -> None:
    for _try in range(5):
        throttle.begin(None, Kind.PASSWORD, person=cast.seller)
    with later(minutes=2):
        throttle.begin(None, Kind.PASSWORD, person=cast.seller)
    row = Attempts.objects.get(person=cast.seller)
    assert row.failures == 6
    assert row.until - row.last_at == dt.timedelta(minutes=2)
    with later(days=2):
        throttle.begin(None, Kind.PASSWORD, person=cast.seller)
    assert Attempts.objects.get(person=cast.seller).failures == 1, "a quiet day and all is forgotten"


def test_user_name_and_mail_address_count_as_one(cast: Cast, client: Client) -> None:
    type(cast.seller).objects.filter(pk=cast.seller.pk).update(email="siyuan@example.com")
    for name in ("seller", "SELLER", "siyuan@example.com", "Siyuan@Example.com", " seller "):
        sign_in(client, name, "wrong")
    sign_in(client, "seller")
    assert not inside(client)


def test_an_address_that_tries_many_names_is_stopped(cast: Cast, client: Client, settings: object) -> None:
    settings.ADDRESS_TRIES = 6  # type: ignore[attr-defined]
    for number in range(6):
        sign_in(client, f"nobody{number}", "wrong")
    sign_in(client, "seller")
    assert not inside(client)
    other = Client(REMOTE_ADDR="192.0.2.7")
    sign_in(other, "seller")
    assert inside(other)


def test_codes_are_counted_apart_from_passwords(cast: Cast, client: Client) -> None:
    """Who knows the password can't wash failed codes away with it."""
    with_app(cast.seller)
    for _round in range(5):
        sign_in(client, "seller")
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    sign_in(client, "seller")
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert not inside(client)
    assert SignIn.objects.filter(person=cast.seller, kind=Kind.CODE, outcome=Outcome.FAILED).count() == 5
    assert SignIn.objects.filter(person=cast.seller, kind=Kind.CODE, outcome=Outcome.LOCKED).count() == 1


def test_guesses_at_the_present_password_are_counted(cast: Cast, client: Client) -> None:
    client.force_login(cast.seller)
    new = {"password1": "quite-another-77-way", "password2": "quite-another-77-way"}
    for _try in range(5):
        client.post("/accounts/password/change/", {"oldpassword": "wrong", **new})
    client.post("/accounts/password/change/", {"oldpassword": "steady-lights-over-kunshan", **new})
    assert not cast.again("seller").check_password("quite-another-77-way")


def test_two_processes_share_the_count(cast: Cast) -> None:
    """What counts is in the table, whoever wrote it."""
    for _try in range(4):
        throttle.begin(None, Kind.PASSWORD, person=cast.seller)
    Attempts.objects.filter(person=cast.seller).update(failures=5, until=clock.machine_now() + dt.timedelta(minutes=9))
    with pytest.raises(ValidationError):
        throttle.begin(None, Kind.PASSWORD, person=cast.seller)


def test_an_administrator_sees_and_lifts_a_lock(cast: Cast, client: Client) -> None:
    for _try in range(5):
        sign_in(client, "seller", "wrong")
    row = Attempts.objects.get(person=cast.seller)
    boss = Client()
    boss.force_login(cast.administrator)
    assert str(cast.seller) in boss.get("/settings/sign-in/").content.decode()
    assert boss.post(f"/settings/sign-in/locks/{row.pk}/lift/").status_code == 302
    assert Change.objects.filter(action="lift_lock", actor=cast.administrator).count() == 1
    sign_in(client, "seller")
    assert inside(client)
    for part in ("seller", "hr", "manager", "outsider"):
        stranger = Client()
        stranger.force_login(cast.people[part])
        assert stranger.post(f"/settings/sign-in/locks/{row.pk}/lift/").status_code == 404


def test_old_counters_are_swept(cast: Cast) -> None:
    throttle.begin(None, Kind.PASSWORD, person=cast.seller)
    assert throttle.sweep() == 0
    with later(days=2):
        assert throttle.sweep() == 1


def test_whoever_hammers_does_not_fill_the_book(cast: Cast, client: Client) -> None:
    for _try in range(30):
        sign_in(client, "seller", "wrong")
    assert SignIn.objects.filter(outcome=Outcome.FAILED).count() == 5
    assert SignIn.objects.filter(outcome=Outcome.LOCKED).count() == 1
