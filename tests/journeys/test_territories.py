"""Territories cut anew, and a leaver's customers handed over, in a real browser: seen before, signed after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Tab
from tests.journeys.steps import LONG, sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.once]
DEMO_PASSWORD = "guanghuan2026"
LEAVER, HEIR = "郑怀安", "林知夏"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("territories"), "demo"))


def by_territory(page: Page) -> dict[str, str]:
    """Last year's sum of what was won by territory, as the page shows it."""
    year = dt.datetime.now(ZoneInfo("Asia/Shanghai")).year - 1
    page.goto(f"/insight/pivot/?by=territory&year={year}")
    rows = page.locator("table.table tbody tr")
    return {row.locator("b").inner_text(): row.locator("td.p1r").inner_text() for row in rows.all()}


def test_a_new_cut_moves_customers_and_leaves_the_past(shop: Server, open_page: Callable[..., Tab]) -> None:
    page = open_page(base_url=shop.url)
    sign_in(page, "shenliqun", DEMO_PASSWORD)
    before = by_territory(page)
    assert "昆山太仓" in before
    page.goto("/territories/recut/")
    page.get_by_label("地区 昆山太仓").fill("昆山")
    page.get_by_label("地区 上海").fill("上海、太仓")
    page.get_by_role("button", name="预览").click()
    move = page.locator("table.shifts tr", has_text="昆山太仓").first
    expect(move).to_contain_text("上海")
    count = int(move.locator("td.num").first.inner_text())
    assert count > 0
    page.locator("button[name=apply]").click()
    page.wait_for_url("**/territories/map/")
    expect(page.locator(".toast").last).to_contain_text("已生效")
    assert by_territory(page) == before, "what was won stays where the customer lay on its day"
    page.locator("tr", has_text="昆山太仓").locator("td.p1r a").click()
    expect(page.locator(".figure-kpi .figure-value").first).to_contain_text(before["昆山太仓"])


def test_a_leavers_customers_are_handed_over_and_signed(shop: Server, open_page: Callable[..., Tab]) -> None:
    page = open_page(base_url=shop.url)
    sign_in(page, "duruo", DEMO_PASSWORD)
    page.goto(f"/people/?q={LEAVER}")
    person = page.locator("tr[data-record]", has_text=LEAVER).first.get_attribute("data-record")
    page.goto(f"/people/{person}/do/leave/")
    page.locator("[name=day]").fill(dt.datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat())
    page.locator(".form-foot .btn-primary, .dialog-foot .btn-primary").first.click()
    page.wait_for_url(f"**/people/{person}/**")
    manager = open_page(base_url=shop.url)
    sign_in(manager, "zhoumin", DEMO_PASSWORD)
    manager.goto(f"/people/{person}/hand-over/")
    heir = manager.locator("#heir option", has_text=HEIR).first.get_attribute("value")
    manager.locator("#heir").select_option(heir)
    manager.get_by_role("button", name="预览").click()
    manager.locator("button[name=apply]").click()
    manager.wait_for_url("**/handovers/*/")
    for _again in range(40):
        if manager.locator("article.paper").count():
            break
        manager.wait_for_timeout(250)
        manager.reload()
    expect(manager.locator("article.paper")).to_contain_text(f"{LEAVER} → {HEIR}", timeout=LONG)
    manager.get_by_role("button", name="签字").click()
    expect(manager.locator(".case-ruling.is-signed")).to_have_count(2)
    expect(manager.locator(".case-ruling.is-signed").first).to_contain_text(f"代 {LEAVER}")
