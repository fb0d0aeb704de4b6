"""Which passwords are taken, and what happens when one is set."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from xiaoguan.apps.org import invites, passwords
from xiaoguan.apps.org.models import Company, Person, Session, UsedPassword
from xiaoguan.kit import clock

from tests.cast import PASSWORD, Cast

NEW = "bright-harbour-42-cranes"


def change(client: Client, new: str, old: str = PASSWORD) -> int:
    """Change the password by the form."""
    data = {"oldpassword": old, "password1": new, "password2": new}
    return client.post("/accounts/password/change/", data).status_code


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        ("short-9-x", "password_too_short"),
        ("password123", "password_too_common"),
        ("73859274658392", "password_entirely_numeric"),
        ("xx-Chen Siyuan-99", "own_words"),
        ("my-SELLER-account-9", "own_words"),
        ("lumen works forever 9", "own_words"),
    ],
)
def test_bad_ones_are_refused(cast: Cast, bad: str, word: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_password(bad, cast.seller)
    assert word in [error.code for error in caught.value.error_list]


def test_chinese_names_count_too(cast: Cast) -> None:
    Person.objects.filter(pk=cast.seller.pk).update(name="陈思远")
    with pytest.raises(ValidationError):
        validate_password("我是陈思远没有别人了啊啊", cast.again("seller"))


def test_the_company_may_want_longer_ones(cast: Cast) -> None:
    validate_password(NEW[:14], cast.seller)
    Company.objects.update(password_length=20)
    with pytest.raises(ValidationError):
        validate_password(NEW[:14], cast.seller)


def test_change_wants_the_present_one_and_ends_other_sessions(cast: Cast) -> None:
    here, there = Client(), Client()
    here.force_login(cast.seller)
    there.force_login(cast.seller)
    key = here.session.session_key
    assert change(here, NEW, "not it") == 200
    assert cast.again("seller").check_password(PASSWORD)
    assert change(here, NEW) == 302
    assert cast.again("seller").check_password(NEW)
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302
    assert here.session.session_key != key, "the session gets a new key"
    assert Session.objects.filter(person=cast.seller).count() == 1


def test_none_of_the_last_ones(cast: Cast) -> None:
    Company.objects.update(password_history=2)
    client = Client()
    client.force_login(cast.seller)
    assert change(client, PASSWORD) == 200, "the present one"
    assert change(client, NEW) == 302
    assert change(client, NEW + "-b", NEW) == 302
    assert change(client, NEW, NEW + "-b") == 200, "the one before"
    assert change(client, NEW + "-c", NEW + "-b") == 302
    assert change(client, NEW, NEW + "-c") == 302, "long enough ago"


def test_a_link_remembers_too(cast: Cast) -> None:
    link = invites.invite(cast.seller, actor=cast.hr)
    invites.accept(link.token, NEW)
    assert UsedPassword.objects.filter(person=cast.seller).count() == 1
    with pytest.raises(ValidationError):
        validate_password(NEW, cast.again("seller"))


def test_expiry_is_off_until_the_company_wants_it(cast: Cast) -> None:
    passwords.store(cast.seller, PASSWORD)
    UsedPassword.objects.update(at=clock.machine_now() - dt.timedelta(days=100))
    client = Client()
    client.force_login(cast.seller)
    assert client.get("/me/").status_code == 200
    Company.objects.update(password_days=90)
    late = Client()
    late.force_login(cast.seller)
    assert late.get("/me/")["Location"] == "/accounts/password/change/"
    part = late.get("/me/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/accounts/password/change/")
    assert change(late, NEW) == 302
    assert late.get("/me/").status_code == 200


def test_old_hashes_are_in_no_log(cast: Cast) -> None:
    passwords.store(cast.seller, NEW)
    assert UsedPassword.objects.get().hash == cast.again("seller").password
    assert NEW not in str(UsedPassword.objects.values())
