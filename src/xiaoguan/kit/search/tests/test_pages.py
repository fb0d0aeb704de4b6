"""The palette's groups and the page of all results."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import translation

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.kit import job
from xiaoguan.kit.action import create
from xiaoguan.kit.search import commands

from tests.cast import Cast

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def english() -> None:
    """Labels of commands in one language."""
    translation.activate("en")


def ask(client: Client, text: str) -> str:
    """The palette's answer."""
    answer = client.get("/search/", {"q": text}, headers={**PARTIAL, "Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.text


def headings(html: str) -> list[str]:
    """The groups of an answer."""
    return re.findall(r"<h3>(.*?)</h3>", html)


def test_groups_with_marks_links_and_acts(cast: Cast, client: Client) -> None:
    client.force_login(cast.seller)
    made = create(Customer, {"name": "昆山恒岑钢构", "phone": "138-1234-5678"}, actor=cast.seller)
    create(Contact, {"name": "胡昌明", "customer": made}, actor=cast.seller)
    html = ask(client, "hc")
    assert headings(html)[:3] == ["Customers", "Contacts", "With 昆山恒岑钢构"]
    assert "昆山<mark>恒岑</mark>钢构" in html
    assert f'href="/customers/{made.pk}/" data-open="/customers/{made.pk}/"' in html
    assert f"new/?customer={made.pk}" in html
    html = ask(client, "5678")
    assert "<mark>5678</mark>" in html


def test_the_answer_holds_only_what_the_actor_may_see(cast: Cast, client: Client) -> None:
    create(Customer, {"name": "恒岑钢构", "phone": "13812345678"}, actor=cast.seller)
    client.force_login(cast.peer)
    assert "恒岑" not in ask(client, "恒岑钢构")
    client.force_login(cast.hr)
    assert "<mark>恒岑</mark>" in ask(client, "恒岑")
    assert "5678" not in ask(client, "恒岑")
    assert "恒岑" not in ask(client, "12345678")
    client.logout()
    assert client.get("/search/", {"q": "恒岑"}, headers=PARTIAL)["HX-Redirect"]


def test_texts_are_escaped(cast: Cast, client: Client) -> None:
    create(Customer, {"name": "<b>Acme</b> & Sons"}, actor=cast.seller)
    client.force_login(cast.seller)
    for html in (ask(client, "acme"), client.get("/search/", {"q": "acme <i>"}).text, ask(client, "<script>")):
        assert "<b>Acme" not in html
        assert "<i>" not in html
        assert "<script>alert" not in html
    assert "&lt;b&gt;<mark>Acme</mark>&lt;/b&gt; &amp; Sons" in ask(client, "acme")


def test_commands(cast: Cast, client: Client) -> None:
    client.force_login(cast.seller)
    assert headings(ask(client, ">")) == ["Commands"]
    html = ask(client, "> contr")
    assert 'href="/contracts/"' in html
    assert 'href="/contracts/new/"' not in html, "the frame has it at hand, with its pinyin for the filter"
    frame = client.get("/customers/").text
    assert 'href="/contracts/new/" data-keys=' in frame
    with translation.override("zh-hans"):
        labels = {command.label for command, _marks in commands.find("> kh", cast.seller)}
    assert labels or translation.gettext("customers") == "customers"
    assert not commands.find("zzzz", cast.seller)
    # A finance person writes receipts; an outsider has no lists at all.
    assert any(command.url == "/receipts/new/" for command in commands.of(cast.finance))
    assert not any(command.url == "/receipts/new/" for command in commands.of(cast.seller))
    assert not any("/new/" in command.url for command in commands.of(cast.outsider))


def test_the_page(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(cast.seller)
    assert client.get("/search/").status_code == 200
    for number in range(25):
        create(Customer, {"name": f"恒岑{number}号"}, actor=cast.seller)
    page = client.get("/search/", {"q": "恒岑"}).text
    assert page.count("<mark>恒岑</mark>") == 20
    assert "/customers/?q=%E6%81%92%E5%B2%91" in page
    assert "恒岑" in client.get("/search/", {"q": "衡岑"}).text
    assert client.get("/search/", {"q": "\x00%_'\""}).status_code == 200
    monkeypatch.setattr("xiaoguan.kit.search.catching_up", lambda: True)
    job.enqueue("search.rebuild", {"entity": "customers.customer"}, key="x")
    assert "catching up" in client.get("/search/", {"q": "恒岑"}, headers={"Accept-Language": "en"}).text


def test_a_palette_costs_few_queries(cast: Cast, client: Client, django_assert_max_num_queries: object) -> None:
    create(Customer, {"name": "恒岑钢构"}, actor=cast.seller)
    client.force_login(cast.seller)
    ask(client, "hc")
    with django_assert_max_num_queries(80):  # type: ignore[operator]
        ask(client, "hcg")
