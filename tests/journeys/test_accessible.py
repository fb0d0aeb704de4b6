"""axe-core finds nothing serious on any kind of page: on the phone and the desk, light and dark; some on the tablet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.steps import sign_in
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (390, 1440)
TABLET = 820
ON_THE_TABLET = {"/", "/deals/", "/deals/new/", "/deals/board/", "/@deals", "/targets/", "/import/?as=deals"}
"""One of each kind of layout: between phone and desk nothing else changes."""
HUGE = {"/roles/2/?tab=grants", "/api/v1/docs/"}
"""Thousands of the same few things: once on the desk and once, in the dark, on the phone."""
GRAVE = {"serious", "critical"}
SETTLE = 50  # milliseconds from a new width or scheme to what scripts make of it
AT_ONCE = "*, ::before, ::after { transition: none !important }"
"""Colours that fade into each other would have to be waited for."""
DEMO_PASSWORD = "guanghuan2026"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']"
COLOURS = "['color-contrast', 'link-in-text-block']"
"""Rules that a dark scheme can break; the others don't depend on it."""
STILL = (
    "document.getAnimations().every(each => each.playState !== 'running'"
    " || each.effect?.getComputedTiming().iterations === Infinity)"
)

# Who looks at which pages; `@deals` is the first record of that list.
PAGES = {
    "": ["/accounts/login/", "/welcome/no-such-link/"],
    "chensiyuan": [
        "/", "/deals/", "/deals/?q=zzzzqq", "/@deals", "/@customers", "/deals/new/", "/deals/board/", "/tasks/",
        "/follow-ups/log/", "/search/?q=a", "/me/", "/no-such-page/",
        "/pool-entries/", "/customers/to-the-pool/", "/leads/board/?view=team", "/leads/answers/",
        "/accounts/password/change/", "/accounts/reauthenticate/", "/accounts/2fa/app/", "/accounts/passkeys/add/",
    ],
    "zhoumin": ["/", "/org/"],
    "shenliqun": ["/", "/targets/", "/insight/pivot/", "/metrics/won_amount/records/"],
    "duruo": ["/"],
    "chengyifan": [
        "/", "/import/?as=deals", "/@import", "/roles/2/?tab=grants", "/org/roles/1/compare/?with=2", "/org/deputies/",
        "/org/why/?kind=customers.customer&record=3&person=5", "/audit/", "/audit/sensitive/", "/audit/sign-ins/",
        "/audit/reviews/", "/customers/3/?tab=shared", "/settings/", "/settings/sign-in/", "/settings/sign-in/new/",
        "/settings/own-fields/customers/new/", "/channels/", "/api/v1/docs/", "/tokens/new/",
    ],
}  # fmt: skip
SHEET = "商机编号,客户,合同额,预计签约,业务员\nA1,恒岑钢构,5,2026.13.02,陈思元\nA2,同砌设计,面议,2026-01-02,\n"

FIGURES = {
    "shenliqun": [
        "/metrics/", "/metrics/won_amount/", "/boards/", "/dashboards/1/", "/leaderboard/", "/forecast/calibration/",
        "/briefing/", "/market/", "/targets/days/", "/targets/new/", "/targets/proposals/",
        "/targets/line/?subject=company&metric=won_amount", "/wall/1/",
    ],
    "suhe": ["/", "/dashboards/6/"],
}  # fmt: skip
"""The pages of figures are made of what the others show: once on the phone by day, once on the desk by night."""


@pytest.fixture(scope="module")
def pages(chromium: Browser, demo_server: Server) -> Iterator[Callable[[str], Page]]:
    """Return a function that gives the page of somebody signed in; axe is let past the security policy."""
    contexts = []

    def opened(username: str) -> Page:
        context = chromium.new_context(
            base_url=demo_server.url, locale="zh-CN", bypass_csp=True, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        if username:
            sign_in(page, username, DEMO_PASSWORD)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("username", PAGES, ids=lambda name: name or "visitor")
def test_pages_are_accessible(username: str, pages: Callable[[str], Page]) -> None:
    """No serious or critical finding on any page of this person, at its widths, in light and dark."""
    page = pages(username)
    page.add_init_script(AXE.read_text("utf-8"))
    found = [problem for path in PAGES[username] for problem in problems(page, path)]
    assert not found, "\n".join(found)


@pytest.mark.once
@pytest.mark.parametrize("username", FIGURES)
def test_pages_of_figures_are_accessible(username: str, pages: Callable[[str], Page]) -> None:
    """The same of metrics, dashboards, forecast, briefing, market and targets."""
    page = pages(username)
    page.add_init_script(AXE.read_text("utf-8"))
    found = []
    for path in FIGURES[username]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.add_style_tag(content=AT_ONCE)
        for scheme, rules, width in (("light", RULES, WIDTHS[0]), ("dark", COLOURS, WIDTHS[1])):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            found += [f"{path} {width} {scheme}: {line}" for line in grave(page, rules)]
    assert not found, "\n".join(found)


def problems(page: Page, path: str) -> list[str]:
    """What axe finds grave on one page; the page is drawn again for every width and scheme without loading it anew."""
    if path == "/@import":
        upload(page)
    elif path.startswith("/@"):
        page.goto(f"/{path[2:]}/")
        page.goto(page.locator("tr[data-open]").first.get_attribute("data-open") or "")
    else:
        page.goto(path)
    page.wait_for_load_state("networkidle")
    page.add_style_tag(content=AT_ONCE)
    found = []
    light = (*WIDTHS, TABLET) if path in ON_THE_TABLET else WIDTHS[1:] if path in HUGE else WIDTHS
    dark = WIDTHS[:1] if path in HUGE else WIDTHS
    for scheme, rules, widths in (("light", RULES, light), ("dark", COLOURS, dark)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            found += [f"{path} {width} {scheme}: {line}" for line in grave(page, rules)]
    return found


def settle(page: Page) -> None:
    """Wait until nothing moves; what moves for ever (a busy bar) is not waited for."""
    page.wait_for_timeout(SETTLE)
    for _attempt in range(20):
        if page.evaluate(STILL):
            return
        page.wait_for_timeout(100)


def upload(page: Page) -> None:
    """The wizard's page of columns and preview, with something to look at."""
    page.goto("/import/?as=deals")
    content = SHEET.encode("gbk")
    page.locator("input[type=file]").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": content})
    page.locator("form.drop button.btn-primary").click()
    page.wait_for_url("**/map/")


def grave(page: Page, rules: str = RULES) -> list[str]:
    """The serious and critical findings of the page as it stands."""
    # preload: only a rule that is none of ours reads the style sheets once more.
    options = f"{{resultTypes: ['violations'], preload: false, runOnly: {rules}}}"
    result: dict[str, Any] = page.evaluate(f"axe.run(document, {options})")
    return [
        f"{each['id']} {node['target']} {node['html'][:160]}"
        for each in result["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def test_axe_would_find_something(pages: Callable[[str], Page]) -> None:
    """The check itself works: a picture without a text and a pale word are found."""
    page = pages("")
    page.add_init_script(AXE.read_text("utf-8"))
    page.goto("/accounts/login/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x><p style=\"color:#ddd\">pale</p>')")
    assert {line.split()[0] for line in grave(page)} >= {"image-alt", "color-contrast"}
