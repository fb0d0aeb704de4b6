"""Figures in a real browser: a metric is defined, a target reaches its day, a dashboard is built and hung."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.once]
DEMO_PASSWORD = "guanghuan2026"
METRIC = "visits"
YEAR = dt.datetime.now(ZoneInfo("Asia/Shanghai")).year


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("seeing"), "demo"))


def number(text: str) -> float:
    """The figure of a text, whatever stands around it."""
    found = re.search(r"-?[\d,]+(\.\d+)?", text.replace("−", "-"))
    assert found, text
    return float(found.group().replace(",", ""))


def box(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Where something stands: x, y, width, height."""
    found = page.locator(selector).bounding_box()
    assert found is not None
    return found["x"], found["y"], found["width"], found["height"]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, move in steps, let go; the answer is waited for."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    with page.expect_response(re.compile(r"/layout/$")):
        page.mouse.up()


def test_a_metric_is_defined_and_stands_on_a_dashboard(shop: Server, open_page: Callable[..., Tab]) -> None:
    """The mistake is explained, last month's figure shows before saving, and the new metric is offered to a tile."""
    page = open_page(base_url=shop.url)
    sign_in(page, "chengyifan", DEMO_PASSWORD)
    page.goto("/metric-definitions/define/")
    attempt = page.locator("#attempt")
    page.locator("input[name=facts][value=visit]").check(force=True)
    page.locator("#id_how").select_option("sum")
    expect(attempt.locator(".notice-red")).to_contain_text("没有金额")
    page.locator("#id_how").select_option("customers")
    expect(attempt.locator(".figure-value")).to_have_text(re.compile(r"\d"))
    page.locator("#id_name").fill("拜访过的客户")
    page.locator("#id_code").fill("customers_visited")
    page.locator("#definition .form-foot .btn-primary").click()
    page.wait_for_url(re.compile(r"/metrics/customers_visited/"))
    page.goto("/dashboards/new/")
    page.locator("[name=name]").fill("客户覆盖")
    page.locator(".form-foot .btn-primary, .form-bar .btn-primary").first.click()
    page.wait_for_url(re.compile(r"/dashboards/\d+/"))
    page.locator("a[href*='/tile/']").first.click()
    page.locator("#metric-1").select_option("customers_visited")
    expect(page.locator("#preview .figure-value")).to_have_text(re.compile(r"\d"))
    page.locator("#tile-form .form-foot .btn-primary").click()
    page.wait_for_url(re.compile(r"arrange=1"))
    expect(page.locator("[data-tile]")).to_contain_text("拜访过的客户")


def test_a_dashboard_is_built_shared_and_hung(shop: Server, open_page: Callable[..., Tab], tmp_path: Path) -> None:
    """Tiles move and grow by pointer and come back by undo; file, colleague and wall show what they may."""
    page = open_page(base_url=shop.url)
    sign_in(page, "shenliqun", DEMO_PASSWORD)
    page.goto("/dashboards/1/?arrange=1")
    page.goto("/dashboards/1/do/copy_board/")
    page.locator("form button.btn-primary").last.click()
    page.wait_for_url(re.compile(r"/dashboards/\d+/"))
    mine = re.search(r"/dashboards/(\d+)/", page.url)
    assert mine is not None
    page.goto(f"/dashboards/{mine.group(1)}/?arrange=1")
    order = [tile.get_attribute("data-tile") for tile in page.locator("[data-tile]").all()]
    x, y, width, height = box(page, "#grip-t1")
    to = box(page, "#tile-t2")
    drag(page, (x + width / 2, y + height / 2), (to[0] + to[2] * 0.8, to[1] + to[3] / 2))
    moved = [tile.get_attribute("data-tile") for tile in page.locator("[data-tile]").all()]
    assert moved[:2] == ["t2", "t1"] and sorted(moved) == sorted(order)
    x, y, width, height = box(page, "#tile-t2 [data-size]")
    drag(page, (x + width / 2, y + height / 2), (x + 260, y + 160))
    page.reload()
    assert page.locator("#tile-t2").get_attribute("data-width") != "3"
    assert page.locator("[data-tile]").first.get_attribute("data-tile") == "t2", "what was dragged is stored"
    page.goto(f"/dashboards/{mine.group(1)}/?period=last_month")
    expect(page.locator("#tile-t1 .fact")).not_to_contain_text("本月")
    with page.expect_download() as file:
        page.goto_download = None  # type: ignore[attr-defined]
        page.evaluate(f"location.assign('/dashboards/{mine.group(1)}/file/?period=last_month')")
    path = tmp_path / "board.xlsx"
    file.value.save_as(path)
    assert len(CalamineWorkbook.from_path(path).sheet_names) == len(order)
