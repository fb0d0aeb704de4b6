"""The public CRM files end to end: by the command line and by the wizard, against figures computed from the files."""

import csv
import datetime as dt
import gzip
import io
import json
import os
from collections import Counter, defaultdict
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, StageEntry
from xiaoguan.apps.org import actions
from xiaoguan.apps.org.models import Membership, Person, Team
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.config import cli
from xiaoguan.kit import worker
from xiaoguan.kit.models import Credit
from xiaoguan.transfer.models import Import, ImportRow

DATA = Path(os.environ.get("XIAOGUAN_TEST_FILES") or Path(__file__).resolve().parents[2] / "shared" / "data")
CRM = DATA / "crm_opportunities"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.exists(), reason="the shared data folder is not beside the repository"),
]
FILES = (("sales_teams.csv", "people"), ("products.csv", "products"), ("accounts.csv", "customers"))


def command_line(capsys, *words: object) -> dict:
    """What `xiaoguan import … --json` ends with."""
    code = cli.main(["import", *map(str, words), "--json"])
    shown = capsys.readouterr()
    assert code == 0, shown.err
    found = json.loads(shown.out.splitlines()[-1])
    bad = len({entry["row"] for entry in found["errors"]})
    counts = [found[name] for name in ("created", "updated", "unchanged", "skipped")]
    assert sum(counts) + bad == found["rows"]
    return found


def by_wizard(client, path: Path, slug: str, name: str = "") -> Import:
    """Upload, accept what is proposed, import."""
    upload = SimpleUploadedFile(name or path.name, path.read_bytes())
    answer = client.post(reverse("import:start"), {"as": slug, "file": upload})
    assert answer.status_code == 302, answer.content.decode()
    batch = Import.objects.order_by("-created_at").first()
    where = reverse("import:map", args=[batch.pk])
    client.get(where)
    worker.drain()
    assert client.get(where).status_code == 200
    batch.refresh_from_db()
    client.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
    worker.drain()
    batch.refresh_from_db()
    assert batch.state == Import.State.DONE
    assert batch.counts == batch.preview["counts"], "the preview told what happened"
    return batch


def truth() -> dict:
    """Won amount and count per seller, manager and month, straight from the files."""
    managers = {row["sales_agent"]: row["manager"] for row in csv.DictReader((CRM / "sales_teams.csv").open())}
    found = {"seller": defaultdict(Counter), "manager": defaultdict(Counter), "month": defaultdict(Counter)}
    for row in csv.DictReader((CRM / "sales_pipeline.csv").open()):
        if row["deal_stage"] != "Won":
            continue
        marks = {
            "seller": row["sales_agent"],
            "manager": managers[row["sales_agent"]],
            "month": row["close_date"][:7],
        }
        for kind, mark in marks.items():
            found[kind][mark]["amount"] += int(row["close_value"]) * 100
            found[kind][mark]["count"] += 1
    return {kind: {mark: dict(sums) for mark, sums in marks.items()} for kind, marks in found.items()}


def figures() -> dict:
    """The same from what the metrics read."""
    won = Credit.objects.filter(fact="won")
    sums = {"amount": Sum("amount"), "count": Count("id")}
    leaders = dict(Membership.objects.filter(post="manager").values_list("team_id", "person__name"))
    rows = {
        "seller": {row.pop("person__name"): row for row in won.values("person__name").annotate(**sums)},
        "manager": {leaders[row.pop("unit_id")]: row for row in won.values("unit_id").annotate(**sums)},
    }
    months = won.annotate(month=TruncMonth("on")).values("month").annotate(**sums)
    rows["month"] = {row.pop("month").strftime("%Y-%m"): row for row in months}
    return rows


