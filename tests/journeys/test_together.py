"""Two people work on one customer: files are dropped and looked at, somebody is named, tags are put on and undone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from xiaoguan.files.tests import samples

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "guanghuan2026"
MANAGER, SELLER = "zhoumin", "chensiyuan"
DROP = """([form, bytes]) => {
  const held = new DataTransfer();
  held.items.add(new File([new Uint8Array(bytes)], "plan.pdf", { type: "application/pdf" }));
  form.dispatchEvent(new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("together"), "demo"))


def customer(page: Page) -> str:
    """The address of the first customer of a seller's list."""
    page.goto("/customers/?view=all")
    return str(page.locator("tr[data-record] .col-key a").first.get_attribute("href"))


@pytest.mark.parametrize("phone", [False, True])
def test_files_are_brought_looked_at_and_taken_back(shop: Server, open_page: Callable[..., Tab], phone: bool) -> None:
    page = open_page(base_url=shop.url, phone=phone)
    sign_in(page, SELLER, PASSWORD)
    page.goto(f"{customer(page)}?tab=files")
    files = page.locator(".file-row")
    before = files.count()
    bad = {"name": "note.html", "mimeType": "text/html", "buffer": samples.HTML}
    good = {"name": "site.jpg", "mimeType": "image/jpeg", "buffer": samples.picture(size=(400, 300))}
    page.locator("input[type=file]").first.set_input_files([good, bad])
    expect(files).to_have_count(before + 1)
    expect(page.locator(".files [role=alert]")).to_contain_text("note.html")
    expect(page.locator("a.tab[href$='tab=files'] .count").first).to_have_text(str(before + 1))
    form = page.locator(".file-drop").element_handle()
    page.evaluate(DROP, [form, list(samples.PDF)])
    expect(files).to_have_count(before + 2)
    page.locator("a.file", has_text="site.jpg").first.click()
    shown = page.locator("#dialogs img.look")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 400
    page.locator("#dialogs form[method=dialog] button").click()
    page.locator(".file-row", has_text="plan.pdf").first.locator("form button").click()
    expect(files).to_have_count(before + 1)
    page.locator(".toast-undo").last.click()
    expect(files).to_have_count(before + 2)


def test_somebody_is_named_and_finds_it(shop: Server, open_page: Callable[..., Tab]) -> None:
    page = open_page(base_url=shop.url)
    sign_in(page, SELLER, PASSWORD)
    where = customer(page)
    page.goto(f"{where}?tab=comments")
    field = page.locator("#comment-text")
    field.press_sequentially("The offer is out, @zhoumin")
    expect(page.locator(".mention-list [role=option]").first).to_contain_text("周敏")
    field.press("Enter")
    field.press_sequentially("<b>please look</b>")
    field.press("Control+Enter")
    expect(page.locator(".comment-text").first).to_have_text("The offer is out, @周敏 <b>please look</b>")
    manager = open_page(base_url=shop.url)
    sign_in(manager, MANAGER, PASSWORD)
    manager.goto("/inbox/")
    manager.locator(".inbox-item a", has_text="The offer is out").first.click()
    manager.wait_for_url(re.compile(re.escape(where)))
    expect(manager.locator(".comment .mention").first).to_have_text("@周敏")


def test_tags_are_made_put_on_and_undone(shop: Server, open_page: Callable[..., Tab]) -> None:
    page = open_page(base_url=shop.url)
    sign_in(page, MANAGER, PASSWORD)
    where = customer(page)
    page.goto(where)
    page.locator(".record-tags a").first.click()
    page.locator("#dialogs #id_new").fill("夜景, 年框")
    page.locator("#dialogs button.btn-primary").click()
    expect(page.locator(".record-tags .tag-own")).to_have_count(2)
    page.goto("/customers/?view=all&cols=name,extra__c_tags")
    expect(page.locator("td .tag-own", has_text="年框")).to_have_count(1)
    page.goto(where)
    page.locator(".record-tags a").first.click()
    page.locator("#dialogs .tag-choices input").first.uncheck()
    page.locator("#dialogs button.btn-primary").click()
    expect(page.locator(".record-tags .tag-own")).to_have_count(1)
    page.locator(".toast-undo").last.click()
    expect(page.locator(".record-tags .tag-own")).to_have_count(2)
