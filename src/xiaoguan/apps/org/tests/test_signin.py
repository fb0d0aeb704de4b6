"""Signing in and out: anonymous people are sent to the door, wrong tries run into a wall, leavers stay out."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from xiaoguan.apps.org.actions import leave
from xiaoguan.kit import clock

from tests.cast import PASSWORD, Cast


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Tries of other tests don't count."""
    cache.clear()


def sign_in(client: Client, username: str, password: str = PASSWORD) -> int:
    """The status of a try."""
    return client.post(reverse("account_login"), {"login": username, "password": password}).status_code


def test_in_and_out(cast: Cast, client: Client) -> None:
    """By user name in any case; out by POST only."""
    assert sign_in(client, "Seller") == 302
    assert client.session["_auth_user_id"] == str(cast.seller.pk)
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", ["/me/", "/org/", "/people/", "/people/new/"])
def test_anonymous_people_are_sent_to_the_door(db: None, client: Client, path: str) -> None:
    """And come back to where they wanted to go."""
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


def test_wrong_tries_run_into_a_wall(cast: Cast, client: Client) -> None:
    """Five in five minutes for one name; then even the right password waits."""
    for _try in range(5):
        assert sign_in(client, "seller", "wrong") == 200
    sign_in(client, "seller")
    assert "_auth_user_id" not in client.session
    assert sign_in(client, "peer") == 302


def test_leavers_stay_out(cast: Cast, client: Client) -> None:
    """Neither by password nor with the session they still have."""
    client.force_login(cast.seller)
    leave(cast.seller, actor=cast.hr, day=clock.today())
    assert client.get("/me/").status_code == 302
    newcomer = Client()
    sign_in(newcomer, "seller")
    assert "_auth_user_id" not in newcomer.session


def test_the_system_has_no_door(cast: Cast, client: Client) -> None:
    """No password fits."""
    assert sign_in(client, "system", "!") == 200


def test_nobody_registers_or_resets_by_mail(cast: Cast, client: Client) -> None:
    """Accounts and passwords come from the organisation."""
    answer = client.post(reverse("account_signup"), {"username": "eve", "password1": PASSWORD})
    assert answer.status_code in (200, 403)
    assert not type(cast.seller).objects.filter(username="eve").exists()
    for name in ("account_reset_password", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_the_language_menu_beats_the_stored_preference(cast: Cast, client: Client) -> None:
    """Signed in, a choice in the menu becomes the preference, which comes before the cookie."""
    client.force_login(cast.seller)
    for code, word in (("en", "My account"), ("zh-hans", "zh-hans")):
        client.post(reverse("set_language"), {"language": code, "next": "/me/"})
        assert cast.again("seller").language == code
        assert word in client.get("/me/").content.decode()
    client.post(reverse("set_language"), {"language": "xx"})
    assert cast.again("seller").language == "zh-hans"
