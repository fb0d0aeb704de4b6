"""Figures in a real browser: a metric is defined, a target reaches its day, a dashboard is built, shared and hung."""

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
    """Press, move in steps, let go; until what was stored is drawn anew."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    with page.expect_response(re.compile(r"arrange=1")), page.expect_response(re.compile(r"/layout/$")):
        page.mouse.up()


def order(page: Page) -> list[str | None]:
    """The tiles in the order in which they stand."""
    return [tile.get_attribute("data-tile") for tile in page.locator("[data-tile]").all()]


def test_a_metric_is_defined_and_stands_on_a_dashboard(shop: Server, open_page: Callable[..., Tab]) -> None:
    """The mistake is explained, last month's figure shows before saving, and the new metric is offered to a tile."""
    page = open_page(base_url=shop.url)
    sign_in(page, "chengyifan", DEMO_PASSWORD)
    page.goto("/metric-definitions/")
    page.locator("a[href$='/metric-definitions/new/']").first.click()
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
    page.locator("[name=name]").press("Enter")
    page.wait_for_url(re.compile(r"/dashboards/\d+/"))
    page.locator(".empty-acts a").click()
    page.locator("#metric-1").select_option("customers_visited")
    expect(page.locator("#preview .figure-value")).to_have_text(re.compile(r"\d"))
    page.locator("#look-columns").check(force=True)
    expect(page.locator("#preview svg")).to_be_visible()
    page.locator("#tile-form .form-foot .btn-primary").click()
    page.wait_for_url(re.compile(r"arrange=1"))
    expect(page.locator("[data-tile]")).to_contain_text("拜访过的客户")


def test_a_target_from_the_year_to_the_day(shop: Server, open_page: Callable[..., Tab]) -> None:
    """The director sets and splits a year, the manager hands it out, a seller proposes, is confirmed, sees his day."""
    director = open_page(base_url=shop.url)
    sign_in(director, "shenliqun", DEMO_PASSWORD)
    grid = f"/targets/?metric=visits&year={YEAR + 1}&show=year"
    director.goto(grid)
    director.locator(f"[name='c|company|{YEAR + 1}']").fill("2400")
    director.locator(".grid-foot .btn-primary").click()
    expect(director.locator(".toast").last).to_be_visible()
    for picked in ("time", "down"):
        form = director.locator(f"form.row:has(input[name=direction][value={picked}])")
        form.locator("select[name=subject]").select_option("company")
        form.locator("button").click()
        expect(director.locator("tr.sums").first).to_contain_text("2,400")
        director.locator("button[name=apply]").click()
        director.wait_for_url(re.compile(r"/targets/\?"))
    manager = open_page(base_url=shop.url)
    sign_in(manager, "zhoumin", DEMO_PASSWORD)
    manager.goto(grid)
    form = manager.locator("form.row:has(input[name=direction][value=down])")
    form.locator("button").click()
    manager.locator("button[name=apply]").click()
    manager.wait_for_url(re.compile(r"/targets/\?"))
    seller = open_page(base_url=shop.url, phone=True)
    sign_in(seller, "chensiyuan", DEMO_PASSWORD)
    seller.goto(grid)
    mine = seller.locator("a[href*='/targets/line/'][href*='person']").first.get_attribute("href")
    assert mine is not None
    seller.goto(mine)
    seller.locator(f"[id='m-{YEAR + 1}-03']").fill("12")
    seller.locator("#why").fill("三月有展会")
    with seller.expect_response(lambda answer: answer.request.method == "POST"):
        seller.locator("button[value=propose]").click()
    manager.goto("/targets/proposals/")
    manager.locator(".row-item a[href*='metric=visits']", has_text="陈思远").first.click()
    with manager.expect_response(lambda answer: answer.request.method == "POST"):
        manager.locator("button[value=confirm]").click()
    seller.goto(f"/targets/days/?metric=visits&show=day&on={YEAR + 1}-03-15")
    figures = [number(text) for text in seller.locator("tbody tr").last.locator("td").all_inner_texts() if text.strip()]
    assert 12 in figures and sum(figures) == 24, "the days make the month"


def test_a_target_in_five_steps_on_the_phone(shop: Server, open_page: Callable[..., Tab]) -> None:
    """A sentence that only gives a direction is doubted with the reason, mended where it stands, and the target set."""
    page = open_page(base_url=shop.url, phone=True)
    sign_in(page, "shenliqun", DEMO_PASSWORD)
    page.goto(f"/targets/new/?metric=new_customers&period={YEAR + 1}-02")
    forward, doubts = page.locator("[data-go='1']"), page.locator("#smart-doubts")
    page.locator("#g-purpose").fill("努力提升业绩")
    forward.click()
    page.locator("#g-value").fill("30")
    for _step in ("by when", "within reach", "what it serves"):
        forward.click()
    expect(forward).to_be_hidden()
    page.locator("button[value=set]").click()
    expect(doubts).to_contain_text("只是个方向")
    expect(doubts.locator(".field-error")).to_be_visible()
    page.complaints.clear()  # the browser names a refused form an error
    doubts.locator("[data-to='1']").first.click()
    page.locator("#g-purpose").fill("苏州五家设计院把样板房照明交给我们")
    with page.expect_response(lambda answer: "/targets/new/" in answer.url):
        page.locator("#g-purpose").press("Tab")
    for _step in range(4):
        forward.click()
    expect(doubts).not_to_contain_text("只是个方向")
    if doubts.locator("#g-reason").count():
        page.locator("#g-reason").fill("展会后名单翻倍")
    page.locator("button[value=set]").click()
    page.wait_for_url(re.compile(r"/targets/line/"))
    expect(page.locator("tbody tr", has_text=f"{YEAR + 1}-02")).to_contain_text("30")


