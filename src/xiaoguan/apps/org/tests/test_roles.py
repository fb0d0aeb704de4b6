"""The grid of a role: inheritance, preview, saving at once, back to delivery, copies, and never locking oneself out."""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org import role_grid, role_preview
from xiaoguan.apps.org.actions import set_grants, set_roles
from xiaoguan.apps.org.models import Person, Role
from xiaoguan.apps.org.seeds import ROLES
from xiaoguan.kit import access, action, recent, undo
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.models import Change

from tests.cast import Cast
from tests.samples import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def english() -> Client:
    return Client(headers={"Accept-Language": "en"})


def role(code: str) -> Role:
    return Role.objects.get(code=code)


def cell(found: Role, name: str) -> role_grid.Cell:
    cells = (cell for row in role_grid.rows(found) for cell in [*row.cells, *row.further])
    return next(each for each in cells if each.name == name)


def age(client: Client, seconds: float) -> None:
    """Let the proof of who is there be that old."""
    session: SessionBase = client.session
    session[recent.KEY] = time.time() - seconds
    session.save()


def test_a_cell_says_whom_it_follows(cast: Cast) -> None:
    manager = role("manager")
    followed = cell(manager, "customers.contact:change")
    assert (followed.own, followed.scope, followed.differs) == ("", "team", False)
    assert "客户" in followed.follows or "Customers" in followed.follows
    own = cell(manager, "customers.*:*")
    assert (own.own, own.scope) == ("team", "team")
    assert cell(role("hr"), "org.person:set_roles").own == "none"


def test_an_emptied_cell_follows_again_and_a_wider_rule_reaches_what_follows_it(cast: Cast) -> None:
    service = role("service")
    grants = role_grid.changed(service, {"customers.customer:view": "", "customers.*:view": "self"})
    assert "view" not in grants["customers.customer"]
    set_grants(service, actor=cast.administrator, grants=grants)
    assert cell(role("service"), "customers.contact:view").scope == "self"
    assert cell(role("service"), "customers.contact:view").differs
    assert access.grants(cast.again("service")).scope("customers.customer", "view") == "self"


def test_the_default_roles_are_as_delivered(cast: Cast) -> None:
    for code in ROLES:
        assert role_grid.is_standard(role(code)), code
        rows = role_grid.rows(role(code))
        assert not [each.name for row in rows for each in [*row.cells, *row.further] if each.differs], code


def test_the_preview_counts_what_saving_then_does(cast: Cast, english: Client) -> None:
    made = samples(cast)
    for person in (cast.seller, cast.seller, cast.peer, cast.other_seller):
        made.make(Customer.entity, owner=person)
    seller_role = role("salesperson")
    grants = role_grid.changed(seller_role, {"customers.customer:view": "all"})
    found = role_preview.preview(seller_role, grants, seller_role.masks)
    assert [each.before for each in found.changes] and found.holders == 4
    counts = {person.username: each for person, all_ in found.people.items() for each in all_}
    assert (counts["seller"].before, counts["seller"].after) == (2, 4)
    assert (counts["other_peer"].before, counts["other_peer"].after) == (0, 4)
    assert (found.gaining, found.losing) == (4, 0)
    assert Role.objects.get(pk=seller_role.pk).grants == seller_role.grants
    english.force_login(cast.administrator)
    page = english.post(
        reverse("org:role_preview", args=[seller_role.pk]),
        {"customers.customer:view": "all", "person": cast.seller.pk, "_version": seller_role.version},
    ).content.decode()
    assert "4 people get more records." in page and 'name="customers.customer:view" value="all"' in page
    assert not Change.objects.filter(action="set_grants").exists()
    english.post(reverse("org:grants", args=[seller_role.pk]), {"customers.customer:view": "all"})
    assert access.visible(Customer, cast.again("seller")).count() == 4


def test_saving_is_one_change_that_is_undone(cast: Cast) -> None:
    hr = role("hr")
    masks = {"customers.customer": ["phone"]}
    done = set_grants(hr, actor=cast.administrator, grants={**hr.grants, "org.*": {"view": "all"}}, masks=masks)
    assert done.change.rows.count() == 1
    assert "address" not in access.masked(cast.again("hr"), Customer)
    undo.undo(done.change, actor=cast.administrator)
    assert "address" in access.masked(cast.again("hr"), Customer)


