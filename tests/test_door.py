"""The first page anybody sees, in a real browser against a real server."""

from collections.abc import Callable

import pytest

from tests.browser import Tab
from tests.server import Server

pytestmark = pytest.mark.browser


def test_the_door_speaks_both_languages(empty_server: Server, open_page: Callable[..., Tab]) -> None:
    """A visitor without an account is led to the sign-in form, and may change the language before signing in."""
    page = open_page(base_url=empty_server.url, language="zh-CN")
    page.goto("/accounts/login/")
    assert page.locator("html").get_attribute("lang", timeout=5000).lower().startswith("zh")  # type: ignore[union-attr]
    page.get_by_role("button", name="English").click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"
    page.get_by_label("User name or email").fill("nobody")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in", "a wrong password stays outside"


def test_the_door_is_closed_to_registration(empty_server: Server, open_page: Callable[..., Tab]) -> None:
    """Nobody makes an account for himself."""
    page = open_page(base_url=empty_server.url, language="en")
    page.goto("/accounts/signup/")
    assert page.locator("input[type=password]").count() == 0
