"""Everything by keyboard: each control is reached and shows it; what opens takes the focus and gives it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.steps import sign_in
from tests.journeys.test_accessible import AT_ONCE, DEMO_PASSWORD, upload
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST = 700
"""So many stops no page has."""

PAGES = {
    "chensiyuan": [
        "/", "/deals/", "/@deals", "/deals/new/", "/deals/board/", "/tasks/", "/customers/?group=owner",
        "/activities/log/", "/search/?q=a", "/me/", "/inbox/",
    ],
    "shenliqun": ["/", "/targets/?show=year", "/insight/pivot/"],
    "chengyifan": [
        "/import/?as=deals", "/@import", "/roles/2/?tab=grants", "/org/", "/audit/", "/settings/", "/channels/",
        "/settings/own-fields/customers/",
    ],
}  # fmt: skip

# What can take the focus by Tab and is to be seen: of a group of radio buttons only one, of rows of a list one.
TABBABLE = """
() => {
  const wanted = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]';
  const seen = (one) => one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
    && one.getBoundingClientRect().width > 0;
  const found = [...document.querySelectorAll(wanted)].filter((one) => one.tabIndex >= 0 && !one.disabled
    && !one.closest('[inert], dialog:not([open])') && one.type !== 'hidden' && seen(one));
  const groups = new Set();
  return found.filter((one) => {
    if (one.type !== 'radio') return true;
    const name = `${one.form?.id ?? ''}${one.name}`;
    return groups.has(name) ? false : groups.add(name);
  }).map((one, index) => { one.dataset.stop = index; return index; }).length;
}
"""
# The stop that has the focus: which one it is, and whether anybody sees that; a cell may show it for its input, and
# inside a date the browser marks the part that is typed.
STOP = """
() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const ring = (node) => { const look = getComputedStyle(node);
    return (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== 'none'; };
  const around = [one, one.firstElementChild, one.parentElement, one.nextElementSibling, one.closest('label'),
    ...one.closest('tr')?.children ?? []].filter(Boolean);
  const radio = `[type=radio][name="${CSS.escape(one.name ?? '')}"][data-stop]`;
  const group = one.type === 'radio' ? document.querySelector(radio) : one;
  return {
    stop: group?.dataset.stop ?? null,
    what: one.outerHTML.slice(0, 160),
    ring: around.some(ring) || one.matches('[type=file], [type=date], [type=time]'),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}
"""


@pytest.fixture(scope="module")
def pages(chromium: Browser, demo_server: Server) -> Iterator[Callable[[str], Page]]:
    """Return a function that gives the page of somebody signed in; each signs in once."""
    opened: dict[str, Page] = {}

    def page(username: str) -> Page:
        if username not in opened:
            context = chromium.new_context(
                base_url=demo_server.url,
                locale="zh-CN",
                reduced_motion="reduce",
                bypass_csp=True,
                viewport={"width": 1440, "height": 900},
            )
            opened[username] = context.new_page()
            sign_in(opened[username], username, DEMO_PASSWORD)
        return opened[username]

    yield page
    for each in opened.values():
        each.context.close()


def go(page: Page, path: str) -> None:
    if path == "/@import":
        upload(page)
    elif path.startswith("/@"):
        page.goto(f"/{path[2:]}/")
        page.goto(page.locator("tr[data-open]").first.get_attribute("data-open") or "")
    else:
        page.goto(path)
    page.wait_for_load_state("networkidle")
    page.add_style_tag(content=AT_ONCE)  # a ring that grows would be waited for at every stop


def walked(page: Page) -> tuple[int, list[dict[str, object]]]:
    """How many stops a page has, and those that Tab came to from its top until it came round."""
    # From the very top, wherever the page put the focus by itself.
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    page.evaluate("window.scrollTo(0, 0)")
    count = page.evaluate(TABBABLE)
    found: list[dict[str, object]] = []
    nowhere = 0
    for _press in range(MOST):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            nowhere += 1
            if nowhere > 1:
                break
            continue
        if found and stop["what"] == found[0]["what"]:
            break
        for _attempt in range(8):
            if stop["inside"] and stop["ring"]:
                break
            page.wait_for_timeout(100)  # it is being scrolled to, or its ring grows
            stop = page.evaluate(STOP)
        found.append(stop)
    return count, found


@pytest.mark.parametrize(("username", "path"), [(name, path) for name, paths in PAGES.items() for path in paths])
def test_tab_comes_to_every_control_and_shows_where_it_is(
    username: str, path: str, pages: Callable[[str], Page]
) -> None:
    page = pages(username)
    go(page, path)
    count, found = walked(page)
    assert "skip-link" in str(found[0]["what"]), "the first stop leads past the navigation"
    reached = {stop["stop"] for stop in found}
    missed = page.evaluate(
        "reached => [...document.querySelectorAll('[data-stop]')].filter(one => !reached.includes(one.dataset.stop)"
        " && one.checkVisibility()).map(one => one.outerHTML.slice(0, 160))",
        list(reached),
    )
    assert count > 10
    assert not missed, f"{len(missed)} of {count} are not reached:\n" + "\n".join(missed[:20])
    dark = [stop["what"] for stop in found if not stop["ring"]]
    assert not dark, "nothing shows that the focus is there:\n" + "\n".join(map(str, dark[:20]))
    away = [stop["what"] for stop in found if not stop["inside"]]
    assert not away, "the focus is out of sight:\n" + "\n".join(map(str, away[:20]))


def active(page: Page, selector: str) -> bool:
    """Whether the focus is on or in what matches."""
    return bool(page.evaluate("selector => Boolean(document.activeElement?.closest(selector))", selector))


def test_the_skip_link_leads_to_the_content(pages: Callable[[str], Page]) -> None:
    page = pages("chensiyuan")
    go(page, "/deals/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert active(page, "#main")
    page.keyboard.press("Tab")
    assert active(page, "#main") and not active(page, ".side")


def test_the_search_box_opens_when_it_is_typed_in_and_not_when_it_is_passed(pages: Callable[[str], Page]) -> None:
    page = pages("chensiyuan")
    go(page, "/deals/")
    box, palette = page.locator(".top-search input"), page.locator("dialog.palette")
    box.focus()
    expect(palette).to_be_hidden()
    page.keyboard.press("Tab")
    assert not active(page, ".top-search")
    box.focus()
    page.keyboard.type("heng")
    expect(palette).to_be_visible()
    expect(palette.locator("input")).to_have_value("heng")
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    assert active(page, ".top-search"), "the focus is where it was"


def test_the_palette_keeps_the_focus_and_gives_it_back(pages: Callable[[str], Page]) -> None:
    page = pages("chensiyuan")
    go(page, "/deals/")
    opener = page.locator("#main .actions a, #main .actions summary, #main .actions button").first
    opener.focus()
    page.keyboard.press("Control+k")
    expect(page.locator("dialog.palette")).to_be_visible()
    for _press in range(12):
        page.keyboard.press("Tab")
        assert active(page, "dialog.palette") or page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Escape")
    assert active(page, "#main .actions")


def test_a_dialog_keeps_the_focus_and_gives_it_back(pages: Callable[[str], Page]) -> None:
    page = pages("chensiyuan")
    go(page, "/@deals")
    opener = page.locator("#main [hx-target='#dialogs']:visible").first
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#dialogs dialog[open]")
    expect(dialog).to_be_visible()
    assert active(page, "#dialogs dialog"), "the focus goes in"
    for _press in range(40):
        page.keyboard.press("Tab")
        # Behind the last control a browser offers its own buttons: there the page has no focus at all.
        assert active(page, "#dialogs dialog") or page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_menus_open_close_and_give_the_focus_back(pages: Callable[[str], Page]) -> None:
    page = pages("chensiyuan")
    go(page, "/deals/")
    for summary in page.locator("details.menu > summary:visible").all():
        summary.focus()
        page.keyboard.press("Enter")
        menu = summary.locator("xpath=..")
        expect(menu).to_have_attribute("open", "")
        page.keyboard.press("Escape")
        expect(menu).not_to_have_attribute("open", "")
        expect(summary).to_be_focused()


def test_the_side_panel_takes_the_focus_and_gives_it_back(pages: Callable[[str], Page]) -> None:
    page = pages("chensiyuan")
    go(page, "/deals/")
    row = page.locator("tr[data-open]").nth(1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.locator("h2").first).to_be_visible()
    assert active(page, "#panel")
    page.keyboard.press("Tab")
    assert active(page, "#panel"), "its own controls come next"
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(row).to_be_focused()
