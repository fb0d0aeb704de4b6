"""The CRM files by either way in: the same deals row by row, and the metrics of everybody and every month."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals import daily, queries as goals
from xiaoguan.apps.metrics import queries
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.apps.org import actions, seeding
from xiaoguan.apps.org.models import Company, Membership, Person, Role, Team
from xiaoguan.apps.org.queries import subtree_ids, system_actor
from xiaoguan.config.commands import import_
from xiaoguan.kit import clock, worker
from xiaoguan.kit.action import create
from xiaoguan.transfer.models import Import

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FOLDER = "crm_opportunities"
FILES = (("sales_teams", "people"), ("products", "products"), ("accounts", "customers"), ("sales_pipeline", "deals"))
STATUS = {"Won": "won", "Lost": "lost", "Engaging": "open", "Prospecting": "open"}


# What must come out, computed without the product ----------------------------------------------------------------


def rows_of(real_files: Path, name: str) -> list[dict[str, str]]:
    """The rows of one original file."""
    with (real_files / FOLDER / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fen(text: str) -> int | None:
    """Yuan as written, in fen."""
    return int(Decimal(text) * 100) if text else None


def day(text: str) -> date | None:
    """An ISO date or nothing."""
    return date.fromisoformat(text) if text else None


def expected_deals(real_files: Path) -> dict[str, tuple[Any, ...]]:
    """Every deal as the original says it, by its id; one that was never engaged is opened by the import."""
    found = {}
    for row in rows_of(real_files, "sales_pipeline"):
        status, closed = STATUS[row["deal_stage"]], day(row["close_date"])
        found[row["opportunity_id"]] = (
            row["sales_agent"], row["account"] or None, row["product"].replace("GTXPro", "GTX Pro"), status,
            fen(row["close_value"]), day(row["engage_date"]) or clock.today(),
            closed if status == "won" else None, closed if status == "lost" else None,
        )  # fmt: skip
    return found


def stored_deals() -> dict[str, tuple[Any, ...]]:
    """The same of what is stored."""
    names = ("owner__name", "customer__name", "product__name", "status", "amount", "opened_on", "won_on", "lost_on")
    return {row[0]: row[1:] for row in Deal.objects.filter(deleted_at=None).values_list("number", *names)}


# The two ways in -------------------------------------------------------------------------------------------------


@pytest.fixture
def company(db: None) -> Person:
    """An empty company and its administrator."""
    seeding.ensure(Role, Person.anybody)
    system = system_actor()
    create(Company, {"name": "Lumen Works"}, actor=system)
    create(Team, {"name": "Lumen Works", "kind": "company"}, actor=system)
    return actions.join(actions.Joiner(name="Qian Hui", username="admin", position="administrator"), actor=system)


class CommandLine:
    """`xiaoguan import`, by the administrator, with the numbers that it prints."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def bring(self, path: Path, slug: str, *more: str) -> dict[str, int]:
        """Import one file and return its counts."""
        parser = ArgumentParser()
        import_.arguments(parser)
        words = [str(path), "--as", slug, "--by", "admin", "--json", "--no-links", *more]
        self.capsys.readouterr()
        assert import_.run(parser.parse_args(words)) == 0
        said = json.loads(self.capsys.readouterr().out)
        bad = len({problem["row"] for problem in said["errors"]})
        return {name: said[name] for name in ("rows", "created", "updated", "unchanged", "skipped")} | {"errors": bad}


class Wizard:
    """The pages, by the administrator."""

    def __init__(self, client: Client, admin: Person) -> None:
        self.client = client
        client.force_login(admin)

    def bring(self, path: Path, slug: str) -> dict[str, int]:
        """Upload, take what the wizard proposes, import, and return the counts of the result."""
        upload = SimpleUploadedFile(path.name, path.read_bytes())
        answer = self.client.post(reverse("import:start"), {"as": slug, "file": upload})
        assert answer.status_code == 302, answer.content.decode()
        batch = Import.objects.order_by("-created_at").first()
        assert batch is not None
        where = reverse("import:map", args=[batch.pk])
        assert self.client.get(where).status_code == 200
        worker.drain()
        assert self.client.get(where).status_code == 200
        batch.refresh_from_db()
        foreseen = batch.preview["counts"]
        self.client.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
        worker.drain()
        batch.refresh_from_db()
        assert batch.state == Import.State.DONE
        assert batch.counts == foreseen, "what was shown is what came"
        return {name: int(number) for name, number in batch.counts.items()}


@pytest.fixture(params=["command line", "wizard"])
def way(
    request: pytest.FixtureRequest, company: Person, client: Client, capsys: pytest.CaptureFixture[str]
) -> CommandLine | Wizard:
    """Each way in; both are held against the same numbers, so that they are identical."""
    return CommandLine(capsys) if request.param == "command line" else Wizard(client, company)


