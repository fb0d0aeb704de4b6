"""A manager hands a deal to a seller; the seller sees the bell, opens it, and says how he wants to be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "guanghuan2026"
MANAGER, SELLER, SELLER_NAME = "zhoumin", "chensiyuan", "陈思远"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("notices"), "demo"))


def hand_over(page: Page, name: str) -> str:
    """The manager makes a deal and hands it to the seller; returns its address."""
    page.goto("/deals/new/")
    page.locator("#id_name").fill(name)
    page.locator("#id_amount").fill("88000")
    page.locator("form.form-card .form-foot button.btn-primary").click()
    page.wait_for_url(re.compile(r"/deals/\d+/"))
    where = "/" + page.url.split("/", 3)[3].split("?")[0]
    page.goto(f"{where}do/transfer/")
    asked = "async name => (await (await fetch(`/people/options/?q=${name}`)).json())[0]?.value"
    who = None
    for _try in range(40):  # the worker may still be writing the keys by which people are found
        who = page.evaluate(asked, SELLER_NAME)
        if who:
            break
        page.wait_for_timeout(500)
    chooser = page.locator("select[name=to]")
    chooser.evaluate(
        "(one, value) => { if (one.tomselect) { one.tomselect.addOption({value, text: 'x'});"
        " one.tomselect.setValue(value) } else { one.add(new Option('x', value)); one.value = value } }",
        str(who),
    )
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(re.escape(where)))
    return where


@pytest.mark.parametrize("phone", [False, True])
def test_handed_over_seen_opened(shop: Server, open_page: Callable[..., Tab], phone: bool) -> None:
    manager = open_page(base_url=shop.url)
    sign_in(manager, MANAGER, PASSWORD)
    name = "交接的商机（手机）" if phone else "交接的商机"
    where = hand_over(manager, name)
    page = open_page(base_url=shop.url, phone=phone)
    sign_in(page, SELLER, PASSWORD)
    page.goto("/")
    bell = page.locator(".phone-tabs a.tab-bell" if phone else ".top-bell")
    expect(bell.locator(".badge")).to_have_text("1")
    bell.click()
    line = page.locator(".inbox-item.is-unread", has_text=name)
    expect(line).to_contain_text("周敏 把商机")
    line.locator(".row-main > a").click()
    page.wait_for_url(re.compile(re.escape(where)))
    expect(page.locator(".record-title h1")).to_contain_text(name)
    page.goto("/inbox/")
    expect(page.locator(".inbox-item.is-unread", has_text=name)).to_have_count(0)
    expect(bell.locator(".badge")).to_have_count(0)


def test_what_arrives_while_looking_is_said(shop: Server, open_page: Callable[..., Tab]) -> None:
    """The toast comes without a reload; the tab asks again when it is looked at."""
    page = open_page(base_url=shop.url)
    sign_in(page, SELLER, PASSWORD)
    with page.expect_response(re.compile("/inbox/count/")):
        page.goto("/inbox/settings/")
    manager = open_page(base_url=shop.url)
    sign_in(manager, MANAGER, PASSWORD)
    hand_over(manager, "看着的时候来的商机")
    page.evaluate("document.body.dispatchEvent(new Event('inbox-changed'))")
    toast = page.locator("#toasts .toast", has_text="看着的时候来的商机")
    expect(toast).to_be_visible()
    assert (toast.locator("a").get_attribute("href") or "").startswith("/inbox/")


def test_switched_off_no_longer_arrives(shop: Server, open_page: Callable[..., Tab]) -> None:
    page = open_page(base_url=shop.url)
    sign_in(page, SELLER, PASSWORD)
    page.goto("/inbox/")
    page.locator("a[href='/inbox/settings/']").first.click()
    page.locator("input[name=deal_handed-inbox]").uncheck()
    page.locator("input[name=quiet_from]").fill("21:00")
    page.locator("form:has(input[name=rhythm], select[name=rhythm]) .card-foot button").click()
    expect(page.locator("#toasts .toast")).to_be_visible()
    expect(page.locator("input[name=deal_handed-inbox]")).not_to_be_checked()
    manager = open_page(base_url=shop.url)
    sign_in(manager, MANAGER, PASSWORD)
    hand_over(manager, "不想知道的商机")
    page.goto("/inbox/")
    expect(page.locator(".inbox-item", has_text="不想知道的商机")).to_have_count(0)
