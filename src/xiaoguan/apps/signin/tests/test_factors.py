"""Second factors: setting up, the second step, recovery, lost ones, and roles that want one."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib import messages
from django.test import Client

from xiaoguan.apps.org import sessions
from xiaoguan.apps.org.models import Role, Session, SignIn
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.apps.signin import factors
from xiaoguan.apps.signin.adapters import decrypt
from xiaoguan.apps.signin.tests.steps import code, inside, sign_in, stale, with_app
from xiaoguan.kit import clock
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.models.change import Change, ChangeRow

from tests.cast import Cast

EN = {"Accept-Language": "en"}


def test_setting_up_an_app(cast: Cast, client: Client) -> None:
    sign_in(client, "seller")
    page = client.get("/accounts/2fa/app/", headers=EN).content.decode()
    secret = re.search(r'<code class="raw">([A-Z2-7]{32})</code>', page)[1]
    assert "<svg" in page
    assert "<script>" not in page
    assert client.post("/accounts/2fa/app/", {"code": "000000"}).status_code == 200
    answer = client.post("/accounts/2fa/app/", {"code": code(secret)})
    assert answer["Location"] == "/accounts/2fa/codes/"
    row = Authenticator.objects.get(user=cast.seller, type="totp")
    assert secret not in str(row.data), "the key lies encrypted"
    assert decrypt(row.data["secret"]) == secret
    once = client.get("/accounts/2fa/codes/", headers=EN).content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", once)) == 10
    again = client.get("/accounts/2fa/codes/", headers=EN).content.decode()
    assert not re.findall(r"<code>\d{8}</code>", again), "shown once"


def test_the_second_step(cast: Cast, client: Client) -> None:
    with_app(cast.seller)
    answer = sign_in(client, "seller", next="/org/")
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not inside(client)
    assert client.get("/me/").status_code == 302, "half a sign-in opens nothing"
    client.post("/accounts/2fa/authenticate/", {"code": "123"})
    assert not inside(client)
    now = code()
    client.post("/accounts/2fa/authenticate/", {"code": now})
    assert inside(client)
    assert SignIn.objects.filter(person=cast.seller, kind=Kind.CODE, outcome=Outcome.DONE).exists()
    other = Client()
    sign_in(other, "seller")
    other.post("/accounts/2fa/authenticate/", {"code": now})
    assert not inside(other), "a code is good once"


def test_a_recovery_code_is_good_once(cast: Cast, client: Client) -> None:
    with_app(cast.seller)
    spare = RecoveryCodes.activate(cast.seller).get_unused_codes()[3]
    sign_in(client, "seller")
    client.post("/accounts/2fa/authenticate/", {"code": spare})
    assert inside(client)
    other = Client()
    sign_in(other, "seller")
    other.post("/accounts/2fa/authenticate/", {"code": spare})
    assert not inside(other)
    assert factors.of(cast.seller).codes_left == 9


def test_changing_factors_wants_a_fresh_sign_in(cast: Cast, client: Client) -> None:
    with_app(cast.seller)
    client.force_login(cast.seller)
    stale(client)
    for path in ("/accounts/2fa/app/remove/", "/accounts/2fa/codes/new/", "/accounts/passkeys/add/"):
        answer = client.post(path)
        assert answer.status_code == 302, path
        assert "reauthenticate" in answer["Location"], path
    assert Authenticator.objects.filter(user=cast.seller, type="totp").exists()
    client.post("/accounts/2fa/reauthenticate/", {"code": code(), "next": "/me/"})
    client.post("/accounts/2fa/app/remove/")
    assert not Authenticator.objects.filter(user=cast.seller).exists()


def test_nobody_touches_a_colleagues_passkey(cast: Cast, client: Client) -> None:
    row = Authenticator.objects.create(user=cast.peer, type="webauthn", data={"name": "Phone", "credential": {}})
    client.force_login(cast.seller)
    for page in ("name", "remove"):
        assert client.post(f"/accounts/passkeys/{row.pk}/{page}/", {"name": "mine"}).status_code == 404
    assert Authenticator.objects.get(pk=row.pk).data["name"] == "Phone"


def test_a_lost_factor_is_taken_away_by_an_administrator(cast: Cast, client: Client) -> None:
    with_app(cast.seller)
    client.force_login(cast.seller)
    for part in ("seller", "peer", "manager", "hr", "outsider"):
        stranger = Client()
        stranger.force_login(cast.people[part])
        assert stranger.post(f"/people/{cast.seller.pk}/factors/reset/").status_code == 404, part
    boss = Client()
    boss.force_login(cast.administrator)
    page = boss.get(f"/people/{cast.seller.pk}/?tab=door", headers=EN).content.decode()
    assert f"/people/{cast.seller.pk}/factors/reset/" in page
    assert boss.post(f"/people/{cast.seller.pk}/factors/reset/").status_code == 302
    assert not Authenticator.objects.filter(user=cast.seller).exists()
    assert not Session.objects.filter(person=cast.seller).exists()
    change = Change.objects.get(action="reset_factors")
    assert (change.actor, change.undoable) == (cast.administrator, False)
    assert ChangeRow.objects.get(change=change).before == {"second_factors": ["totp"]}


def test_nobody_takes_his_own_away_without_showing_it(cast: Cast) -> None:
    with_app(cast.administrator)
    with pytest.raises(Refusal):
        factors.reset(cast.administrator, actor=cast.administrator)
    with pytest.raises(Denied):
        factors.reset(cast.administrator, actor=cast.hr)


def want(code_: str, day: dt.date) -> None:
    """Let a role need a second factor."""
    Role.objects.filter(code=code_).update(second_factor_from=day)


def test_a_role_reminds_before_its_day_and_insists_from_then_on(cast: Cast) -> None:
    want("salesperson", clock.today() + dt.timedelta(days=3))
    client = Client()
    sign_in(client, "seller")
    text = client.get("/me/", headers=EN).content.decode()
    assert "your role needs a second factor" in text
    want("salesperson", clock.today())
    late = Client()
    sign_in(late, "seller")
    assert late.get("/customers/")["Location"] == "/accounts/2fa/needed/"
    part = late.get("/customers/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/accounts/2fa/needed/")
    assert "One thing first" in late.get("/accounts/2fa/needed/", headers=EN).content.decode()
    assert late.get("/accounts/2fa/app/").status_code == 200
    other = Client()
    sign_in(other, "hr")
    assert other.get("/me/").status_code == 200, "other roles are free"
    with_app(cast.seller)
    assert late.get("/accounts/2fa/needed/")["Location"] == "/"
    assert late.get("/customers/").status_code == 200


def test_a_new_rule_reaches_those_who_are_in(cast: Cast) -> None:
    client = Client()
    sign_in(client, "seller")
    want("salesperson", clock.today())
    assert client.get("/me/").status_code == 200
    session = client.session
    session[sessions.VISIT] = session[sessions.VISIT] | {"seen": time.time() - 400}
    session.save()
    assert client.get("/me/")["Location"] == "/accounts/2fa/needed/"


def test_the_rule_is_set_on_the_role(cast: Cast) -> None:
    boss = Client()
    boss.force_login(cast.administrator)
    role = Role.objects.get(code="finance")
    form = boss.get(role.entity.url("edit", role)).context["form"]
    data = {item.name: item.raw for item in form.inputs.values()} | {"second_factor_from": "2027-01-04"}
    assert boss.post(role.entity.url("edit", role), {**data, "_version": str(role.version)}).status_code == 302
    role.refresh_from_db()
    assert role.second_factor_from == dt.date(2027, 1, 4)


def test_whoever_comes_in_is_reminded(cast: Cast, client: Client) -> None:
    want("salesperson", clock.today() + dt.timedelta(days=3))
    sign_in(client, "seller")
    page = client.get("/me/", headers=EN)
    assert [each.level for each in page.context["messages"]].count(messages.WARNING) == 1
