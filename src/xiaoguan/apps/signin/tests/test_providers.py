"""Signing in with a company account: four protocols against a server that speaks them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.test import Client

from xiaoguan.apps.org.models import Person, SignIn
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.apps.signin.adapters import encrypt
from xiaoguan.apps.signin.tests import identity
from xiaoguan.apps.signin.tests.identity import CLIENT, KEEP, Running
from xiaoguan.apps.signin.tests.steps import inside, stale, with_app
from xiaoguan.kit.models.change import Change, ChangeRow

from tests.cast import Cast

EN = {"Accept-Language": "en"}
PHONE = "+86 139 0000 1234"
PEOPLE: dict[str, dict[str, Any]] = {
    "oidc": {"sub": "o-77", "name": "Chen", "email": "siyuan@example.com", "email_verified": True},
    "feishu": {"open_id": "f-77", "name": "陈思远", "mobile": PHONE, "tenant_key": "t-1"},
    "dingtalk": {"unionId": "d-77", "openId": "x", "nick": "思远", "mobile": "13900001234"},
    "wecom": {"userid": "LW-007"},
}
RULES = {"oidc": "email", "feishu": "phone", "dingtalk": "phone", "wecom": "employee_no"}
ALL = list(PEOPLE)


@pytest.fixture
def provider() -> Iterator[Running]:
    """The other side."""
    running = Running()
    yield running
    running.stop()


def door(running: Running, kind: str, **more: Any) -> SocialApp:
    """A configured way in."""
    base = {"base": running.base, "authorize_base": running.base, "server_url": running.base, "agent_id": "1000002"}
    running.company.person = dict(PEOPLE[kind])
    return SocialApp.objects.create(
        provider=kind,
        provider_id=kind,
        name=f"Our {kind}",
        client_id=CLIENT,
        secret=encrypt(KEEP),
        settings={**base, "match": [], **more},
    )


def off(client: Client, kind: str, **data: str) -> str:
    """Press the button; the address at the provider."""
    page = client.post(f"/accounts/with/{kind}/", data)
    assert page.status_code == 200, page
    return unescape(re.search(r'content="0;url=([^"]+)"', page.content.decode())[1])


def back(client: Client, running: Running, url: str, **changed: str) -> Any:
    """Come back with a code."""
    given = running.company.authorise(url) | changed
    path = urlsplit(given.pop("redirect_uri")).path
    if path.endswith("/dingtalk/back/"):
        given["authCode"] = given.pop("code")
    return client.get(path, given, headers=EN)


def travel(client: Client, running: Running, kind: str, **data: str) -> Any:
    """There and back."""
    return back(client, running, off(client, kind, **data))


def link(person: Person, kind: str) -> SocialAccount:
    """Bind by hand."""
    uid = next(iter(PEOPLE[kind].values()))
    return SocialAccount.objects.create(user=person, provider=kind, uid=uid)


@pytest.mark.parametrize("kind", ALL)
def test_a_linked_account_signs_in(cast: Cast, client: Client, provider: Running, kind: str) -> None:
    door(provider, kind)
    link(cast.seller, kind)
    people = Person.objects.count()
    answer = travel(client, provider, kind, next="/org/")
    assert (answer.status_code, answer["Location"]) == (302, "/org/")
    assert client.session["_auth_user_id"] == str(cast.seller.pk)
    assert Person.objects.count() == people
    assert SignIn.objects.filter(person=cast.seller, kind=Kind.ACCOUNT, outcome=Outcome.DONE, reason=kind).exists()


@pytest.mark.parametrize("kind", ALL)
def test_a_stranger_is_told_what_to_do_and_never_created(
    cast: Cast, client: Client, provider: Running, kind: str
) -> None:
    door(provider, kind)
    people = Person.anybody.count()
    answer = travel(client, provider, kind)
    assert answer.status_code == 403
    text = answer.content.decode()
    assert f"sign in with your password and link Our {kind}" in text
    assert not inside(client)
    assert (Person.anybody.count(), SocialAccount.objects.count()) == (people, 0)
    assert SignIn.objects.filter(kind=Kind.ACCOUNT, outcome=Outcome.REFUSED).count() == 1


@pytest.mark.parametrize("kind", ALL)
def test_people_are_found_by_what_the_provider_vouches_for(
    cast: Cast, client: Client, provider: Running, kind: str
) -> None:
    door(provider, kind, match=[RULES[kind]])
    Person.objects.filter(pk=cast.seller.pk).update(
        phone="139-0000-1234", email="Siyuan@example.com", employee_no="LW-007"
    )
    assert travel(client, provider, kind).status_code == 302
    assert client.session["_auth_user_id"] == str(cast.seller.pk)
    assert SocialAccount.objects.get().user == cast.seller, "bound from now on"
    assert Change.objects.filter(action="link_account", actor=cast.seller).count() == 1


def test_what_is_not_verified_finds_nobody(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "oidc", match=["email"])
    Person.objects.filter(pk=cast.seller.pk).update(email="siyuan@example.com")
    for unverified in (False, None, "true"):
        provider.company.person["email_verified"] = unverified
        assert travel(client, provider, "oidc").status_code == 403
    assert not SocialAccount.objects.exists()


def test_two_who_fit_are_nobody(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "oidc", match=["email"])
    Person.objects.filter(pk__in=[cast.seller.pk, cast.peer.pk]).update(email="siyuan@example.com")
    assert travel(client, provider, "oidc").status_code == 403


def test_leavers_stay_out(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "feishu", match=["phone"])
    Person.objects.filter(pk=cast.seller.pk).update(is_active=False, phone=PHONE)
    assert travel(client, provider, "feishu").status_code == 403
    link(cast.seller, "feishu")
    assert travel(client, provider, "feishu").status_code == 403
    assert not inside(client)


@pytest.mark.parametrize("kind", ["feishu", "dingtalk"])
def test_accounts_of_other_companies_are_refused(cast: Cast, client: Client, provider: Running, kind: str) -> None:
    door(provider, kind, tenant="somebody-else")
    link(cast.seller, kind)
    assert travel(client, provider, kind).status_code == 401
    assert not inside(client)


def test_the_second_step_comes_after_the_provider_too(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "feishu")
    link(cast.seller, "feishu")
    with_app(cast.seller)
    answer = travel(client, provider, "feishu")
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not inside(client)


# State, PKCE, nonce, replay ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ALL)
def test_a_foreign_or_repeated_state_is_refused(cast: Cast, client: Client, provider: Running, kind: str) -> None:
    door(provider, kind)
    link(cast.seller, kind)
    url = off(client, kind)
    assert back(client, provider, url, state="made-up").status_code == 401
    assert back(Client(), provider, url).status_code == 401, "another browser's"
    assert not inside(client)
    assert back(client, provider, url).status_code == 302
    client.post("/accounts/logout/")
    assert back(client, provider, url).status_code == 401, "a state is good once"
    assert not inside(client)


@pytest.mark.parametrize("kind", ALL)
def test_a_used_code_is_refused(cast: Cast, client: Client, provider: Running, kind: str) -> None:
    door(provider, kind)
    link(cast.seller, kind)
    url = off(client, kind)
    given = provider.company.authorise(url)
    provider.company.codes.clear()
    name = "authCode" if kind == "dingtalk" else "code"
    path = urlsplit(given["redirect_uri"]).path
    assert client.get(path, {name: given["code"], "state": given["state"]}).status_code == 401
    assert not inside(client)


@pytest.mark.parametrize("kind", ["oidc", "feishu"])
def test_the_code_is_bound_to_this_browser_by_pkce(cast: Cast, client: Client, provider: Running, kind: str) -> None:
    door(provider, kind)
    link(cast.seller, kind)
    url = off(client, kind)
    assert parse_qs(urlsplit(url).query)["code_challenge_method"] == ["S256"]
    stolen = provider.company.authorise(off(Client(), kind))
    mine = parse_qs(urlsplit(url).query)["state"][0]
    path = urlsplit(stolen["redirect_uri"]).path
    assert client.get(path, {"code": stolen["code"], "state": mine}).status_code == 401
    assert not inside(client)


FAKES: list[tuple[str, dict[str, Any]]] = [
    ("nonce", {"claims": {"nonce": "another"}}),
    ("no nonce", {"claims": {"nonce": None}}),
    ("issuer", {"claims": {"iss": "https://evil.example"}}),
    ("audience", {"claims": {"aud": "somebody-else"}}),
    ("expired", {"claims": {"exp": 1_700_000_000}}),
    ("other person", {"claims": {"sub": "o-1"}}),
    ("foreign key", {"key": identity.FOREIGN}),
    ("weak signature", {"algorithm": "HS256"}),
]


@pytest.mark.parametrize(("what", "wrong"), FAKES, ids=[name for name, _wrong in FAKES])
def test_a_wrong_token_is_refused(
    cast: Cast, client: Client, provider: Running, what: str, wrong: dict[str, Any]
) -> None:
    door(provider, "oidc")
    link(cast.seller, "oidc")
    for name, value in wrong.items():
        setattr(provider.company, name, value)
    assert travel(client, provider, "oidc").status_code == 401
    assert not inside(client)
    assert SignIn.objects.filter(kind=Kind.ACCOUNT, outcome=Outcome.FAILED).count() == 1


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("oidc", "/userinfo"),
        ("oidc", "/keys"),
        ("feishu", "/open-apis/authen/v1/user_info"),
        ("dingtalk", "/v1.0/contact/users/me"),
        ("wecom", "/cgi-bin/gettoken"),
        ("wecom", "/cgi-bin/auth/getuserinfo"),
    ],
)
def test_a_provider_in_trouble_is_no_error_of_ours(
    cast: Cast, client: Client, provider: Running, kind: str, page: str
) -> None:
    door(provider, kind)
    link(cast.seller, kind)
    provider.company.broken = page
    answer = travel(client, provider, kind)
    assert answer.status_code == 401
    assert "Begin again" in answer.content.decode()


def test_a_provider_that_is_down(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "oidc")
    provider.stop()
    assert client.post("/accounts/with/oidc/").status_code == 401


@pytest.mark.parametrize("kind", ALL)
def test_a_wrong_secret(cast: Cast, client: Client, provider: Running, kind: str) -> None:
    door(provider, kind)
    SocialApp.objects.update(secret=encrypt("old"))
    link(cast.seller, kind)
    assert travel(client, provider, kind).status_code == 401


def test_wecom_guests_have_no_account(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "wecom")
    provider.company.person = {"openid": "guest"}
    assert travel(client, provider, "wecom").status_code == 401


def test_whoever_changes_his_mind(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "feishu")
    state = parse_qs(urlsplit(off(client, "feishu")).query)["state"][0]
    answer = client.get("/accounts/with/feishu/back/", {"error": "access_denied", "state": state})
    assert answer["Location"] == "/accounts/cancelled/"
    assert client.get("/accounts/cancelled/").status_code == 200


def test_nothing_from_the_address_reaches_the_provider(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "feishu")
    page = client.post("/accounts/with/feishu/?scope=contact:all&auth_params=prompt%3Dnone&process=connect", {})
    url = re.search(r'content="0;url=([^"]+)"', page.content.decode())[1]
    assert "contact" not in url
    assert "prompt" not in url


# Linking ----------------------------------------------------------------------------------------------------------


def test_linking_while_signed_in_and_unlinking(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "feishu")
    client.force_login(cast.seller)
    answer = travel(client, provider, "feishu", process="connect")
    assert answer["Location"] == "/me/#sign-in"
    row = SocialAccount.objects.get()
    assert (row.user, row.uid, row.extra_data) == (cast.seller, "f-77", {"name": "陈思远"})
    assert "陈思远" in client.get("/me/").content.decode()
    stranger = Client()
    stranger.force_login(cast.peer)
    assert stranger.post(f"/accounts/linked/{row.pk}/remove/").status_code == 404
    assert client.post(f"/accounts/linked/{row.pk}/remove/").status_code == 302
    assert not SocialAccount.objects.exists()
    actions = ChangeRow.objects.filter(object_id=cast.seller.pk, change__action__endswith="link_account")
    assert [(row.before, row.after) for row in actions.order_by("pk")] == [
        ({"account": None}, {"account": "feishu"}),
        ({"account": "feishu"}, {"account": None}),
    ]


def test_linking_wants_a_fresh_sign_in(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "feishu")
    client.force_login(cast.seller)
    stale(client)
    answer = client.post("/accounts/with/feishu/", {"process": "connect"})
    assert "reauthenticate" in answer["Location"]
    assert Client().post("/accounts/with/feishu/", {"process": "connect"}).status_code == 404


def test_an_account_is_one_persons(cast: Cast, client: Client, provider: Running) -> None:
    door(provider, "feishu")
    link(cast.peer, "feishu")
    client.force_login(cast.seller)
    assert travel(client, provider, "feishu", process="connect").status_code == 403
    assert SocialAccount.objects.get().user == cast.peer
    assert client.session["_auth_user_id"] == str(cast.seller.pk)


# The administrator's page -----------------------------------------------------------------------------------------


def test_the_secret_is_written_never_read(cast: Cast, client: Client) -> None:
    client.force_login(cast.administrator)
    data = {"provider": "feishu", "name": "飞书", "client_id": "cli_1", "secret": "keep-this-9", "match": ["phone"]}
    assert client.post("/settings/sign-in/new/", data).status_code == 302
    row = SocialApp.objects.get()
    assert "keep-this-9" not in row.secret
    for page in ("/settings/sign-in/", f"/settings/sign-in/{row.pk}/"):
        text = client.get(page).content.decode()
        assert "keep-this-9" not in text
        assert row.secret not in text
    assert "keep-this-9" not in str(list(ChangeRow.objects.values()))
    before = row.secret
    client.post(f"/settings/sign-in/{row.pk}/", {**data, "secret": "", "name": "飞书登录"})
    row.refresh_from_db()
    assert (row.secret, row.name) == (before, "飞书登录")
    assert Change.objects.filter(action="set_way_in", actor=cast.administrator).count() == 2
    assert "飞书登录" in Client().get("/accounts/login/").content.decode()
    assert client.post(f"/settings/sign-in/{row.pk}/remove/").status_code == 302
    assert "飞书登录" not in Client().get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"secret": ""}, "secret"),
        ({"provider": "oidc"}, "server_url"),
        ({"provider": "oidc", "server_url": "http://login.example.com"}, "server_url"),
        ({"provider": "wecom"}, "agent_id"),
        ({"provider": "dingtalk", "match": ["email"]}, "match"),
        ({"base": "javascript:alert(1)"}, "base"),
    ],
)
def test_what_a_provider_needs(cast: Cast, client: Client, more: dict[str, Any], field: str) -> None:
    client.force_login(cast.administrator)
    data = {"provider": "feishu", "name": "x", "client_id": "c", "secret": "s"} | more
    answer = client.post("/settings/sign-in/new/", data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not SocialApp.objects.exists()


def test_the_environment_can_fix_a_way_in(cast: Cast, client: Client, provider: Running, settings: Any) -> None:
    row = door(provider, "feishu")
    settings.IDENTITY_PROVIDERS = [
        {"provider": "feishu", "name": "Lark", "client_id": CLIENT, "secret": KEEP, "settings": row.settings}
    ]
    row.delete()
    link(cast.seller, "feishu")
    assert travel(client, provider, "feishu").status_code == 302
    assert inside(client)
