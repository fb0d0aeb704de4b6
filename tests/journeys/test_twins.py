"""Entering a company that is there already, in a real browser: shown while one types, asked for when one saves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DEMO_PASSWORD = "guanghuan2026"
SELLER = "chensiyuan"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("twins"), "demo"))


@pytest.mark.parametrize("phone", [False, True])
def test_shown_while_typing_and_asked_when_saving(shop: Server, open_page: Callable[..., Tab], phone: bool) -> None:
    """The owner sees his customer's name below what he types; with a reason it is saved once more."""
    page = open_page(base_url=shop.url, phone=phone)
    sign_in(page, SELLER, DEMO_PASSWORD)
    page.goto("/customers/?view=mine")
    name = page.locator("[data-record] a").first.inner_text().strip().splitlines()[0]
    page.goto("/customers/new/")
    page.locator("#name, [name='name']").first.fill(f" {name} ")
    found = page.locator("#twins .notice")
    expect(found).to_contain_text(name)
    page.locator(".form-foot .btn-primary").click()
    asked = page.locator(".twin-asked")
    expect(asked).to_contain_text("CUSTOMER-TWIN")
    asked.locator("[name='_twin_reason']").fill("另一个厂区")
    asked.locator("button").click()
    page.wait_for_url(re.compile(r"/customers/\d+/"))
    expect(page.locator("main")).to_contain_text("另一个厂区")
    page.complaints.clear()  # the browser notes the refused form (409) on its console
