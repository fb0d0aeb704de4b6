"""A contact entered twice, in a real browser: found, compared side by side, made one, and two again by undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.once]
DEMO_PASSWORD = "guanghuan2026"
WHERE = "/contacts/duplicates/"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("merging"), "demo"))


NAME = "马骏声"


def enter(page: Page, customer: str) -> None:
    """A new contact of a customer, by the form."""
    page.goto(f"/contacts/new/?customer={customer}")
    page.locator("[name='name']").first.fill(NAME)
    page.locator(".form-foot .btn-primary").click()
    expect(page.locator("h1")).to_have_text(NAME)


def test_two_entries_become_one_person_and_two_again(shop: Server, open_page: Callable[..., Tab]) -> None:
    page = open_page(base_url=shop.url)
    sign_in(page, "chensiyuan", DEMO_PASSWORD)
    page.goto("/customers/?view=mine")
    customer = str(page.locator("tr[data-record]").first.get_attribute("data-record"))
    for _each in "ab":
        enter(page, customer)
    page.goto(WHERE)
    group = page.locator("form.pair", has_text=NAME)
    expect(group.locator("li")).to_have_count(2)
    group.locator("button[value=merge]").click()
    kept = page.locator(".merge-pick input").last
    kept.check()
    pk = kept.get_attribute("value")
    page.locator(".form-foot .btn-primary").click()
    page.wait_for_url(f"**/contacts/{pk}/")
    beside = page.context.new_page()
    beside.goto(WHERE)
    expect(beside.locator("form.pair", has_text=NAME)).to_have_count(0)
    page.locator(".toast-undo").last.click()
    expect(page.locator(".toast", has_text=NAME)).to_have_count(0)
    beside.reload()
    expect(beside.locator("form.pair", has_text=NAME).locator("li")).to_have_count(2)
