"""The administrator changes a role, finds out why somebody sees a record, reads the audit, reviews access."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DEMO_PASSWORD = "guanghuan2026"
ADMINISTRATOR, SELLER, MANAGER = "chengyifan", "chensiyuan", "zhoumin"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("rights"), "demo"))


@pytest.fixture
def someone(shop: Server, open_page: Callable[..., Tab]) -> Callable[..., Tab]:
    """Return a function that opens a page of somebody signed in."""

    def opened(username: str) -> Tab:
        page = open_page(base_url=shop.url)
        sign_in(page, username, DEMO_PASSWORD)
        return page

    return opened


def role(page: Page, name: str) -> None:
    """Open what a role allows."""
    page.goto("/roles/")
    page.locator("td.col-key a", has_text=re.compile(f"^{name}$")).first.click()
    address = page.locator("[data-open]", has_text=name).first.get_attribute("data-open") or ""
    page.goto(f"{address}?tab=grants")


def test_a_role_is_previewed_saved_undone_and_told(someone: Callable[..., Tab]) -> None:
    """The seller sees more at once, and again his own after undo; the audit tells both."""
    page, seller = someone(ADMINISTRATOR), someone(SELLER)
    seller.goto("/customers/?view=all")
    own = seller.locator(".table-foot").inner_text()
    role(page, "销售员")
    page.locator("select[name='customers.customer:view']").select_option("all")
    page.locator("button[formaction]").click()
    expect(page.locator(".role-sum b")).to_contain_text("人看到的变多")
    expect(page.locator("ul.changes")).to_contain_text("全部")
    page.locator(".btn-primary", has_text="保存").click()
    expect(page.locator(".tag-amber")).to_contain_text("与出厂设置不同")
    seller.reload()
    expect(seller.locator(".table-foot")).not_to_have_text(own)
    page.locator(".toast-undo").click()
    page.goto("/audit/?entity=org.role")
    expect(page.locator(".audit-log")).to_contain_text("销售员")
    page.locator(".audit-log summary").first.click()
    expect(page.locator(".audit-log ul.changes").first).to_contain_text("查看")
    seller.reload()
    expect(seller.locator(".table-foot")).to_have_text(own)


def test_why_leads_to_sharing_and_sharing_opens_the_record(someone: Callable[..., Tab]) -> None:
    """A no names its reasons and the way out; after the way out it is a yes, until it is taken back."""
    page, manager = someone(ADMINISTRATOR), someone(MANAGER)
    page.goto("/customers/?view=all")
    rows = page.locator("tr[data-open]").evaluate_all("all => all.map(each => each.dataset.open)")
    address = next(each for each in rows if manager.request.get(each).status == 404)
    page.goto(address)
    page.locator(".record-head details.menu summary").click()
    page.locator(".menu-item", has_text="谁能看，为什么？").click()
    page.wait_for_url(re.compile("/org/why/"))
    people = page.request.get("/people/options/?q=周敏").json()
    page.goto(f"{page.url}&person={people[0]['value']}&verb=view")
    expect(page.locator(".notice-red")).to_contain_text("不能")
    page.locator(".ways a").first.click()
    page.locator("form.form .btn-primary").click()
    page.wait_for_url(re.compile(address))
    assert manager.request.get(address).status == 200
    page.goto(f"{address}?tab=shared")
    expect(page.locator(".rows")).to_contain_text("周敏")
    page.locator("button", has_text="不再共享").click()
    expect(page.locator(".toast").first).to_be_visible()
    assert manager.request.get(address).status == 404


def test_a_review_takes_a_right_away_and_is_signed(someone: Callable[..., Tab]) -> None:
    """What is taken away is gone at once; the rest is kept, and the signed review has no button left."""
    page = someone(ADMINISTRATOR)
    page.goto("/audit/reviews/")
    page.locator(".review-new button").click()
    page.wait_for_url(re.compile(r"/audit/reviews/\d+/"))
    line = page.locator("tr", has_text="苏禾")
    line.locator("label", has_text="收回").click()
    page.locator("button[name=keep_rest]").click()
    expect(page.locator("tr", has_text="苏禾").locator(".tag-red")).to_be_visible()
    page.locator("button[name=finish]").click()
    expect(page.locator(".notice-green")).to_contain_text("之后没有改动")
    expect(page.locator("main form button.btn-primary")).to_have_count(0)
    page.goto("/audit/readings/")
    expect(page.locator("h1")).to_be_visible()
