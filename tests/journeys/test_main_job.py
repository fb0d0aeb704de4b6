"""The main job: a new installation, the files a company has, and everybody sees goal, result, pace and pipeline."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Tab
from tests.journeys import files as made
from tests.journeys.files import CUSTOMERS, DIRECTOR, SELLERS, TEAMS, Files, percent, wan
from tests.journeys.steps import accept_link, bring
from tests.server import Moulds, Server, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ORDER = ("people", "products", "customers", "deals", "contracts", "receipts", "target-lines")


@pytest.fixture
def new_server(tmp_path: Path, moulds: Moulds) -> Server:
    """An installation with a schema and nobody in it, not started."""
    return moulds.copy(tmp_path / "home", "migrate")


def founded(server: Server) -> str:
    """`xiaoguan init`: the company is founded; returns the administrator's one-time link."""
    done = server.run("init", "--company", "光环境工程", "--name", "程一帆", "--url", server.url, "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["url"])


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_from_an_empty_company_to_everybodys_numbers(
    phone: bool, new_server: Server, tmp_path: Path, open_page: Callable[..., Tab]
) -> None:
    """Found, import seven files, hand out links; three people sign in and their numbers are those of the rows."""
    link = founded(new_server)
    for server in running(new_server):
        page = open_page(phone=phone, base_url=server.url)
        accept_link(page, link)
        expect(page.locator("a[href^='/import/']").first).to_be_visible()
        files = made.write(tmp_path, workbook=phone)
        links = import_everything(page, files, phone)
        assert set(links) >= {DIRECTOR, *SELLERS, *TEAMS.values()}
        seller_sees(open_page(phone=phone, base_url=server.url), links["陈思远"], files)
        manager_sees(open_page(phone=phone, base_url=server.url), links["周敏"], files)
        director_sees(open_page(phone=phone, base_url=server.url), links[DIRECTOR], files)


def import_everything(page: Page, files: Files, phone: bool) -> dict[str, str]:
    """All files through the wizard; one bad row is named and stops nothing. Returns the one-time links by name."""
    names = dict(zip(ORDER, ("people.csv", "products.csv", "customers.csv", "deals", "contracts.csv", "receipts.csv",
                             "targets.xlsx"), strict=True))  # fmt: skip
    names["deals"] = "deals.xlsx" if phone else "deals.csv"
    links: dict[str, str] = {}
    for slug in ORDER:
        found = bring(page, slug, files.path(names[slug]))
        if slug == "people":
            assert found["created"] == 1 + len(SELLERS), found
            page.locator("form[action$='/links/'] button").click()
            for line in page.locator("tbody tr").all():
                links[line.locator("td.strong").inner_text()] = line.locator("code").inner_text()
        elif slug == "deals":
            assert (found["created"], found["errors"]) == (len(files.deals), 1), found
            expect(page.locator("table code.raw", has_text=made.BAD_DATE)).to_be_visible()
        elif slug == "target-lines":
            assert (found["created"], found["errors"]) == (len(SELLERS) + len(TEAMS) + 1, 0), found
        else:
            rows = {"products": 3, "customers": len(CUSTOMERS), "contracts": 1, "receipts": len(files.receipts)}
            assert (found["created"], found["errors"]) == (rows[slug], 0), (slug, found)
    return links


# What each of them sees -------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Text without white space, as figures and their units stand in spans of their own."""
    return re.sub(r"\s+", "", text)


def seller_sees(page: Page, link: str, files: Files) -> None:
    """Goal, result and pace on top; the number opens the won deals; the open deal of this month closes the gap."""
    accept_link(page, link)
    strip = page.locator("section.strip")
    won, target = files.won("陈思远"), files.target("陈思远")
    assert plain(strip.locator(".figure-hero .figure-value").inner_text()) == f"{wan(won)}万"
    note = plain(strip.locator(".figure-hero .figure-note").inner_text())
    assert f"{wan(target)}万" in note and percent(won, target) in note
    expect(strip.locator(".strip-verdict")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("D03照明")).first).to_be_visible()
    receipts = page.locator("a[href*='/metrics/receipts']").first
    assert plain(receipts.inner_text()) == "10.25万"
    behind(page, strip.locator(".figure-hero a"), {"D01": 20_500_000, "D02": 8_860_000})
    languages(page)


