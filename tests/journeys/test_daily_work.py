"""Daily work in a real browser: lists, boards, follow-ups, tasks, forms, targets, search; one server for them all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, TimeoutError as PlaywrightTimeout, expect

from xiaoguan.kit import clock

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DEMO_PASSWORD = "guanghuan2026"
SELLER, DIRECTOR = "chensiyuan", "shenliqun"
NEIGHBOURS = """() => {
    const open = cell => cell?.querySelector('.cell-input:not([readonly])');
    const cell = [...document.querySelectorAll('td')].find(one => open(one) && open(one.nextElementSibling));
    return [cell, cell.nextElementSibling].map(one => open(one).name);
}"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own; every test works on records that it makes itself."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("daily"), "demo"))


@pytest.fixture
def someone(shop: Server, open_page: Callable[..., Tab]) -> Callable[..., Tab]:
    """Return a function that opens a page of somebody signed in."""

    def opened(username: str = SELLER, **look: bool) -> Tab:
        page = open_page(base_url=shop.url, **look)
        sign_in(page, username, DEMO_PASSWORD)
        return page

    return opened


def new_deal(page: Page, name: str, amount: str = "123400") -> str:
    """Make a deal by the form, with what its stages ask for; returns its address."""
    page.goto("/deals/new/")
    page.locator("#id_name").fill(name)
    page.locator("#id_amount").fill(amount)
    page.locator("#id_expected_on").fill("2031-03-05")
    page.locator("form.form-card .form-foot button.btn-primary").click()
    page.wait_for_url(re.compile(r"/deals/\d+/"))
    return "/" + page.url.split("/", 3)[3].split("?")[0]


def test_a_list_is_sorted_filtered_and_walked_by_keyboard(someone: Callable[..., Tab]) -> None:
    """Sorting and filters live in the address; the panel opens by key, keeps the list, and closes."""
    page = someone()
    page.goto("/deals/")
    page.locator("thead a[href*='sort=-amount']").click()
    page.wait_for_url(re.compile("sort=-amount"))
    expect(page.locator("th[aria-sort='descending']")).to_be_visible()
    figures = [float(text.replace(",", "") or 0) for text in page.locator("tbody td.p1r").all_inner_texts()]
    assert len(figures) > 2 and figures == sorted(figures, reverse=True)
    before = page.locator("tbody tr[data-open]").count()
    page.locator(".chip-x").last.click()
    expect(page.locator(".chip.is-on")).to_have_count(1)
    assert page.locator("tbody tr[data-open]").count() >= before
    first = page.locator("tbody tr[data-open]").first
    title = first.locator(".col-key a").inner_text()
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body")).to_contain_text(title)
    assert "open=" in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#panel-body")).to_be_hidden()
    page.goto("/deals/?q=zzzzqq")
    expect(page.locator("tbody tr[data-open]")).to_have_count(0)


def test_a_card_is_dragged_and_the_toast_takes_it_back(someone: Callable[..., Tab]) -> None:
    """The drop is stored at once; Undo in the toast brings the deal back to its stage."""
    page = someone()
    where = new_deal(page, "拖动的商机")
    page.goto("/deals/board/")
    card = page.locator(f".board-card[data-open='{where}']")
    column = page.locator(".board-col").nth(1)
    drag(page, card, column.locator(".board-cards"))
    expect(column.locator(f".board-card[data-open='{where}']")).to_be_visible()
    page.goto(where)
    expect(page.locator(".stages .is-current")).to_contain_text(stage_name(page, 1))
    page.goto("/deals/board/")
    drag(page, page.locator(f".board-card[data-open='{where}']"), page.locator(".board-col").nth(2))
    with page.expect_response(re.compile("/undo/")):
        page.keyboard.press("Control+z")
    page.goto(where)
    expect(page.locator(".stages .is-current")).to_contain_text(stage_name(page, 1))


def stage_name(page: Page, place: int) -> str:
    """The name of a stage in the path of a deal."""
    return page.locator(".stages li span").nth(place).inner_text()


