"""What a company's security people try first."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponseForbidden
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from xiaoguan.apps.org import invites
from xiaoguan.apps.org.models import Session, SignIn
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.pages import late

from tests.cast import PASSWORD, Cast

VALUES = {"int": "1", "uuid": "018f4d9e-7c2a-7000-8000-000000000001", "str": "x", "slug": "x", "path": "x"}
BEARER = ("api", "below", "beside", "approvals_api", "goals_api", "of_deals", "of_metrics")
"""Routes under this namespace are called with a bearer token and take no cookie."""
PUBLIC = {"/f/x/"}
"""The form for whoever has its address: it reads no session, so there is nothing to misuse."""


def routes(patterns: list[Any], prefix: str = "", space: str = "") -> Any:
    """(path with sample values, view) of every route."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, prefix + str(one.pattern), space or one.namespace or "")
        elif isinstance(one, URLPattern):
            text = prefix + str(one.pattern)
            for name, converter in one.pattern.converters.items():
                kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
                for spelt in (f"<{kind}:{name}>", f"<{name}>"):
                    text = text.replace(spelt, VALUES.get(kind, "1"))
            yield f"/{text}", one.callback, space


@pytest.mark.once
@pytest.mark.usefixtures("not_found_once")
def test_no_form_is_taken_without_its_token(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every route of the project, for an administrator with a live session, from a foreign page."""
    said = []
    words = late._words

    def once(request: Any) -> Any:
        said.append(words(request) if not said else HttpResponseForbidden())
        return said[-1]

    monkeypatch.setattr(late, "_words", once)  # the page of words is the same for all
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.administrator)
    found, wrong, before = 0, [], Change.objects.count()
    for url, view, space in routes(get_resolver().url_patterns):
        if "<" in url or space in BEARER or url in PUBLIC:
            continue
        found += 1
        status = client.post(url, {"x": "1"}, headers={"Origin": "https://evil.example"}).status_code
        # 404: the form of a record that is not there was to be shown again with a fresh token.
        if status not in (403, 404) or getattr(view, "csrf_exempt", False):
            wrong.append(f"{url}: {status}")
    assert found > 100
    assert not wrong, "\n".join(wrong)
    assert Change.objects.count() == before


def test_the_session_key_is_new_after_signing_in(cast: Cast, client: Client) -> None:
    """A key that somebody planted before is worth nothing after."""
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    planted = session.session_key
    client.post("/accounts/login/", {"login": "seller", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(cast.seller.pk)
    assert client.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert thief.get("/me/").status_code == 302


def test_a_made_up_key_is_not_adopted(cast: Cast, client: Client) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    client.post("/accounts/login/", {"login": "seller", "password": PASSWORD})
    assert client.session.session_key != "a" * 32


FOREIGN = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    "\thttps://evil.example",
    "https://testserver.evil.example/",
]


@pytest.mark.parametrize("target", FOREIGN)
def test_nobody_is_sent_elsewhere_after_signing_in(cast: Cast, target: str) -> None:
    for url, data in (
        ("/accounts/login/", {"login": "seller", "password": PASSWORD}),
        ("/accounts/reauthenticate/", {"password": PASSWORD}),
        ("/accounts/logout/", {}),
        ("/i18n/setlang/", {"language": "en"}),
    ):
        client = Client()
        if "login" not in url:
            client.force_login(cast.seller)
        answer = client.post(url, {**data, "next": target})
        assert answer.status_code == 302, url
        assert answer["Location"].startswith("/"), (url, answer["Location"])
        assert not answer["Location"].startswith(("//", "/\\")), url
    client = Client()
    client.force_login(cast.seller)
    answer = client.get("/accounts/login/", {"next": target})
    assert "evil" not in answer["Location"]


def test_a_foreign_host_is_refused(cast: Cast, client: Client) -> None:
    for host in ("evil.example", "testserver.evil.example"):
        assert client.get("/accounts/login/", headers={"Host": host}).status_code == 400
    answer = client.get("/accounts/login/", headers={"X-Forwarded-Host": "evil.example"})
    assert b"evil" not in answer.content


def test_links_are_made_for_the_public_address(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.hr)
    answer = client.post(f"/org/people/{cast.seller.pk}/link/", headers={"X-Forwarded-Host": "evil.example"})
    assert b"evil" not in answer.content


def test_pages_are_in_no_frame_and_run_no_foreign_script(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.seller)
    for url in ("/", "/me/", "/accounts/password/change/", "/accounts/2fa/app/", "/accounts/passkeys/add/"):
        answer = client.get(url)
        assert answer["X-Frame-Options"] == "DENY", url
        policy = answer["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self';" in policy + ";"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "<script>" not in answer.content.decode()
    assert "no-store" in client.get("/accounts/2fa/app/").get("Cache-Control", "no-store")


def test_known_and_unknown_names_are_answered_alike(cast: Cast) -> None:
    """The same page, status and number of queries; nothing on it depends on whether the name is taken."""
    answers = []
    for name in ("seller", "nobody-of-that-name", "siyuan@example.com"):
        answer = Client().post("/accounts/login/", {"login": name, "password": "wrong-wrong-wrong"})
        text = answer.content.decode().replace(name, "NAME")
        answers.append((answer.status_code, text.replace(answer.context["csrf_token"].__str__(), "")))
    assert answers[0] == answers[1] == answers[2]


def test_known_and_unknown_names_take_the_same_work(cast: Cast, django_assert_num_queries: Any) -> None:
    """One hash each: counted, as time on a busy machine proves nothing."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    counted: list[str] = []
    true = MD5PasswordHasher.encode

    def encode(self: Any, password: str, salt: str) -> str:
        counted.append(password)
        return str(true(self, password, salt))

    works = {}
    type(cast.seller).objects.filter(pk=cast.peer.pk).update(email="lei@example.com")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MD5PasswordHasher, "encode", encode)
        for name in ("seller", "nobody-of-that-name", "lei@example.com", "nobody@example.com"):
            counted.clear()
            Client().post("/accounts/login/", {"login": name, "password": "wrong-wrong-wrong"})
            works[name] = counted.count("wrong-wrong-wrong")
    assert set(works.values()) == {1}, works