def check_pipeline() -> None:
    """Every deal, value by value."""
    deals = {
        deal.number: deal
        for deal in Deal.objects.select_related("owner", "product", "customer", "stage").filter(deleted_at__isnull=True)
    }
    stages = {"Won": "after_sales", "Lost": "lost", "Engaging": "needs", "Prospecting": "prospecting"}
    rows = list(csv.DictReader((CRM / "sales_pipeline.csv").open()))
    assert len(deals) == len(rows) == 8800
    for row in rows:
        deal = deals[row["opportunity_id"]]
        assert deal.owner.name == row["sales_agent"]
        assert (deal.customer.name if deal.customer else "") == row["account"]
        assert deal.product.name.replace(" ", "") == row["product"].replace(" ", "")
        assert deal.stage.code == stages[row["deal_stage"]]
        assert deal.amount == (int(row["close_value"]) * 100 if row["close_value"] else None)
        assert (deal.closed_on.isoformat() if deal.closed_on else "") == row["close_date"]
        if row["engage_date"]:
            assert deal.opened_on.isoformat() == row["engage_date"]
    assert Deal.objects.filter(customer__isnull=True).count() == 1425
    assert Customer.objects.count() == 85
    assert StageEntry.objects.count() == 8800
    assert figures() == truth()


@pytest.fixture
def administrator(client):
    person = actions.join(
        actions.Joiner(name="Admin", username="admin", position="administrator"), actor=system_actor()
    )
    client.force_login(person)
    return person


def test_people_make_teams_and_managers(capsys):
    found = command_line(capsys, CRM / "sales_teams.csv", "--as", "people")
    assert found["created"] == 35
    assert len(found["links"]) == 41
    assert Team.objects.count() == 9
    assert Membership.objects.filter(post="manager").count() == 6
    seller = Person.objects.get(name="Moses Frase")
    assert seller.unit.memberships.get(post="manager").person.name == "Dustin Brinkmann"
    assert seller.unit.parent.name == "Central"
    assert [role.code for role in seller.roles.all()] == ["salesperson"]
    again = command_line(capsys, CRM / "sales_teams.csv", "--as", "people")
    assert (again["created"], again["unchanged"], "links" in again) == (0, 35, False)
    assert Membership.objects.count() == 41


def test_accounts_point_at_each_other(capsys):
    found = command_line(capsys, CRM / "accounts.csv", "--as", "customers")
    assert (found["created"], found["errors"]) == (85, [])
    wanted = {row["account"]: row["subsidiary_of"] for row in csv.DictReader((CRM / "accounts.csv").open())}
    stored = Customer.objects.select_related("parent")
    assert {each.name: each.parent.name if each.parent else "" for each in stored} == wanted
    assert Customer.objects.get(name="Acme Corporation").founded_on == dt.date(1996, 1, 1)


@pytest.mark.slow
def test_the_whole_company_by_command_line(capsys, tmp_path):
    for name, entity in FILES:
        command_line(capsys, CRM / name, "--as", entity)
    dry = command_line(capsys, CRM / "sales_pipeline.csv", "--as", "deals", "--dry-run")
    assert Deal.objects.count() == 0
    found = command_line(capsys, CRM / "sales_pipeline.csv", "--as", "deals")
    assert found == dry
    assert (found["rows"], found["created"], found["errors"], found["warnings"]) == (8800, 8800, [], [])
    check_pipeline()
    for variant in ("dd-mm-yy", "mdy"):
        path = tmp_path / f"{variant}.csv"
        path.write_bytes(gzip.decompress((CRM / f"date_variants/sales_pipeline_{variant}.csv.gz").read_bytes()))
        assert command_line(capsys, path, "--as", "deals", "--dry-run")["unchanged"] == 8800
    for other in (DATA / "cn_dirty/crm_pipeline_gbk.csv", CRM / "data_model.xlsx"):
        assert command_line(capsys, other, "--as", "deals", "--dry-run")["unchanged"] == 8800


@pytest.mark.slow
def test_the_whole_company_by_wizard_from_the_gbk_file(client, administrator):
    for name, entity in FILES:
        by_wizard(client, CRM / name, entity)
    batch = by_wizard(client, DATA / "cn_dirty/crm_pipeline_gbk.csv", "deals")
    assert batch.counts == {"rows": 8800, "created": 8800, "updated": 0, "unchanged": 0, "skipped": 0, "errors": 0}
    check_pipeline()
    results = Counter(ImportRow.objects.filter(batch=batch).values_list("result", flat=True))
    assert results == {"created": 8800}