def drag(page: Page, card: object, target: object) -> None:
    """Drag with the mouse, slowly enough for the board to follow, and wait until the move is stored."""
    page.locator("[data-board][data-ready]").wait_for()  # dragging comes with a script of its own
    page.wait_for_load_state("networkidle")  # what arrives late must not push the card from under the mouse
    for last in (False, False, True):
        card.scroll_into_view_if_needed()  # type: ignore[attr-defined]
        start, end = card.bounding_box(), target.bounding_box()  # type: ignore[attr-defined]
        page.mouse.move(start["x"] + 40, start["y"] + 12)
        page.mouse.down()
        page.mouse.move(start["x"] + 60, start["y"] + 20, steps=6)
        for step in (10, 30, 40):
            page.mouse.move(end["x"] + 60 + step, end["y"] + 70, steps=8)
            page.wait_for_timeout(60)
        try:
            with page.expect_response(re.compile(r"/do/move/"), timeout=30_000 if last else 5_000) as answer:
                page.mouse.up()
            break
        except PlaywrightTimeout:  # a busy machine misses the start of a drag; the card is where it was
            if last:
                raise
    assert answer.value.ok
    page.locator("#toasts .toast").first.wait_for()


def test_a_follow_up_with_its_next_step(someone: Callable[..., Tab]) -> None:
    """Logged from the deal's page: it is on the timeline, and the next step stands in the head."""
    page = someone()
    page.goto(new_deal(page, "跟进的商机"))
    page.locator(".record-title a[href$='/do/log/']").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("textarea[name=body]").fill("电话里确认了灯具清单")
    dialog.locator("input[name=next_title]").fill("送样品到现场")
    due = dialog.locator("input[name=next_on]")
    if not due.is_visible():
        dialog.locator("details > summary").first.click()
    due.fill(f"{clock.today() + dt.timedelta(days=1):%Y-%m-%d}")  # before what its stage asks for anyway
    dialog.locator("button.btn-primary").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.reload()
    expect(page.locator(".timeline")).to_contain_text("电话里确认了灯具清单")
    expect(page.locator(".next-bar")).to_contain_text("送样品到现场")


def test_a_task_is_done_from_the_home(someone: Callable[..., Tab]) -> None:
    """Done in the dialog of the home; the task leaves today's work."""
    page = someone()
    page.goto("/")
    done = page.locator(".plan a.btn").first
    task = done.get_attribute("href") or ""
    done.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("textarea[name=body]").fill("已回访，灯具运行正常")
    dialog.locator("button.btn-primary").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.goto("/")
    expect(page.locator(f".plan a[href='{task}']")).to_have_count(0)


def test_losing_a_deal_asks_for_the_reason(someone: Callable[..., Tab]) -> None:
    """Without a reason the dialog stays and says so; with one the deal is lost."""
    page = someone()
    page.goto(new_deal(page, "输掉的商机"))
    page.locator(".record-title details.menu > summary").click()
    page.locator("a[href$='/do/lose/']").first.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("button.btn-primary").click()
    expect(dialog.locator(".field-error").first).to_be_visible()
    page.complaints.clear()  # the browser notes the refused form (422) on its console
    dialog.locator("select[name=loss_reason]").select_option(index=2)
    dialog.locator("button.btn-primary").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.reload()
    expect(page.locator(".record-title .tag").first).to_have_text("输单")


def test_a_deal_with_lines(someone: Callable[..., Tab]) -> None:
    """Two products on one form; the second line is added by the button."""
    page = someone()
    page.goto("/deals/new/")
    page.locator("#id_name").fill("两行明细的商机")
    for place, (quantity, price) in enumerate((("10", "1280"), ("2", "9600.50"))):
        if place:
            page.locator("#more-lines").click()
        page.locator(f"#id_lines-{place}-product").select_option(index=place + 1)
        page.locator(f"#id_lines-{place}-quantity").fill(quantity)
        page.locator(f"#id_lines-{place}-price").fill(price)
    page.locator("form.form-card .form-foot button.btn-primary").click()
    page.wait_for_url(re.compile(r"/deals/\d+/"))
    text = re.sub(r"\s", "", page.locator("main").inner_text())
    assert "12,800.00" in text and "19,201.00" in text


