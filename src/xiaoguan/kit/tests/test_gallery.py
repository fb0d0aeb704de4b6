"""The gallery renders in both languages, and its behaviours work in a browser under the strict security policy."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation
from playwright.sync_api import expect

import xiaoguan
from xiaoguan.kit.tests.gallery import cast

PACKAGE = Path(xiaoguan.__file__).parent
ADDRESSES = override_settings(ROOT_URLCONF="xiaoguan.kit.tests.gallery.addresses")
POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:"
CELL = '<form class="inline-edit" method="post" action="/deals/5/cell/"><input name="value" value="{}">{}</form>'


class Answers(SimpleHTTPRequestHandler):
    """Serves the gallery and the built files, and answers its few requests like the product would."""

    def __init__(self, *args: Any, pages: Path, **named: Any) -> None:
        self.pages = pages
        super().__init__(*args, **named)

    def translate_path(self, path: str) -> str:
        plain = path.split("?")[0]
        if plain in ("/inbox_count/", "/search/", "/favicon.ico"):
            return str(self.pages / "nothing.html")
        if plain.startswith("/static/"):
            return str(PACKAGE / "static" / plain.removeprefix("/static/"))
        if plain.startswith("/deals/"):
            return str(self.pages / ("cell.html" if "/cell/" in plain else "panel_deal.html"))
        return str(self.pages / plain.removeprefix("/"))

    def do_POST(self) -> None:
        """A wrong date is refused with the form, a move to the last stage is refused, the rest is accepted."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if "cell" in self.path:
            wrong = "2026-13" in body
            error = '<span class="field-error">no month 13</span>'
            self._answer(422 if wrong else 200, CELL.format("2026-13-01", error) if wrong else "12/01")
        elif "move" in self.path:
            refused = "%E5%90%88%E5%90%8C" in body
            self._answer(403 if refused else 200, "", trigger='{"toast": {"text": "moved", "undo": "/undo/1/"}}')
        else:
            self._answer(204, "")

    def _answer(self, status: int, body: str, trigger: str = "") -> None:
        self.send_response(status)
        if trigger and status == 200:
            self.send_header("HX-Trigger", trigger)
        self.end_headers()
        self.wfile.write(body.encode())

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Keep the test run quiet."""


@pytest.mark.once
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", cast.PAGES)
def test_every_page_of_the_gallery_renders(name, language):
    """No component breaks in either language."""
    with ADDRESSES, translation.override(language), cast.at_the_desk():
        html = cast.render_page(name)
    assert f'<html lang="{language}"' in html
    assert "dist/app.css" in html


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The gallery over HTTP."""
    if not (PACKAGE / "static/dist/app.js").exists():
        pytest.skip("the frontend is not built")
    pages = tmp_path_factory.mktemp("gallery")
    with ADDRESSES:
        cast.write(pages, ["deals", "board", "targets", "dashboard", "forms"])
    (pages / "nothing.html").write_text("")
    (pages / "cell.html").write_text(CELL.format("2026-11-27", ""))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Answers, pages=pages))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


Open = Callable[..., Any]
browser = pytest.mark.browser


@browser
def test_the_panel_walks_the_list(gallery: str, open_page: Open):
    """Click, j, k and Escape; the address keeps what is open, the focus returns to the row."""
    page = open_page()
    page.goto(f"{gallery}/deals-light.html")
    page.get_by_role("link", name="高新区研发楼泛光照明").first.click()
    expect(page.locator("#panel h2").first).to_have_text("高新区研发楼泛光照明")
    expect(page.locator("[data-panel-where]")).to_have_text("商机 3 / 24")
    assert "open=%2Fdeals%2F2%2F" in page.url
    page.keyboard.press("j")
    expect(page.locator("[data-panel-where]")).to_have_text("商机 4 / 24")
    page.keyboard.press("k")
    expect(page.locator("tr.is-open")).to_have_attribute("data-record", "2")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert "open=" not in page.url
    expect(page.locator('tr[data-record="2"]')).to_be_focused()