def test_shown_and_hidden_make_the_figure(shop: Server, open_page: Callable[..., Tab]) -> None:
    """A seller reads the company's figure, opens it, and gets his records and the sum of those he may not see."""
    page = open_page(base_url=shop.url)
    sign_in(page, "chensiyuan", DEMO_PASSWORD)
    page.goto("/metrics/won_amount/?period=month")
    told = number(page.locator(".figure-kpi .figure-value").first.inner_text())
    page.locator(".figure-kpi .figure-value a").first.click()
    page.wait_for_url(re.compile(r"/records/"))
    cards = page.locator(".figure-kpi")
    expect(cards).to_have_count(3)
    shown, hidden = (number(cards.nth(place).locator(".figure-note").inner_text()) for place in (1, 2))
    assert number(cards.nth(0).locator(".figure-value").inner_text()) == told > shown > 0 < hidden
    assert round(shown + hidden, 2) == told


def test_a_dashboard_is_built_shared_and_hung(shop: Server, open_page: Callable[..., Tab], tmp_path: Path) -> None:
    """Tiles move and grow by pointer and come back by undo; file, colleague and wall show what they may."""
    page = open_page(base_url=shop.url)
    sign_in(page, "shenliqun", DEMO_PASSWORD)
    page.goto("/dashboards/1/")
    page.locator("summary[aria-label='更多']").last.click()
    page.locator("form[action$='/copy/'] button").click()
    page.wait_for_url(re.compile(r"arrange=1"))
    own = re.search(r"/dashboards/(\d+)/", page.url)
    assert own is not None
    here, before = f"/dashboards/{own.group(1)}/", order(page)
    expect(page.locator("#tile-t4 svg").first).to_be_visible()
    x, y, width, height = box(page, "#grip-t1")
    to = box(page, "#tile-t2")
    drag(page, (x + width / 2, y + height / 2), (to[0] + to[2] * 0.8, to[1] + to[3] / 2))
    expect(page.locator("[data-tile]").first).to_have_attribute("data-tile", "t2")
    page.locator(".toast button", has_text="撤销").last.click()
    expect(page.locator("[data-tile]").first).to_have_attribute("data-tile", "t1")
    assert order(page) == before
    expect(page.locator("#tile-t4 .chart-stage svg")).to_be_visible()
    x, y, width, height = box(page, "#tile-t1 [data-size]")
    drag(page, (x + width / 2, y + height / 2), (x - 185, y + 160))
    page.goto(f"{here}?period=last_month")
    expect(page.locator("#tile-t1")).to_have_attribute("data-width", "4")
    expect(page.locator("#tile-t1")).to_have_attribute("data-height", "2")
    page.locator("summary[aria-label='更多']").last.click()
    with page.expect_download() as file:
        page.locator("a[href*='/file/']").click()
    path = tmp_path / "board.xlsx"
    file.value.save_as(path)
    assert len(CalamineWorkbook.from_path(path).sheet_names) == len(before)
    with page.expect_download() as picture:
        page.locator("#tile-t4 [data-picture]").click()
    assert picture.value.suggested_filename.endswith(".png")
    page.goto(f"{here}edit/")
    page.locator("[name=audience]").select_option("roles")
    page.locator("label", has_text="销售员").locator("input[name=roles]").check(force=True)
    page.locator(".form-foot .btn-primary").first.click()
    page.wait_for_url(re.compile(r"/dashboards/\d+/$"))
    colleague = open_page(base_url=shop.url)
    sign_in(colleague, "chensiyuan", DEMO_PASSWORD)
    colleague.goto(here)
    expect(colleague.locator("#tile-t8 .fact")).to_contain_text("只含你能看到的商机")
    assert not colleague.locator("a[href*='arrange=1']").count()
    page.goto(f"{here}wall/")
    page.locator("form[action$='/wall/'] .btn-primary").click()
    wall = open_page(base_url=shop.url)
    wall.goto(page.locator("#new-address").input_value())
    expect(wall.locator("#wall .chart-stage svg").first).to_be_visible()
    assert not wall.locator("#wall a").count(), "nothing leads further"
    page.locator("form[action*='/end/'] button").first.click()
    expect(page.locator(".row-end .tag").first).to_be_visible()
    wall.evaluate("htmx.trigger(document.getElementById('wall'), 'again')")
    expect(wall.locator(".wall-ended")).to_be_visible()
