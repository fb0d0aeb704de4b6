"""Whatever can be tried or fetched again and again has an end: 429, and after how many seconds to come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from xiaoguan.apps.signin.tests.steps import sign_in, with_app
from xiaoguan.kit import allowance
from xiaoguan.kit.models import Change

from tests.cast import PASSWORD, Cast
from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
NEW = "harbour-crane-under-77-stars"


def signing_in(cast: Cast) -> Callable[[], Any]:
    client = Client()
    return lambda: sign_in(client, "seller", "wrong")


def code(cast: Cast) -> Callable[[], Any]:
    """Five wrong codes behind the right password."""
    with_app(cast.seller)
    client = Client()

    def tried() -> Any:
        sign_in(client, "seller")
        return client.post("/accounts/2fa/authenticate/", {"code": "000000"})

    return tried


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def proof(cast: Cast) -> Callable[[], Any]:
    client = signed_in(cast.seller)
    return lambda: client.post("/accounts/reauthenticate/", {"password": "wrong"})


def change_of_password(cast: Cast) -> Callable[[], Any]:
    client = signed_in(cast.seller)
    data = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    return lambda: client.post("/accounts/password/change/", data)


def one_time_link(cast: Cast) -> Callable[[], Any]:
    """By such a link people join, and get a new password."""
    client = Client()
    return lambda: client.post("/welcome/no-such-token/", {"password": NEW, "again": NEW})


def export(cast: Cast) -> Callable[[], Any]:
    client = signed_in(cast.manager)
    return lambda: client.get("/customers/export/?_format=csv")


def token(cast: Cast) -> Callable[[], Any]:
    allowance.reset()
    api = Api(cast.seller)
    return lambda: api.ask("GET", "deals")


WAYS = {
    "sign-in": (signing_in, 5),
    "second factor": (code, 5),
    "confirming": (proof, 5),
    "change of password": (change_of_password, 5),
    "one-time link": (one_time_link, 20),
    "export": (export, 20),
    "token": (token, 7),
}


@pytest.mark.parametrize("name", list(WAYS))
def test_the_one_after_the_last_is_told_to_wait(name: str, cast: Cast, settings: Any) -> None:
    settings.XIAOGUAN_API_CALLS_A_MINUTE = 7
    make, allowed = WAYS[name]
    tried, before = make(cast), Change.objects.count()
    for number in range(allowed):
        assert tried().status_code != 429, number
    answer = tried()
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 120
    assert Change.objects.count() == before


def test_who_waits_at_the_door_is_not_let_in_by_the_right_password(cast: Cast) -> None:
    client = Client()
    for _try in range(5):
        sign_in(client, "seller", "wrong")
    answer = sign_in(client, "seller", PASSWORD)
    assert answer.status_code == 429  # type: ignore[attr-defined]
    assert "_auth_user_id" not in client.session


def test_one_persons_files_are_not_anothers(cast: Cast, settings: Any) -> None:
    settings.EXPORTS_A_MINUTE = 1
    manager, director = signed_in(cast.manager), signed_in(cast.director)
    url = "/customers/export/?_format=csv"
    assert [manager.get(url).status_code, manager.get(url).status_code] == [200, 429]
    assert director.get(url).status_code == 200
    dialog = manager.get(url, headers={"HX-Request": "true"})
    assert (dialog.status_code, dialog["HX-Retarget"]) == (429, "#dialogs")
