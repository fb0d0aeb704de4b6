"""The organisation's own pages: the chart, my profile, joining, roles; for who may see them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xiaoguan.apps.org.models import Membership, Person, Role, Team
from xiaoguan.kit import access
from xiaoguan.kit.action import create

from tests.cast import Cast

EVERYBODY = ["director", "manager", "seller", "hr", "finance", "service", "administrator", "auditor"]


@pytest.fixture
def english(client: Client) -> Client:
    """A browser that asks for English."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.mark.parametrize("part", EVERYBODY)
def test_the_chart(cast: Cast, english: Client, part: str) -> None:
    """Everybody with a role sees teams, badges, leaders and how many people."""
    english.force_login(cast.people[part])
    text = english.get("/org/").content.decode()
    for word in ("Tigers", "Wolves", "Tiger</span>", "Lin Qing", "Gao Yuan", "12 people"):
        assert word in text
    assert "Chen Siyuan" in english.get(f"/org/members/{cast.tigers.pk}/").content.decode()


@pytest.mark.parametrize(
    "path", ["/org/", "/org/members/{team}/", "/people/", "/people/{seller}/", "/teams/", "/roles/"]
)
def test_an_outsider_finds_nothing(cast: Cast, client: Client, path: str) -> None:
    """Not even that there is something."""
    client.force_login(cast.outsider)
    assert client.get(path.format(team=cast.tigers.pk, seller=cast.seller.pk)).status_code == 404


def test_a_large_chart_loads_branches_when_opened(cast: Cast, english: Client) -> None:
    """Two levels at first, the rest by a request per branch; queries don't grow with teams."""
    branches = create(Team, [{"name": f"B{n}", "parent": cast.sales} for n in range(20)], actor=cast.system)
    create(Team, [{"name": f"{b.name}.{n}", "parent": b} for b in branches for n in range(5)], actor=cast.system)
    english.force_login(cast.seller)
    english.get("/org/")
    with CaptureQueriesContext(
        connection,
    ) as spent:
        text = english.get("/org/").content.decode()
    assert "B3.2" not in text
    assert f"/org/branch/{cast.sales.pk}/" in text
    assert len(spent) < 22
    assert "B3" in english.get(f"/org/branch/{cast.sales.pk}/").content.decode()
    assert "B3.2" in english.get(f"/org/?from={branches[3].pk}").content.decode()


def test_my_profile(cast: Cast, english: Client) -> None:
    """Look, language and ways to reach me are mine to set, with or without a role."""
    english.force_login(cast.outsider)
    looks = {"form": "looks", "language": "en", "theme": "dark", "density": "comfortable", "unit_display": "yuan"}
    answer = english.post("/me/", looks)
    assert answer.status_code == 302
    assert (answer.cookies["xiaoguan_theme"].value, answer.cookies["xiaoguan_density"].value) == ("dark", "comfortable")
    english.post("/me/", {"form": "contact", "phone": "13800138000", "email": "a@example.com"})
    person = cast.again("outsider")
    assert (person.language, person.unit_display, person.phone) == ("en", "yuan", "13800138000")
    assert english.post("/me/", {"form": "contact", "email": "nonsense"}).status_code == 422
    assert english.post("/me/", {**looks, "theme": "pink"}).status_code == 422
    assert cast.again("outsider").email == "a@example.com"


def test_somebody_joins(cast: Cast, english: Client) -> None:
    """Person, user name, membership and role from one form; the same form twice is one person."""
    english.force_login(cast.hr)
    assert "User name" in english.get("/people/new/").content.decode()
    form = {
        "_uid": "0199a000-0000-7000-8000-000000000001",
        "name": "陈思远",
        "position": "sales_engineer",
        "at_team": str(cast.tigers.pk),
        "at_post": "member",
        "at_start": "",
    }
    first = english.post("/people/new/", form)
    assert first.status_code == 302
    assert english.post("/people/new/", form)["Location"] == first["Location"]
    person = Person.objects.get(name="陈思远")
    assert person.username == "chensiyuan"
    assert [role.code for role in person.roles.all()] == ["salesperson"]
    assert person.unit == cast.tigers
    assert Membership.objects.get(person=person).start is None
    page = english.get(first["Location"]).content.decode()
    assert "Make a one-time link" in page
    assert english.post(reverse("org:link", args=[person.pk])).content.decode().count("/welcome/") == 1