def manager_sees(page: Page, link: str, files: Files) -> None:
    """The team's sum and one line per person, each opening its records; the other team isn't there."""
    accept_link(page, link)
    own = files.team("虎队")
    strip = page.locator(".strip-figures")
    assert plain(strip.locator(".figure-value").nth(0).inner_text()) == (
        f"{wan(files.won(*own))}/{wan(files.target(*own))}万"
    )
    assert strip.locator(".figure-value").nth(1).inner_text() == percent(files.won(*own), files.target(*own))
    text = page.locator("main").inner_text()
    assert not any(name in text for name in files.team("狼队"))
    for name in own:
        line = page.locator("tbody tr", has_text=name)
        assert line.locator("a[href*='/records/']").inner_text() == wan(files.won(name))
    behind(page, page.locator("tbody tr", has_text="王磊磊").locator("a[href*='/records/']"), {"D05": 44_000_000})


def director_sees(page: Page, link: str, files: Files) -> None:
    """The company, its teams, the win rate, the pipeline by stage with the sum of the open rows."""
    accept_link(page, link)
    everybody = list(SELLERS)
    strip = page.locator(".strip-figures")
    assert plain(strip.locator(".figure-value").nth(0).inner_text()) == (
        f"{wan(files.won(*everybody))}/{wan(files.target(*everybody))}万"
    )
    won = sum(row.stage == "赢单" for row in files.deals)
    closed = won + sum(row.stage == "输单" for row in files.deals)
    assert strip.locator(".figure-value").nth(5).inner_text() == percent(won, closed)
    for team in TEAMS:
        line = page.locator("tbody tr", has_text=team)
        assert line.locator("a[href*='/records/']").inner_text() == wan(files.won(*files.team(team)))
    wanted = {row.number: row.fen for row in files.deals if row.stage == "赢单"}
    behind(page, strip.locator("a").first, wanted)
    page.goto("/deals/?view=all&status=open")
    text = plain(page.locator("main").inner_text())
    assert wan(files.open_amount(*everybody)) in text
    for row in files.deals:
        assert (row.number in text) == (row.stage not in ("赢单", "输单")), row


def behind(page: Page, link: object, wanted: dict[str, int]) -> None:
    """Follow a number to its records: exactly these deals, and the sum on top is theirs."""
    link.click()  # type: ignore[attr-defined]
    page.wait_for_url(re.compile("/metrics/.*/records/"))
    assert plain(page.locator(".kpi .figure-value").first.inner_text()) == f"{wan(sum(wanted.values()))}万"
    rows = {}
    for line in page.locator("tbody tr").all():
        number = re.search(r"D\d\d", line.locator(".col-key").inner_text())
        assert number
        rows[number.group()] = line.locator("td.p1r").inner_text().strip()
    assert rows == {number: wan(fen) for number, fen in wanted.items()}
    page.locator("tbody tr .col-key a").first.click()
    page.wait_for_url(re.compile(r"/deals/\d+/"))
    page.goto("/")


def languages(page: Page) -> None:
    """The same page in English, with the amount in the language's own unit, and back."""
    menu = ".top-person" if page.viewport_size["width"] > 820 else ".phone-tabs details"  # type: ignore[index]
    page.locator(f"{menu} > summary").click()
    page.locator(f"{menu} button[value='en']").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert not re.search(r"[\u4e00-\u9fff]", page.locator("h1").inner_text())
    page.locator(f"{menu} > summary").click()
    page.locator(f"{menu} button[value^='zh']").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
