"""Access tokens: whose they are, what ends them, who sees them, and the command that keeps them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from xiaoguan.api.actions import issue, revoke
from xiaoguan.api.models import Token
from xiaoguan.config import cli
from xiaoguan.kit import action, allowance, clock
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.models import Change

from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    allowance.reset()


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def opens(secret: str) -> bool:
    """Whether a secret still opens the API."""
    return Client().get("/api/v1/deals", headers={"authorization": f"Bearer {secret}"}).status_code == 200


def test_nobody_makes_a_token_in_another_name(cast: Cast) -> None:
    """Not even an administrator: he would work with rights that his role doesn't have."""
    for actor in (cast.seller, cast.manager, cast.administrator):
        with pytest.raises(Denied):
            issue("not mine", "*:write", None, actor=actor, owner=cast.director)
    assert not Token.objects.exists()


def test_a_token_is_not_handed_over(cast: Cast) -> None:
    """Who knows its secret would work with the rights of the new owner, whatever roles allow."""
    token, _secret = issue("mine", "*:read", clock.today(), actor=cast.seller)
    before = Change.objects.count()
    for values in ({"owner": cast.director}, {"scopes": "*:write"}, {"expires_on": None}, {"digest": "0"}):
        for actor, answer in ((cast.seller, Denied), (cast.administrator, Denied), (cast.system, Refusal)):
            with pytest.raises(answer):
                action.update(Token.objects.get(pk=token.pk), values, actor=actor)
    given = {"ids": token.pk, "owner": cast.director.pk, "_confirmed": "1"}
    assert signed_in(cast.seller).post("/tokens/bulk/owner/", given).status_code == 403
    assert signed_in(cast.administrator).post("/tokens/bulk/owner/", given).status_code == 403
    assert Token.objects.get(pk=token.pk).owner == cast.seller
    assert Change.objects.count() == before


def test_the_docs_page_is_found_with_and_without_a_slash(cast: Cast) -> None:
    client = signed_in(cast.seller)
    assert client.get("/api/v1/docs")["Location"] == "/api/v1/docs/"
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200 and "<script>" not in page.content.decode()


def test_revoked_is_revoked_for_good(cast: Cast) -> None:
    token, secret = issue("mine", "*:read", None, actor=cast.seller)
    assert opens(secret)
    assert signed_in(cast.peer).post(f"/tokens/{token.pk}/do/revoke/").status_code == 404
    assert opens(secret)
    client = signed_in(cast.seller)
    assert client.post(f"/tokens/{token.pk}/do/revoke/").status_code == 302
    assert not opens(secret)
    last = Change.objects.latest("pk")
    assert (last.action, last.undoable) == ("revoke", False)
    assert client.post(f"/undo/{last.pk}/").status_code == 409
    assert not opens(secret)


def test_an_administrator_sees_and_revokes_every_token_and_no_secret(cast: Cast) -> None:
    token, secret = issue("theirs", "*:read", None, actor=cast.seller)
    issue("his", "*:read", None, actor=cast.manager)
    client = signed_in(cast.administrator)
    page = client.get("/tokens/?view=all")
    assert page.context["listing"].totals.count == 2
    assert secret not in page.content.decode()
    assert client.post(f"/tokens/{token.pk}/do/revoke/").status_code == 302
    assert not opens(secret)


def test_what_is_thrown_away_its_owner_does_not_bring_back(cast: Cast) -> None:
    token, secret = issue("mine", "*:read", None, actor=cast.seller)
    action.remove(token, actor=cast.system)
    assert not opens(secret)
    client = signed_in(cast.seller)
    assert client.post(f"/tokens/{token.pk}/restore/").status_code in (403, 404)
    assert client.post(f"/undo/{Change.objects.latest('pk').pk}/").status_code in (403, 404)
    assert not opens(secret)


def test_last_use_is_kept_but_not_at_every_call(cast: Cast) -> None:
    token, secret = issue("mine", "*:read", None, actor=cast.seller)
    assert token.last_used_at is None and opens(secret)
    first = Token.objects.get(pk=token.pk).last_used_at
    assert first is not None and opens(secret)
    assert Token.objects.get(pk=token.pk).last_used_at == first


class TestCommand:
    """`xiaoguan token`."""

    def run(self, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
        """Exit code and what was written."""
        code = cli.main(["token", *words])
        out, err = capsys.readouterr()
        return code, out.strip(), err.strip()

    def test_create_list_revoke(self, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
        code, secret, _err = self.run(capsys, "create", "--person", "seller", "--name", "Sync")
        assert code == 0 and opens(secret)
        code, out, _err = self.run(capsys, "list", "--json")
        (line,) = json.loads(out)
        assert (code, line["person"], line["name"], line["revoked_at"]) == (0, "seller", "Sync", None)
        assert secret not in out and secret.startswith(line["begins_with"]) and line["last_used_at"]
        assert self.run(capsys, "revoke", "--id", str(line["id"]))[0] == 0
        assert not opens(secret)
        code, out, _err = self.run(capsys, "list", "--person", "SELLER", "--json")
        assert json.loads(out)[0]["revoked_at"]

    def test_a_program_reads_the_answer(self, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
        words = (
            "create",
            "--person",
            "seller",
            "--name",
            "Sync",
            "--scopes",
            "customers:write",
            "--days",
            "0",
            "--json",
        )
        code, out, _err = self.run(capsys, *words)
        made = json.loads(out)
        token = Token.objects.get(pk=made["id"])
        assert (code, token.expires_on, token.scopes) == (0, None, "customers:write") and opens(made["secret"]) is False
        headers = {"authorization": f"Bearer {made['secret']}"}
        assert Client().get("/api/v1/customers", headers=headers).status_code == 200

    @pytest.mark.parametrize(
        "words",
        [
            ("create", "--person", "nobody", "--name", "x"),
            ("create", "--person", "seller", "--name", ""),
            ("create", "--person", "seller", "--name", "x", "--scopes", "everything"),
            ("create", "--person", "seller", "--name", "x", "--days", "-3"),
            ("create", "--person", "seller", "--name", "x" * 81),
            ("list", "--person", "nobody"),
            ("revoke", "--id", "987654"),
            ("revoke",),
        ],
    )
    def test_refusals_say_why(self, cast: Cast, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
        code, out, err = self.run(capsys, *words)
        assert (code, out) == (1, "") and err
        assert not Token.objects.exists()

    def test_the_token_of_a_leaver_can_be_revoked(self, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
        token, _secret = issue("mine", "*:read", None, actor=cast.seller)
        action.update(cast.again("seller"), {"is_active": False}, actor=cast.system)
        assert self.run(capsys, "revoke", "--id", str(token.pk))[0] == 0
        assert Token.objects.get(pk=token.pk).revoked_at is not None


def test_revoking_twice_says_the_first_time(cast: Cast) -> None:
    token, _secret = issue("mine", "*:read", None, actor=cast.seller)
    revoke(token, actor=cast.seller)
    first = Token.objects.get(pk=token.pk).revoked_at
    revoke(Token.objects.get(pk=token.pk), actor=cast.seller)
    assert Token.objects.get(pk=token.pk).revoked_at == first