@browser
def test_rows_are_chosen_by_keyboard_and_by_range(gallery: str, open_page: Open):
    """Space ticks, Shift extends, the bar names the count, Escape clears."""
    page = open_page()
    page.goto(f"{gallery}/deals-light.html")
    page.locator('tr[data-record="0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.locator(".bulk-bar")).to_be_visible()
    page.locator('tr[data-record="4"] .check').click(modifiers=["Shift"])
    assert page.locator("tr.is-selected").count() == 4
    page.keyboard.press("Escape")
    expect(page.locator(".bulk-bar")).to_be_hidden()


@browser
def test_a_cell_is_edited_in_place(gallery: str, open_page: Open):
    """Escape restores, a refused value stays with its reason, a good one is shown."""
    page = open_page()
    page.goto(f"{gallery}/deals-light.html")
    cell = page.locator('tr[data-record="5"] td[data-edit]')
    cell.dblclick()
    field = cell.locator("input")
    expect(field).to_have_value("2026-11-27")
    field.fill("2020-01-01")
    page.keyboard.press("Escape")
    expect(cell).to_have_text("11/27")
    cell.focus()
    page.keyboard.press("F2")
    field.fill("2026-13-01")
    page.keyboard.press("Enter")
    expect(cell.locator(".field-error")).to_have_text("no month 13")
    expect(field).to_have_value("2026-13-01")
    field.fill("2026-12-01")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("12/01")
    page.complaints[:] = [text for text in page.complaints if "422" not in text]  # what a browser writes down itself


@browser
def test_a_block_from_a_spreadsheet_fills_the_grid(gallery: str, open_page: Open):
    """Locked and computed cells are stepped over, commas and full-width digits are understood."""
    page = open_page()
    page.goto(f"{gallery}/targets-light.html")
    first = page.locator('[name="赵一鸣-2"]')
    first.focus()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "1,001.5\\t２００\\t3\\n4\\t5\\t6\\n");
            const how = {clipboardData: data, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
        }"""
    )
    expect(first).to_have_value("1001.5")
    expect(page.locator('[name="赵一鸣-3"]')).to_have_value("200")
    expect(page.locator('[name="孙雨桐-4"]')).to_have_value("6")
    assert page.locator("td.is-changed").count() == 6
    page.keyboard.press("ArrowDown")
    expect(page.locator('[name="孙雨桐-2"]')).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator('[name="孙雨桐-2"]')).to_have_value("90.37")


def carry(page: Any, card: Any, column: Any) -> None:
    """Drag with the mouse, slowly enough for the board to follow."""
    start, end = card.bounding_box(), column.bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 20, steps=4)
    for step in range(20):  # the browser follows a carried card at its own pace
        page.mouse.move(end["x"] + 60 + step, end["y"] + 70, steps=6)
        if column.locator(".sortable-ghost").count():
            break
    expect(column.locator(".sortable-ghost")).to_have_count(1)
    page.mouse.up()


@browser
def test_cards_are_moved_and_refused_cards_return(gallery: str, open_page: Open):
    """An accepted move counts in both columns and offers undo; a refused one goes back."""
    page = open_page()
    page.goto(f"{gallery}/board-light.html")
    expect(page.locator("[data-board]")).to_have_attribute("data-ready", "1")
    columns = page.locator(".board-col")
    card = columns.nth(0).locator(".board-card").first
    name = card.locator(".board-title").inner_text()
    carry(page, card, columns.nth(1))
    expect(columns.nth(1).locator(".board-title", has_text=name)).to_be_visible()
    expect(columns.nth(1).locator(".board-head .count")).to_have_text("5")
    expect(page.locator(".toast-undo")).to_be_visible()
    again = columns.nth(0).locator(".board-card").first
    kept = again.locator(".board-title").inner_text()
    carry(page, again, columns.nth(3))
    expect(columns.nth(0).locator(".board-title", has_text=kept)).to_be_visible()
    expect(columns.nth(0).locator(".board-head .count")).to_have_text("5")
    page.complaints[:] = [text for text in page.complaints if "403" not in text]  # what a browser writes down itself


@browser
def test_the_palette_takes_the_keyboard(gallery: str, open_page: Open):
    """Ctrl K, words, arrows, Escape."""
    page = open_page()
    page.goto(f"{gallery}/deals-light.html")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("> 目标")
    expect(page.locator('.palette-item[aria-selected="true"]')).to_have_text("目标")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


@browser
@pytest.mark.parametrize("dark", [False, True])
def test_charts_are_drawn_and_turn_into_tables(gallery: str, open_page: Open, dark: bool):
    """Every chart draws itself without eval and has its table behind the icon."""
    page = open_page(dark=dark)
    page.goto(f"{gallery}/dashboard-{'dark' if dark else 'light'}.html")
    expect(page.locator(".chart[data-drawn]")).to_have_count(3)
    page.locator(".chart-toggle").first.click()
    expect(page.locator(".chart-table table").first).to_be_visible()
    expect(page.locator(".chart-box").first).to_be_hidden()


@browser
def test_theme_is_chosen_and_remembered(gallery: str, open_page: Open):
    """The cookie carries the choice to the server."""
    page = open_page()
    page.goto(f"{gallery}/forms-light.html")
    page.locator(".top-person summary").click()
    page.locator(".top-person [data-theme-choice=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert {"xiaoguan_theme": "dark"}.items() <= {c["name"]: c["value"] for c in page.context.cookies()}.items()


@browser
def test_a_phone_opens_records_as_pages_and_has_tabs(gallery: str, open_page: Open):
    """No panel on the phone; the whole row is the target; nothing is wider than the screen."""
    page = open_page(phone=True)
    page.goto(f"{gallery}/deals-light.html")
    expect(page.locator(".phone-tabs")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row = page.locator('tr[data-record="3"]').bounding_box()
    assert row["height"] >= 44
    page.touchscreen.tap(row["x"] + row["width"] / 2, row["y"] + row["height"] - 12)
    page.wait_for_url("**/deals/3/")
