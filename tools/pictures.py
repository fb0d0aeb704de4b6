"""Takes the pictures of the documentation: ``python tools/pictures.py`` with Chromium on the machine.

A fresh demonstration company is built, served and photographed, in both languages, so the pictures show what is there
today. They are written to docs/pictures/; the test suite checks that every picture the pages name exists.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
PORT = os.environ.get("PORT", "8190")
BASE = f"http://127.0.0.1:{PORT}"
PROGRAM = Path(sys.executable).with_name("xiaoguan")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOW, SHORT = {"width": 1440, "height": 640}, {"width": 1440, "height": 360}
PASSWORD = "guanghuan2026"
SHOTS = [
    ("seller-home", "chensiyuan", "/", DESKTOP),
    ("seller-phone", "chensiyuan", "/", PHONE),
    ("deals", "chensiyuan", "/deals/", DESKTOP),
    ("board", "chensiyuan", "/deals/board/", DESKTOP),
    ("activities", "chensiyuan", "/activities/", DESKTOP),
    ("manager-home", "zhoumin", "/", DESKTOP),
    ("targets-phone", "zhoumin", "/targets/", PHONE),
    ("days", "zhoumin", "/targets/days/", LOW),
    ("briefing", "zhoumin", "/briefing/", LOW),
    ("quality", "zhoumin", "/quality/", DESKTOP),
    ("director-home", "shenliqun", "/", DESKTOP),
    ("targets", "shenliqun", "/targets/", DESKTOP),
    ("new-target", "shenliqun", "/targets/new/", DESKTOP),
    ("market", "shenliqun", "/market/", SHORT),
    ("calibration", "shenliqun", "/forecast/calibration/", DESKTOP),
    ("wall", "shenliqun", "/wall/1/", DESKTOP),
    ("pivot", "shenliqun", "/insight/pivot/", DESKTOP),
    ("metric", "shenliqun", "/metrics/won_amount/", DESKTOP),
    ("dashboard", "shenliqun", "/dashboards/1/", DESKTOP),
    ("dashboard-seller", "chensiyuan", "/dashboards/3/", DESKTOP),
    ("leaderboard", "zhoumin", "/leaderboard/", DESKTOP),
    ("define", "chengyifan", "/metric-definitions/new/?like=visits", DESKTOP),
    ("finance", "fangxiaolan", "/", DESKTOP),
    ("service", "suhe", "/dashboards/6/", DESKTOP),
    ("organisation", "chengyifan", "/org/", DESKTOP),
    ("rights", "chengyifan", "/roles/2/?tab=grants", DESKTOP),
    ("doctor", "chengyifan", "/operation/doctor/", DESKTOP),
]


def main() -> None:
    """Build, serve, photograph, stop."""
    home = tempfile.mkdtemp(prefix="xiaoguan-pictures-")
    environment = {**os.environ, "XIAOGUAN_HOME": home, "PORT": PORT}
    subprocess.run([PROGRAM, "demo"], env=environment, check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([PROGRAM, "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        wait()
        OUT.mkdir(parents=True, exist_ok=True)
        chromium = os.environ.get("XIAOGUAN_TEST_CHROMIUM") or shutil.which("chromium") or "chromium"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            for language, locale in (("zh", "zh-CN"), ("en", "en-US")):
                photograph(browser, language, locale, Path(home))
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(home, ignore_errors=True)


def wait() -> None:
    """Wait until the server answers."""
    for _attempt in range(120):
        try:
            with urllib.request.urlopen(f"{BASE}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server did not answer")


def photograph(browser: Any, language: str, locale: str, home: Path) -> None:
    """Take every picture in one language, each person in a session of his own."""
    for user in dict.fromkeys(shot[1] for shot in SHOTS):
        context = browser.new_context(viewport=DESKTOP, locale=locale, timezone_id="Asia/Shanghai")
        page = context.new_page()
        page.goto(f"{BASE}/accounts/login/")
        page.fill("input[name=login]", user)
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.wait_for_url(f"{BASE}/")
        for name, _user, path, viewport in (shot for shot in SHOTS if shot[1] == user):
            page.set_viewport_size(viewport)
            page.goto(BASE + path)
            keep(page, name, language)
        if user == "chensiyuan":
            page.set_viewport_size(DESKTOP)
            customer(page, language)
        if user == "zhoumin":
            page.set_viewport_size(DESKTOP)
            proposal(page, language)
        if user == "chengyifan":
            page.set_viewport_size(DESKTOP)
            importing(page, language, home)
        context.close()


def keep(page: Page, name: str, language: str) -> None:
    """Write one picture once the page is quiet and its charts are drawn."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=OUT / f"{name}.{language}.png")


def customer(page: Page, language: str) -> None:
    """The page of the customer that was spoken to last."""
    page.goto(f"{BASE}/customers/?owner=me&next_due=!none&sort=-last_contact_on")
    page.wait_for_load_state("networkidle")
    address = page.locator("tbody a[href^='/customers/']").first.get_attribute("href")
    page.goto(f"{BASE}{address}")
    keep(page, "customer", language)


def proposal(page: Page, language: str) -> None:
    """The first proposal that waits for its answer."""
    page.goto(f"{BASE}/targets/proposals/")
    page.locator(".row-item a, .rows a").first.click()
    page.wait_for_url("**/targets/line/**")
    keep(page, "proposal", language)


def importing(page: Page, language: str, home: Path) -> None:
    """Walk the import to its preview with a table as people keep them, and photograph what it recognised."""
    table = home / "customers.csv"
    rows = [
        "客户档案汇总表,,,,,",
        "客户名称,类型,城市,负责人,建档日期,年采购额（万元）",
        '昆山恒岑屿钢构有限公司,钢构公司,昆山,陈思远,2024年3月5日,"1,280"',
        "苏州禾澜序建筑设计院有限公司,设计院,苏州,林知夏,2023/11/20,¥96",
        "太仓筑序建工有限公司,施工单位,太仓,何嘉木,20250108,1.2亿",
        "栖野川文旅（湖州）有限公司,业主,湖州,陈思元,2025.13.02,面议",
        "合计,,,,,13656",
    ]
    table.write_text("\n".join(rows), encoding="utf-8")
    page.goto(f"{BASE}/import/?as=customers")
    page.set_input_files("input[type=file]", table)
    page.wait_for_load_state("networkidle")
    for _step in range(4):
        if page.locator(".steps li:nth-child(3)[aria-current]").count():
            break
        button = page.locator("main .btn-primary").last
        if button.count():
            button.click()
        page.wait_for_timeout(3000)
    keep(page, "import", language)


if __name__ == "__main__":
    main()
