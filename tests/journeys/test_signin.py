"""Signing in as people do it: app, second step, passkey; at the desk and on the phone, with a virtual authenticator."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal import auth
from playwright.sync_api import Page, expect

from tests.browser import Tab
from tests.journeys.steps import sign_in
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "guanghuan2026"
STEP = 30


def code(secret: str, step: int = 0) -> str:
    """What the app shows now, or a step later: a code is good once."""
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // STEP + step))


def authenticator(page: Page) -> None:
    """A device that keeps passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_out(page: Page) -> None:
    """Out by the page's own form."""
    page.goto("/accounts/logout/")
    page.locator(".door-card button.btn-primary").click()
    expect(page.locator("#id_login")).to_be_visible()


@pytest.mark.parametrize(("phone", "language"), [(False, "zh-CN"), (True, "en")], ids=["desk", "phone"])
def test_app_then_passkey(own_demo_server: Server, open_page: Callable[..., Tab], phone: bool, language: str) -> None:
    """Set up an app, sign in with it, add a passkey, sign in with that alone."""
    base = own_demo_server.url.replace("127.0.0.1", "localhost")  # passkeys want a name, not a number
    page = open_page(phone=phone, language=language, base_url=base)
    authenticator(page)
    sign_in(page, "chensiyuan", PASSWORD)

    page.goto("/me/")
    page.locator("#sign-in a[href='/accounts/2fa/app/']").click()
    secret = page.locator("code.raw").text_content() or ""
    assert re.fullmatch(r"[A-Z2-7]{32}", secret)
    expect(page.locator(".door-qr svg")).to_be_visible()
    page.locator("#id_code").fill(code(secret, -1))
    page.locator(".door-card button.btn-primary").click()
    expect(page.locator(".code-sheet li")).to_have_count(10)
    page.locator(".door-card a.btn-primary").click()
    expect(page.locator("#sign-in a[href='/accounts/2fa/app/remove/']")).to_be_visible()

    sign_out(page)
    page.locator("#id_login").fill("chensiyuan")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.locator("#id_code").fill("000000")
    page.locator("#id_code").press("Enter")
    expect(page.locator(".field-error").first).to_be_visible()
    page.locator("#id_code").fill(code(secret))
    page.locator("#id_code").press("Enter")
    expect(page.locator(".top-person, .phone-tabs").first).to_be_attached()

    page.goto("/me/")
    page.locator("#sign-in a[href='/accounts/passkeys/add/']").click()
    page.locator("#id_name").fill("Desk key")
    page.locator("form[data-passkey] button").click()
    expect(page.locator("#sign-in")).to_contain_text("Desk key")

    sign_out(page)
    page.locator("form[data-passkey] button").click()
    expect(page.locator(".top-person, .phone-tabs").first).to_be_attached()
    page.goto("/me/")
    expect(page.locator("#devices li")).to_have_count(1)

    page.locator("#sign-in a[href$='/remove/']").last.click()
    page.locator(".door-card button.btn-danger").click()
    expect(page.locator("#sign-in")).not_to_contain_text("Desk key")


def test_passkey_as_the_second_step(own_demo_server: Server, open_page: Callable[..., Tab]) -> None:
    """Password first, then the passkey; and to confirm that it is really me."""
    base = own_demo_server.url.replace("127.0.0.1", "localhost")
    page = open_page(base_url=base)
    authenticator(page)
    sign_in(page, "zhoumin", PASSWORD)
    page.goto("/accounts/passkeys/add/")
    page.locator("form[data-passkey] button").click()
    expect(page.locator(".code-sheet li")).to_have_count(10)
    sign_out(page)
    page.locator("#id_login").fill("zhoumin")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    expect(page.locator("#id_code")).to_be_visible()
    page.locator("form[data-passkey] button").click()
    expect(page.locator(".top-person, .phone-tabs").first).to_be_attached()
    page.goto("/accounts/passkeys/confirm/?next=/me/")
    page.locator("form[data-passkey] button").click()
    expect(page.locator("#sign-in")).to_be_visible()


def test_the_strength_of_a_password_is_shown_without_sending_it(
    own_demo_server: Server, open_page: Callable[..., Tab]
) -> None:
    """While typing, in words; nothing is asked of the server."""
    page = open_page(base_url=own_demo_server.url)
    sign_in(page, "chensiyuan", PASSWORD)
    page.goto("/accounts/password/change/")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: "/static/" in request.url or asked.append(request.url))
    seen = []
    for typed in ("kurz", "aaaaaaaaaaaa", "Kran-17-Hafen", "Kran-17-Hafen-und-noch-viel-mehr"):
        page.locator("#id_password1").fill(typed)
        seen.append(page.locator("[data-strength]").inner_text().strip())
    assert len(set(seen)) == 4
    assert not [url for url in asked if "/static/" not in url]
