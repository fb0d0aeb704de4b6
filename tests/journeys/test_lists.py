"""Working with lists in a real browser: filter, keep a view, edit cells by keyboard, change many, take it back."""

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
SELLER = "chensiyuan"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """The demo company on a server of this module's own."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("lists"), "demo"))


@pytest.fixture
def someone(shop: Server, open_page: Callable[..., Tab]) -> Callable[..., Tab]:
    """Return a function that opens a page of the seller."""

    def opened(**look: bool) -> Tab:
        page = open_page(base_url=shop.url, **look)
        sign_in(page, SELLER, DEMO_PASSWORD)
        return page

    return opened


def keep_view(page: Page, name: str) -> None:
    """Save what the list shows under a name."""
    page.locator(".view-changed a").first.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("#view-name").fill(name)
    dialog.locator("button.btn-primary").click()
    page.wait_for_url(re.compile(r"view=s\d+"))
    expect(page.locator("nav.tabs:not(.tabs-quiet) .tab[aria-current]")).to_contain_text(name)


def test_filter_keep_edit_change_many_undo(someone: Callable[..., Tab]) -> None:
    """The whole way of a seller at his desk, by keyboard where it counts."""
    page = someone()
    page.goto("/deals/where/?view=all")
    page.locator("[id='_n.r-0']").select_option("amount")
    page.locator("[id='_v.r-0-0']").fill("100000")
    expect(page.locator("#where-count")).to_contain_text(re.compile(r"金额 ≥ 10\.00\s万"))
    page.locator(".form-foot .btn-primary").click()
    page.wait_for_url(re.compile("where="))
    expect(page.locator(".chip.is-on")).to_have_count(1)
    keep_view(page, "十万以上")
    page.wait_for_load_state("networkidle")  # the rows have come anew with the view
    rows = page.locator("tbody tr[data-record]")
    assert rows.count() > 3

    cell = rows.first.locator("td.num[data-edit]").first
    before = cell.inner_text()
    page.wait_for_timeout(300)
    rows.first.focus()
    page.keyboard.press("e")
    field = page.locator(".inline-edit input[name=value]")
    expect(field).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("viel")
    page.keyboard.press("Enter")
    expect(page.locator(".inline-edit .field-error")).to_be_visible()
    assert "/cell/" not in page.url, "the address stays that of the list"
    expect(field).to_have_value("viel")
    page.complaints.clear()  # the browser notes the refused cell (422) on its console
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(cell).to_have_text(before)
    page.wait_for_load_state("networkidle")  # what was refused is asked for anew

    page.wait_for_timeout(300)
    rows.first.focus()
    page.keyboard.press("e")
    expect(field).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("456700")
    page.keyboard.press("Tab")
    expect(cell).to_have_text("45.67")
    expect(page.locator("td.is-editing")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    expect(field).to_have_value("456700")
    page.keyboard.press("Escape")

    rows.first.focus()
    page.keyboard.press("x")
    expect(page.locator(".bulk-bar")).to_be_visible()
    page.locator(".bulk-bar button[formaction*='/bulk/edit/']").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("input[name=all]").check()
    dialog.locator("#id_competitor").fill("Nova")
    expect(dialog.locator("input[name=_set][value=competitor]")).to_be_checked()
    dialog.locator("button[name=_confirmed]").click()
    toast = page.locator(".toast", has_text=str(rows.count())).last
    expect(toast).to_be_visible()
    page.goto("/deals/?view=all&competitor=Nova")
    changed = rows.count()
    assert changed > 3
    page.keyboard.press("Escape")
    page.goto("/deals/?view=all&competitor=Nova")
    rows.first.locator(".col-key a").click()
    expect(page.locator("#panel-body")).to_be_visible()


def test_groups_fold_and_columns_get_wider_by_keyboard(someone: Callable[..., Tab]) -> None:
    """Folding keeps the sums, a wider column stays wide after the list has come again."""
    page = someone()
    page.goto("/deals/?view=all&group=stage")
    heads = page.locator("tr.group")
    expect(heads.first).to_be_visible()
    page.wait_for_load_state("networkidle")
    before = page.locator("tbody tr[data-record]").count()
    total = page.locator("tfoot .num").first.inner_text()
    heads.first.locator("a.group-name").click()
    expect(page.locator("tr.group a[aria-expanded=false]")).to_have_count(1)
    assert page.locator("tbody tr[data-record]").count() < before
    expect(page.locator("tfoot .num").first).to_have_text(total)
    page.wait_for_timeout(400)  # HTMX settles what it has swapped in
    grip = page.locator("#grip-customer")
    width = page.locator("th[data-col=customer]").bounding_box()["width"]
    grip.focus()
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("widths="))
    expect(page.locator("table.table-fixed")).to_be_visible()
    assert page.locator("th[data-col=customer]").bounding_box()["width"] > width + 24
    expect(page.locator("#grip-customer")).to_be_focused()


def test_views_are_arranged_by_keyboard(someone: Callable[..., Tab]) -> None:
    """Up and down, put away, and back: the tabs follow at once."""
    page = someone()
    page.goto("/customers/")
    tabs = page.locator("nav.tabs:not(.tabs-quiet) .tab:not(.tab-add)")
    names = [text.split()[0] for text in tabs.all_inner_texts()]
    page.locator(".tab-add").click()
    dialog = page.locator("dialog[open]")
    page.wait_for_timeout(300)  # what has just come is wired a moment later; no person is that quick
    dialog.locator("button[value^='down:']").first.focus()
    page.keyboard.press("Enter")
    expect(tabs.first).to_contain_text(names[1])
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_day_is_changed_in_the_calendar(someone: Callable[..., Tab]) -> None:
    """The twin of dragging: the menu of an item asks for the day."""
    page = someone()
    page.goto("/deals/new/")
    page.locator("#id_name").fill("日历试一下")
    page.locator("#id_expected_on").fill("2027-03-10")
    page.locator("form.form-card .form-foot button.btn-primary").click()
    page.wait_for_url(re.compile(r"/deals/\d+/"))
    page.goto("/deals/calendar/?view=all&at=2027-03-01")
    item = page.locator(".cal-day[data-stage='2027-03-10'] .cal-item", has_text="日历试一下")
    item.locator(".board-menu").focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    dialog.locator("#id_value").fill("2027-03-17")
    dialog.locator("button.btn-primary").click()
    moved = page.locator(".cal-day[data-stage='2027-03-17'] .cal-item", has_text="日历试一下")
    expect(moved).to_be_visible()
    moved.drag_to(page.locator(".cal-day[data-stage='2027-03-18'] .cal-items"))
    expect(page.locator(".cal-day[data-stage='2027-03-18'] .cal-item")).to_be_visible()


def test_on_the_phone_a_view_is_kept_and_a_cell_edited_by_tap(someone: Callable[..., Tab]) -> None:
    """The same work with a thumb."""
    page = someone(phone=True)
    page.goto("/deals/?status=open&owner=me")
    keep_view(page, "手机上的")
    page.locator("[data-edit-in-place]").tap()
    cell = page.locator("tbody tr[data-record] td.p1r[data-edit]").first
    cell.tap()
    field = page.locator(".inline-edit input[name=value]")
    expect(field).to_be_focused()
    field.fill("321000")
    field.press("Enter")
    expect(cell).to_contain_text("32.10")
    page.locator(".toast-undo").last.tap()
    expect(cell).not_to_contain_text("32.10")