def test_messy_orders_by_wizard_and_command_line(client, administrator, capsys):
    path = DATA / "cn_dirty/messy_orders.xlsx"
    planned = command_line(capsys, path, "--as", "deals", "--dry-run", "--by", "admin")
    batch = by_wizard(client, path, "deals")
    counts = dict(batch.counts)
    errors = counts.pop("errors")
    assert {**counts, "errors": errors} == {
        **{name: planned[name] for name in counts},
        "errors": len(planned["errors"]),
    }
    assert counts == {"rows": 1510, "created": 1500, "updated": 0, "unchanged": 0, "skipped": 10}
    real = {row["opportunity_id"]: row for row in csv.DictReader((CRM / "sales_pipeline.csv").open())}
    dirt = defaultdict(set)
    for row in csv.DictReader((DATA / "cn_dirty/messy_orders_dirt.csv").open(encoding="utf-8")):
        dirt[row["order_id"]].add(row["dirt"])
    refunds = {"amount_negative_refund", "amount_parenthesised_negative_refund"}
    for deal in Deal.objects.select_related("customer", "product"):
        row = real[deal.number]
        value = int(row["close_value"]) * 100
        wanted = None if "amount_missing" in dirt[deal.number] else -value if dirt[deal.number] & refunds else value
        assert deal.amount == wanted, (deal.number, dirt[deal.number])
        assert deal.won_on.isoformat() == row["close_date"]
        assert deal.customer.name.lower() == row["account"].lower()
    customers = {row["account"] for row in real.values() if row["account"]}
    assert Customer.objects.count() <= len(customers)


def test_messy_customers(client, administrator, capsys):
    path = DATA / "cn_dirty/messy_customers.xlsx"
    planned = command_line(capsys, path, "--as", "customers", "--dry-run", "--by", "admin")
    batch = by_wizard(client, path, "customers")
    assert batch.counts == {"rows": 751, "created": 750, "updated": 0, "unchanged": 0, "skipped": 1, "errors": 0}
    assert planned["created"] == 750
    names = {}
    for row in csv.DictReader((DATA / "cn_dirty/messy_customers_truth.csv").open(encoding="utf-8")):
        names[row["客户编号"]] = " ".join(row["name_as_written"].split())
    stored = {each.number: each for each in Customer.objects.all()}
    assert {number: each.name for number, each in stored.items()} == names
    sheet = openpyxl.load_workbook(path)["客户清单"]
    for number, cells in ((row[0], row) for row in sheet.iter_rows(min_row=5, values_only=True) if row[0] in stored):
        customer, amount, since = stored[number], cells[9], cells[8]
        if amount in (None, "-"):
            assert customer.annual_purchase is None
        elif isinstance(amount, int | float):
            assert customer.annual_purchase == round(amount * 10_000 * 100)
        if isinstance(since, dt.datetime):
            assert customer.since == since.date()
        assert customer.owner is None
        assert customer.extra["import_owner"] == cells[7], "the original text is kept"


def test_the_file_of_problem_rows_can_be_imported_as_it_is(capsys, tmp_path):
    text = "客户编号,客户名称,年采购额(万元)\nC1,恒岑钢构,12\nC2,同砌设计院,abc\n"
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    found = command_line(capsys, tmp_path / "c.csv", "--as", "customers", "--bad-rows", tmp_path / "bad.xlsx")
    assert [(each["row"], each["column"], each["code"]) for each in found["errors"]] == [
        (3, "年采购额(万元)", "not_a_number")
    ]
    book = openpyxl.load_workbook(tmp_path / "bad.xlsx")
    book.active["C2"] = "3.5"
    out = io.BytesIO()
    book.save(out)
    (tmp_path / "bad.xlsx").write_bytes(out.getvalue())
    again = command_line(capsys, tmp_path / "bad.xlsx", "--as", "customers")
    assert (again["created"], again["errors"]) == (1, [])
    assert Customer.objects.get(number="C2").annual_purchase == 3_500_000
