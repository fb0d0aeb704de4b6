"""From a discount that needs approval to money on an instalment: seller, manager and finance, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.once]
PASSWORD = "guanghuan2026"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("money"), "demo"))


def do(page: Page, where: str, verb: str, **values: str) -> None:
    """Run a verb of a record by its form."""
    page.goto(f"{where}do/{verb}/")
    for name, text in values.items():
        page.locator(f"main [name={name}]").fill(text)
    page.locator("main .form-foot .btn-primary").click()
    page.wait_for_url(re.compile(f"{re.escape(where)}$"))


def first(page: Page, listed: str, slug: str) -> str:
    """The address of the first record of a list."""
    page.goto(listed)
    href = page.locator(f"[data-record] a[href^='/{slug}/']").first.get_attribute("href") or ""
    return "/" + "/".join(href.split("?")[0].strip("/").split("/")[:2]) + "/"


def headline(page: Page) -> str:
    """The first figure of a record's head, without white space."""
    return re.sub(r"\s+", "", page.locator(".figure-value").first.inner_text())


def test_from_discount_to_money(shop: Server, open_page: Callable[..., Tab]) -> None:
    """What was approved is what is signed, planned, invoiced and paid, to the fen."""
    seller, manager, finance = (open_page(base_url=shop.url) for _n in range(3))
    for page, name in ((seller, "chensiyuan"), (manager, "zhoumin"), (finance, "fangxiaolan")):
        sign_in(page, name, PASSWORD)
    quote = first(seller, "/quotes/?status=draft&owner=me", "quotes")
    seller.goto(f"{quote}lines/")
    seller.locator("#id_whole").fill("12")
    seller.locator("#quote-lines .btn-primary").click()
    seller.wait_for_url(re.compile(f"{quote}$"))
    amount = headline(seller)
    number = seller.locator("h1").inner_text().strip()
    do(seller, quote, "submit", note="竞争对手低一成")

    manager.goto("/approvals/")
    expect(manager.locator(".side [data-count=process] .badge")).to_be_visible()
    manager.locator("main a", has_text=number).first.click()
    manager.locator("#decide button[value=approve]").click()
    manager.wait_for_load_state()

    do(seller, quote, "accept")
    do(seller, quote, "contract", contract_number="HT-J-1")
    contract = seller.locator("main a[href^='/contracts/']").first.get_attribute("href") or ""
    seller.goto(contract)
    assert headline(seller) == amount
    seller.goto(f"{contract}plan/")
    seller.locator("main a[href*='template=']").first.click()
    seller.wait_for_url(re.compile("template="))
    seller.locator("main form .btn-primary").first.click()
    seller.wait_for_url(re.compile("tab=plan"))

    seller.goto(f"{contract}do/invoice/")
    parts = seller.locator("main input[name^=instalment_]")
    parts.nth(0).fill("1000.10")
    parts.nth(1).fill("200.05")
    seller.locator("main .form-foot .btn-primary").click()
    seller.wait_for_url(re.compile(f"{contract}$"))
    pk = contract.strip("/").split("/")[1]
    invoice = first(finance, f"/invoices/?contract={pk}", "invoices")
    do(finance, invoice, "issue", number="26320000000000000001")
    expect(finance.locator("main")).to_contain_text("1,000.10")

    finance.goto(f"/receipts/new/?contract={pk}")
    finance.locator("#id_amount").fill("1000.10")
    finance.locator("#id_received_on").fill(finance.evaluate("new Date().toLocaleDateString('sv')"))
    finance.locator("main .form-foot .btn-primary").click()
    finance.wait_for_url(re.compile(r"/receipts/\d+/"))
    seller.goto(f"{contract}?tab=plan")
    expect(seller.locator("main table")).to_contain_text("1,000.10")
    expect(seller.locator("main")).to_contain_text(re.compile(r"已收\s*1,000\.10"))