def test_a_joiner_without_a_name(cast: Cast, english: Client) -> None:
    """Nothing is stored, what was typed stays."""
    english.force_login(cast.hr)
    answer = english.post("/people/new/", {"name": "", "job_title": "Lamp whisperer", "at_post": "member"})
    assert answer.status_code == 422
    assert "Lamp whisperer" in answer.content.decode()


def test_roles_page(cast: Cast, english: Client) -> None:
    """An administrator ticks them; personnel can't, and the last administrator stays."""
    address = reverse("org:roles", args=[cast.seller.pk])
    wanted = Role.objects.get(code="manager")
    english.force_login(cast.hr)
    assert english.post(address, {"role": wanted.pk}).status_code == 403
    english.force_login(cast.administrator)
    assert english.post(address, {"role": wanted.pk}).status_code == 302
    assert [role.code for role in cast.seller.roles.all()] == ["manager"]
    assert "sales manager" in english.get(cast.seller.entity.url("detail", cast.seller)).content.decode()
    own = reverse("org:roles", args=[cast.administrator.pk])
    assert english.post(own, {"role": wanted.pk}).status_code == 409


@pytest.mark.parametrize("tab", ["teams", "access", "members"])
def test_tabs(cast: Cast, english: Client, tab: str) -> None:
    """The tabs of a person and a team open."""
    english.force_login(cast.administrator)
    row = cast.tigers if tab == "members" else cast.seller
    text = english.get(f"{row.entity.url('detail', row)}?tab={tab}").content.decode()
    assert {"teams": "since always", "access": "Has a password", "members": "Chen Siyuan"}[tab] in text


@pytest.mark.parametrize("path", ["/people/", "/teams/", "/roles/", "/calendar-days/", "/memberships/", "/stand-ins/"])
def test_lists_made_by_the_kit(cast: Cast, english: Client, path: str) -> None:
    """Every declared record type of this app has its list."""
    english.force_login(cast.administrator)
    assert english.get(path).status_code == 200


def test_the_company(cast: Cast, english: Client) -> None:
    """Its word in the navigation leads to the record."""
    english.force_login(cast.administrator)
    answer = english.get("/org/company/", follow=True)
    assert "Lumen Works" in answer.content.decode()


def test_an_administrator_edits_what_a_role_allows(cast: Cast, english: Client) -> None:
    """One changed cell is written out, the rest stays; others may not; the key to roles can't be thrown away."""
    role = Role.objects.get(code="service")
    address = reverse("org:grants", args=[role.pk])
    english.force_login(cast.hr)
    assert "<select" not in english.get(f"/roles/{role.pk}/?tab=grants").content.decode()
    assert english.post(address, {"org.team:view": "none"}).status_code == 403
    english.force_login(cast.administrator)
    shown = english.get(f"/roles/{role.pk}/?tab=grants").content.decode()
    assert 'name="customers.contact:change"' in shown
    before = role.grants
    english.post(address, {"customers.contact:change": "self", "customers.customer:view": "all", "org.team:view": "?"})
    role.refresh_from_db()
    assert role.grants == {**before, "customers.contact": {"change": "self"}}
    service = cast.again("service")
    scopes = [access.grants(service).scope("customers.contact", verb) for verb in ("view", "change", "delete")]
    assert scopes == ["all", "self", "none"]
    own = Role.objects.get(code="administrator")
    assert english.post(reverse("org:grants", args=[own.pk]), {"org.role:change": "none"}).status_code == 409
    assert "Ma Chao" in english.get(f"/roles/{role.pk}/?tab=holders").content.decode()