def test_two_people_change_one_deal(someone: Callable[..., Tab]) -> None:
    """Who is later sees both values, keeps what he wrote, and may store it over the other's."""
    first = someone()
    where = new_deal(first, "两人同改")
    second = someone("zhoumin")
    first.goto(f"{where}edit/")
    second.goto(f"{where}edit/")
    second.locator("#id_name").fill("经理改的名")
    second.locator("form.form-card .form-foot button.btn-primary").click()
    second.wait_for_url(re.compile(r"/deals/\d+/$"))
    first.locator("#id_name").fill("销售改的名")
    first.locator("form.form-card .form-foot button.btn-primary").click()
    conflict = first.locator(".conflict")
    expect(conflict).to_contain_text("经理改的名")
    expect(conflict).to_contain_text("销售改的名")
    first.complaints.clear()  # 409 is noted on the console
    first.goto(where)
    expect(first.locator("h1")).to_have_text("经理改的名")


def test_the_palette_finds_by_pinyin_initials(someone: Callable[..., Tab]) -> None:
    """Ctrl+K, initials of the customer's name, Enter: the customer's page."""
    page = someone()
    page.goto("/customers/new/")
    page.locator("#id_name").fill("璞玥琉璃光电")
    page.locator("form.form-card .form-foot button.btn-primary").click()
    page.wait_for_url(re.compile(r"/customers/\d+/"))
    page.goto("/")
    page.keyboard.press("Control+k")
    page.locator("#palette input").fill("pyllgd")
    item = page.locator("#palette [data-palette-found] .palette-item", has_text="璞玥琉璃光电").first
    expect(item).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/customers/\d+/"))
    expect(page.locator("h1")).to_have_text("璞玥琉璃光电")


def test_targets_are_pasted_from_a_spreadsheet(someone: Callable[..., Tab]) -> None:
    """A block with separators and a currency sign fills neighbouring cells; saved, it stays."""
    page = someone(DIRECTOR)
    page.goto("/targets/?show=month")
    names = page.evaluate(NEIGHBOURS)
    page.evaluate(
        """name => {
            const input = document.getElementsByName(name)[0];
            input.focus();
            const data = new DataTransfer();
            data.setData('text/plain', '￥1,234.50\\t77.25\\n');
            input.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        names[0],
    )
    expect(page.locator("td.is-changed")).to_have_count(2)
    page.locator(".grid-foot button.btn-primary").click()
    page.wait_for_load_state()
    for name, wanted in zip(names, ("1234.50", "77.25"), strict=True):
        value = page.locator(f"[name='{name}']").input_value().replace(",", "")
        assert float(value) == float(wanted), name


def test_the_pivot_is_downloaded(someone: Callable[..., Tab], tmp_path: Path) -> None:
    """The workbook has a row per person of the page and sums that are those of its cells."""
    page = someone(DIRECTOR)
    page.goto("/insight/pivot/")
    people = page.locator("main tbody tr").count()
    with page.expect_download() as download:
        link = page.locator("a[href*='/insight/pivot/file/'][href*='xlsx']")
        if not link.is_visible():
            page.locator("main details.menu > summary").last.click()
        link.click()
    path = tmp_path / "pivot.xlsx"
    download.value.save_as(path)
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True, min_row=2))
    assert len(rows) == people + 1
    for place in range(2, 2 + 12 + 1):  # the months and their sum; targets and what is reached don't add up
        column = [row[place] or 0 for row in rows]
        assert round(sum(column[:-1]), 2) == round(column[-1], 2)


def test_dark_mode_is_kept(someone: Callable[..., Tab]) -> None:
    """Chosen in the person's menu; the next page and a new visit are dark too."""
    page = someone()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator(".top-person > summary").click()
    page.locator(".top-person [data-theme-choice='dark']").click()
    page.goto("/deals/")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    red, green, blue = (int(part) for part in re.findall(r"\d+", dark)[:3])
    assert max(red, green, blue) < 80


def test_the_phone_goes_by_tabs(someone: Callable[..., Tab]) -> None:
    """Every tab leads to its page, nothing is wider than the screen, and the rest is under Me."""
    page = someone(phone=True)
    tabs = page.locator(".phone-tabs > a")
    assert tabs.count() >= 3
    for place in range(tabs.count()):
        wanted = tabs.nth(place).get_attribute("href") or ""
        tabs.nth(place).click()
        page.wait_for_url(f"**{wanted}*")
        expect(page.locator(".phone-tabs a[aria-current=page]")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), wanted
    page.locator(".phone-tabs details > summary").click()
    expect(page.locator(".phone-tabs a[href='/me/']")).to_be_visible()
