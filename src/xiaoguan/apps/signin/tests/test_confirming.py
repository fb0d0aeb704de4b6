"""Pages that ask again who it is, and lose nothing that was typed."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock

from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from xiaoguan.apps.signin.tests.steps import code, stale, with_app
from xiaoguan.config.urls import urlpatterns as all_urls
from xiaoguan.kit.pages import confirming
from xiaoguan.kit.pages.answers import page

from tests.cast import PASSWORD, Cast

done: list[dict[str, Any]] = []


def pay(request: HttpRequest) -> HttpResponse:
    """Something that wants a fresh sign-in."""
    if request.method == "POST":
        done.append({"data": request.POST.dict(), "by": request.user.pk, "q": request.GET.dict()})
        return HttpResponse("paid")
    return HttpResponse("the form")


urlpatterns = [
    path("pay/", page(confirming.confirmed_within(300)(pay), methods=("GET", "POST")), name="pay"),
    *all_urls,
]
here = override_settings(ROOT_URLCONF=__name__)


@here
def test_a_fresh_sign_in_passes(cast: Cast, client: Client) -> None:
    client.force_login(cast.seller)
    assert client.get("/pay/").content == b"the form"


@here
def test_a_form_is_held_and_carried_out_once(cast: Cast, client: Client) -> None:
    done.clear()
    client.force_login(cast.seller)
    stale(client)
    answer = client.post("/pay/?run=3", {"amount": "12", "note": "十月"})
    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Fpay%2F%3Frun%3D3"
    assert not done
    wrong = client.post("/accounts/reauthenticate/", {"password": "no", "next": "/pay/?run=3"})
    assert wrong.status_code == 200
    assert not done
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/pay/?run=3"})
    assert answer.content == b"paid"
    assert done == [{"data": {"amount": "12", "note": "十月"}, "by": cast.seller.pk, "q": {"run": "3"}}]
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/pay/?run=3"})
    assert len(done) == 1


@here
def test_confirmed_by_code(cast: Cast, client: Client) -> None:
    done.clear()
    with_app(cast.seller)
    client.force_login(cast.seller)
    stale(client)
    client.post("/pay/", {"amount": "5"})
    answer = client.post("/accounts/2fa/reauthenticate/", {"code": code(), "next": "/pay/"})
    assert answer.content == b"paid"
    assert done[0]["data"] == {"amount": "5"}


@here
def test_htmx_is_led_to_the_page(cast: Cast, client: Client) -> None:
    client.force_login(cast.seller)
    stale(client)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/goals/?y=2027"}
    answer = client.get("/pay/", headers=headers)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/accounts/reauthenticate/?next=%2Fgoals%2F%3Fy%3D2027"


@here
def test_a_held_form_is_its_owners_and_does_not_wait_for_ever(cast: Cast, client: Client) -> None:
    done.clear()
    client.force_login(cast.seller)
    stale(client)
    client.post("/pay/", {"amount": "9"})
    with mock.patch.object(time, "time", return_value=time.time() + 1200):
        answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/pay/"})
    assert answer.status_code == 302
    assert not done
    stale(client)
    client.post("/pay/", {"amount": "9"})
    session = client.session
    session[confirming.HELD] = session[confirming.HELD] | {"person": str(cast.peer.pk)}
    session.save()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/pay/"})
    assert not done
