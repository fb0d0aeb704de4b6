"""From the pool to one's own customers and back, and from a lead to a customer, in a real browser."""

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


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("pools"), "demo"))


def test_claimed_and_a_lead_converted_and_taken_back(shop: Server, open_page: Callable[..., Tab]) -> None:
    """A seller claims what waits, makes a lead of his team a customer, and takes that back."""
    page = open_page(base_url=shop.url)
    sign_in(page, "chensiyuan", DEMO_PASSWORD)
    page.goto("/pool-entries/")
    first = page.locator("[data-record] a").first
    name = first.inner_text().strip()
    page.goto(str(first.get_attribute("href")))
    page.locator("main").get_by_text("领取", exact=True).first.click()
    expect(page.locator(".toast").first).to_contain_text(name)
    page.goto(f"/customers/?view=mine&q={name}")
    expect(page.locator("[data-record]").first).to_contain_text(name)
    page.goto("/leads/?view=waiting")
    waiting = page.locator("[data-record] a").first
    called = waiting.inner_text().strip()
    page.goto(f"{waiting.get_attribute('href')}do/convert/")
    expect(page.locator("main")).to_contain_text(called.split(" · ")[0])
    page.locator(".form-foot .btn-primary").click()
    page.wait_for_url(re.compile(r"/customers/\d+/"))
    expect(page.locator("h1").first).to_contain_text(called.split(" · ")[0])
    page.locator(".toast-undo").first.click()
    page.goto(f"/leads/?view=waiting&q={called.split(' · ')[-1]}")
    expect(page.locator("[data-record]").first).to_contain_text(called)