def bring_all(way: CommandLine | Wizard, real_files: Path) -> None:
    """People, products, customers and deals; every row makes a record."""
    for name, slug in FILES:
        counts = way.bring(real_files / FOLDER / f"{name}.csv", slug)
        rows = len(rows_of(real_files, name))
        assert counts == {"rows": rows, "created": rows, "updated": 0, "unchanged": 0, "skipped": 0, "errors": 0}, name


# The CRM files ---------------------------------------------------------------------------------------------------


def test_the_company_of_the_files_is_the_company_of_the_pages(
    way: CommandLine | Wizard, company: Person, real_files: Path
) -> None:
    """People, teams, products, customers and all deals; won amount and count per seller, manager and month."""
    bring_all(way, real_files)
    pipeline, sellers = rows_of(real_files, "sales_pipeline"), rows_of(real_files, "sales_teams")
    assert stored_deals() == expected_deals(real_files)
    assert {product.name for product in Product.objects.all()} == {row["product"] for row in
                                                                   rows_of(real_files, "products")}  # fmt: skip
    assert Customer.objects.count() == 85
    manager_of = {row["sales_agent"]: row["manager"] for row in sellers}
    held = Membership.objects.filter(deleted_at=None)
    leads = {row.person.name: row.team for row in held.filter(post="manager").select_related("person", "team")}
    assert set(leads) == set(manager_of.values())
    for row in held.filter(post="member").select_related("person", "team"):
        assert leads[manager_of[row.person.name]] == row.team
    _figures_agree(pipeline, manager_of, leads)
    if isinstance(way, Wizard):
        _everybody_has_a_day(way.client, company, list(manager_of))


def _everybody_has_a_day(client: Client, admin: Person, sellers: list[str]) -> None:
    """One number for the company in the grid, split over months and down to people: their days make it to the fen."""
    year = goals.calendar().year(clock.today())
    where = f"?metric=won_amount&year={year.code}"
    assert client.post(reverse("goals:grid") + where, {f"c|company|{year.code}": "1234.56"}).status_code == 302
    along = {"subject": "company", "direction": "time", "method": "workdays", "apply": "1"}
    assert client.post(reverse("goals:split") + where, along).status_code == 302
    tops = goals.grid(admin, metrics["won_amount"], year)
    for node in [node for top in tops for node in top.walk() if node.children and node.subject.level != "territory"]:
        down = {"subject": node.subject.key, "direction": "down", "method": "even", "apply": "1"}
        assert client.post(reverse("goals:split") + where, down).status_code == 302
    people = list(Person.objects.filter(name__in=sellers).values_list("pk", flat=True))
    keys = [goals.person_key(pk) for pk in people]
    days = daily.vectors(metrics["won_amount"], year, keys)
    assert set(days) == set(keys)
    assert sum(int(each.values.sum()) for each in days.values()) == 12_345_600_00
    for pk in people[:3]:
        assert client.get(f"/api/v1/goals/days?person={pk}").json()["target"] is not None


def _figures_agree(pipeline: list[dict[str, str]], manager_of: dict[str, str], leads: dict[str, Team]) -> None:
    """Hold the product's figures of every month against sums of the rows."""
    won = [row for row in pipeline if row["deal_stage"] == "Won"]
    months = sorted({row["close_date"][:7] for row in won})
    people = {person.name: person for person in Person.objects.filter(name__in=manager_of)}
    for month in months:
        first = date.fromisoformat(f"{month}-01")
        last = first.replace(day=monthrange(first.year, first.month)[1])
        by_seller, by_manager = defaultdict(list), defaultdict(list)
        for row in won:
            if row["close_date"][:7] == month:
                by_seller[row["sales_agent"]].append(fen(row["close_value"]))
                by_manager[manager_of[row["sales_agent"]]].append(fen(row["close_value"]))
        for name, person in people.items():
            assert _won(Slice(first, last, people=[person.pk])) == _totals(by_seller[name]), (month, name)
        for name, team in leads.items():
            assert _won(Slice(first, last, units=subtree_ids(team))) == _totals(by_manager[name]), (month, name)
    whole = Slice(date(2000, 1, 1), date(2100, 1, 1))
    assert _won(whole) == _totals(fen(row["close_value"]) for row in won)


def _won(where: Slice) -> tuple[int, int]:
    figures = queries.figures([metrics["won_amount"], metrics["won_count"]], where)
    return figures.value(metrics["won_amount"]) or 0, figures.value(metrics["won_count"]) or 0


def _totals(amounts: Iterable[int | None]) -> tuple[int, int]:
    found = list(amounts)
    return sum(amount or 0 for amount in found), len(found)