def test_a_built_in_role_goes_back_and_a_copy_allows_the_same(cast: Cast, english: Client) -> None:
    finance = role("finance")
    set_grants(finance, actor=cast.administrator, grants={"customers.*": {"view": "all"}})
    english.force_login(cast.administrator)
    english.post(reverse("org:role_reset", args=[finance.pk]))
    assert role_grid.is_standard(role("finance"))
    english.post(reverse("org:role_copy", args=[finance.pk]), {"name": "Cash desk"})
    copy = Role.objects.get(name="Cash desk")
    assert (copy.grants, copy.code) == (role("finance").grants, None)
    assert english.post(reverse("org:role_copy", args=[finance.pk]), {"name": " "}).status_code == 422
    page = english.get(reverse("org:role_compare", args=[finance.pk]), {"with": role("service").pk}).content.decode()
    assert "Payments" in page or "Receipts" in page
    same = english.get(reverse("org:role_compare", args=[finance.pk]), {"with": copy.pk}).content.decode()
    assert "Both allow the same." in same


def test_nobody_can_lock_everybody_out(cast: Cast) -> None:
    administrator = role("administrator")
    without = {**administrator.grants, "org.role": {"change": "none"}}
    with pytest.raises(Refusal):
        set_grants(administrator, actor=cast.administrator, grants=without)
    with pytest.raises(Refusal):
        action.update(administrator, {"grants": without}, actor=cast.administrator)
    with pytest.raises(Refusal):
        action.remove(administrator, actor=cast.administrator)
    with pytest.raises(Refusal):
        set_roles(cast.administrator, actor=cast.administrator, roles=[])
    keys = action.create(Role, {"name": "Keys", "grants": {"org.*": {"*": "all"}}}, actor=cast.administrator)
    opened = set_grants(keys, actor=cast.administrator, grants={"org.*": {"view": "all"}})
    assert opened.change is not None  # one who holds it still can: the administrator
    undo.undo(opened.change, actor=cast.administrator)


def test_undo_can_not_lock_out_either(cast: Cast) -> None:
    plain = action.create(Role, {"name": "Second", "grants": {}}, actor=cast.administrator)
    given = set_grants(plain, actor=cast.administrator, grants={"org.*": {"*": "all"}})
    set_roles(cast.outsider, actor=cast.administrator, roles=[plain])
    Person.objects.filter(pk=cast.administrator.pk).update(is_active=False)
    with pytest.raises(Refusal):
        undo.undo(given.change, actor=cast.system)


def test_others_neither_preview_nor_save(cast: Cast, english: Client) -> None:
    for part, status in (("hr", 403), ("auditor", 403), ("seller", 404), ("outsider", 404)):
        english.force_login(getattr(cast, part))
        for page in ("role_preview", "role_reset", "grants"):
            answer = english.post(reverse(f"org:{page}", args=[role("service").pk]), {"org.team:view": "none"})
            assert answer.status_code == status, (part, page)
    with pytest.raises(Denied):
        set_grants(role("service"), actor=cast.hr, grants={})
    assert not Change.objects.filter(action="set_grants").exists()


def test_changing_rights_takes_a_fresh_proof(cast: Cast, english: Client) -> None:
    """After a while the pages ask who is there, keep what was typed, and change nothing."""
    english.force_login(cast.administrator)
    service = role("service")
    days = {"deputy": cast.peer.pk, "start": "2026-12-01", "end": "2026-12-02"}
    posts = {
        reverse("org:grants", args=[service.pk]): {"org.team:view": "none"},
        reverse("org:role_reset", args=[service.pk]): {},
        reverse("org:roles", args=[cast.seller.pk]): {"role": service.pk},
        reverse("org:deputies"): {"person": cast.seller.pk, **days},
        f"/people/{cast.seller.pk}/do/set_deputy/": {"_form": "1", **days},
        f"/people/{cast.seller.pk}/do/set_roles/": {"_form": "1"},
        reverse("audit:reviews"): {"name": "Q4"},
        reverse("org:role_preview", args=[service.pk]): {"org.team:view": "none"},
    }  # fmt: skip
    age(english, 10_000)
    before = Change.objects.count()
    for url, data in posts.items():
        answer = english.post(url, data)
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/reauthenticate/"), url
    assert Change.objects.count() == before
    age(english, 60)
    assert english.get(reverse("org:role_preview", args=[service.pk])).status_code == 200  # the typed grid waited
    assert english.post(reverse("org:grants", args=[service.pk]), {"org.team:view": "none"})["Location"].endswith(
        "grants"
    )


def test_signing_in_or_proving_again_is_a_proof(cast: Cast, rf) -> None:  # type: ignore[no-untyped-def]
    request = rf.get("/")
    request.session = {}
    assert not recent.is_recent(request)
    request.session = {recent.PROOFS: [{"method": "password", "at": time.time() - 5}]}
    assert recent.is_recent(request)


def test_holders_with_their_dates(cast: Cast, english: Client) -> None:
    set_roles(cast.outsider, actor=cast.administrator, roles=[role("service")])
    english.force_login(cast.administrator)
    page = english.get(f"/roles/{role('service').pk}/?tab=holders").content.decode()
    assert "Guo An" in page and "since 20" in page
