"""Chromium for tests: one browser per worker, one context per page, strict about what pages say on the console."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.machine import CHROMIUM

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 15_000  # milliseconds


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, started once per worker."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    # Playwright's loop runs in this thread; Django would take the ORM calls of the same test for async ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Tab(Page):
    """For readers of types: a page that ``open_page`` watches; ``complaints`` are its console errors so far."""

    complaints: list[str]


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Tab]]:
    """Return a function that opens a page: ``open_page(phone=True, language="en", dark=True)``.

    A page that wrote an error to its console, or broke the content security policy, fails the test at its end.
    """
    contexts: list[Any] = []
    tabs: list[Any] = []

    def opened(*, phone: bool = False, language: str = "zh-CN", dark: bool = False, base_url: str = "") -> Tab:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            locale=language,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            base_url=base_url or None,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        page: Any = context.new_page()
        page.complaints = []
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        contexts.append(context)
        tabs.append(page)
        return page

    yield opened
    if request.node.stash.get(FAILED, False):
        _keep_pictures(request.node.name, tabs)
    complaints = [text for page in tabs for text in page.complaints]
    for context in contexts:
        context.close()
    assert not complaints, f"the browser complained: {complaints}"


@pytest.fixture
def page(open_page: Callable[..., Tab]) -> Tab:
    """A desktop page in Chinese."""
    return open_page()


@pytest.fixture
def phone(open_page: Callable[..., Tab]) -> Tab:
    """A phone-sized page in Chinese."""
    return open_page(phone=True)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Remember whether the test itself failed, so that its pages are photographed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def _keep_pictures(name: str, tabs: list[Any]) -> None:
    """Save what the pages looked like when the test failed, into tests/artifacts."""
    folder = Path(__file__).parent / "artifacts"
    folder.mkdir(exist_ok=True)
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
    for number, page in enumerate(tabs):
        page.screenshot(path=folder / f"{safe}-{number}.png")
