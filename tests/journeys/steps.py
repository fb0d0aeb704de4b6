"""Steps that journeys share: signing in, and one file through the import wizard."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

PASSWORD = "steady-lights-over-kunshan"
LONG = 60_000  # milliseconds


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign in by the form."""
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(username)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    expect(page.locator(".top-person, .phone-tabs").first).to_be_attached()


def accept_link(page: Page, link: str) -> None:
    """Open a one-time link and set the password."""
    page.goto(link)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    page.locator(".welcome-form button").click()
    page.wait_for_url(re.compile(r"//[^/]+/$"))


def bring(page: Page, slug: str, path: Path) -> dict[str, int]:
    """Take one file through the wizard as it proposes; return the counts of the result, by their order."""
    page.goto(f"/import/?as={slug}")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("form.drop button.btn-primary").click()
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]{36}/(header|map)/"))
    if "/header/" in page.url:
        page.locator(".wizard-foot button.btn-primary").click()
    page.wait_for_url(re.compile(r"/map/"))
    run = page.locator("button[formaction$='/run/']")
    expect(run).to_be_enabled(timeout=LONG)
    foreseen = counts(page)
    run.click()
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]{36}/$"))
    expect(page.locator(f"main a.btn[href='/{slug}/']")).to_be_visible(timeout=LONG)
    found = counts(page)
    assert found == foreseen, f"{slug}: what was shown is what came"
    return found


def counts(page: Page) -> dict[str, int]:
    """The six figures of the wizard."""
    numbers = [int(text.replace(",", "")) for text in page.locator(".counts .figure-value").all_inner_texts()]
    names = ("created", "updated", "unchanged", "skipped", "errors")
    return dict(zip(names, numbers, strict=True))