def test_locked_names_are_answered_alike(cast: Cast) -> None:
    texts = []
    for name in ("seller", "nobody-of-that-name"):
        for _try in range(6):
            answer = Client().post("/accounts/login/", {"login": name, "password": "wrong"}, REMOTE_ADDR="192.0.2.1")
        texts.append([str(error) for error in answer.context["form"].non_field_errors()])
    assert texts[0] == texts[1]
    assert texts[0]
    assert SignIn.objects.filter(outcome="locked").count() == 2


def test_guessing_in_a_row_gets_nowhere(cast: Cast) -> None:
    """A hundred guesses in one go: five are looked at."""
    for number in range(100):
        Client().post("/accounts/login/", {"login": "seller", "password": f"guess-{number}"})
    looked = SignIn.objects.filter(person=cast.seller, outcome="failed").count()
    assert looked == 5


def test_a_one_time_link_is_used_once_and_bound(cast: Cast, client: Client) -> None:
    link = invites.invite(cast.seller, actor=cast.hr)
    new = "harbour-crane-under-77-stars"
    assert client.post(link.path, {"password": new, "again": new}).status_code == 302
    assert client.session["_auth_user_id"] == str(cast.seller.pk)
    for _again in range(2):
        other = Client()
        answer = other.post(link.path, {"password": "another-crane-88-moon", "again": "another-crane-88-moon"})
        assert answer.status_code == 410
        assert "_auth_user_id" not in other.session
    assert cast.again("seller").check_password(new)


def test_cookies_are_for_the_server_alone(cast: Cast, client: Client) -> None:
    client.post("/accounts/login/", {"login": "seller", "password": PASSWORD})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert not cookie["domain"]


@pytest.mark.once
def test_behind_https_cookies_travel_encrypted(tmp_path: Path) -> None:
    """As production starts: asked of a process of its own, since the address decides at start."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("XIAOGUAN_", "DJANGO_"))}
    script = (
        "from xiaoguan.config import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=plain | {"XIAOGUAN_HOME": str(tmp_path), "XIAOGUAN_URL": "https://crm.example.com", "DATABASE_URL": ""},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.split() == ["True"] * 4


def test_time_is_not_told_by_the_answer(cast: Cast) -> None:
    """Signing in by an unknown name is no faster than by a known one; generous, as machines are busy."""
    spans: dict[str, list[float]] = {"seller": [], "nobody-of-that-name": []}
    for round_ in range(6):
        for name, found in spans.items():
            began = time.perf_counter()
            Client(REMOTE_ADDR=f"192.0.2.{round_}").post("/accounts/login/", {"login": name, "password": "x" * 12})
            found.append(time.perf_counter() - began)
    known, unknown = (statistics.median(found) for found in spans.values())
    assert 0.2 < known / unknown < 5
