"""Years that begin in another month: imports by quarter, figures by quarter and year, pages, one calendar for all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals import queries
from xiaoguan.apps.goals.actions import lock, set_targets, split_year
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.dialects import DIALECTS
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.calc.period import FiscalCalendar
from xiaoguan.kit import clock
from xiaoguan.kit.action import create
from xiaoguan.transfer import batches
from xiaoguan.transfer.options import Options

from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)


def _starting(cast: Cast, start: int) -> FiscalCalendar:
    type(cast.company).objects.update(fiscal_year_start=start)
    return FiscalCalendar(start)


@pytest.mark.parametrize("start", range(1, 13))
def test_the_database_knows_the_same_quarters_and_years(start: int) -> None:
    """First and last days of months, leap days too: what groups figures is what pages call a quarter and a year."""
    calendar = FiscalCalendar(start)
    days = [dt.date(2023 + at // 12, at % 12 + 1, day) for at in range(36) for day in (1, 28)] + [dt.date(2024, 2, 29)]
    ends = [day - dt.timedelta(1) for day in days if day.day == 1]
    listed = " UNION ALL ".join(
        f"SELECT {'DATE ' if connection.vendor == 'postgresql' else ''}'{day}' AS \"on\"" for day in [*days, *ends]
    )
    columns = [DIALECTS[connection.vendor].dimension(unit, start) for unit in ("quarter", "year")]
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT CAST(c."on" AS text), {", ".join(columns)} FROM ({listed}) c')
        for text, quarter, year in cursor.fetchall():
            day = dt.date.fromisoformat(text)
            assert quarter == calendar.quarter(day).start.isoformat()
            assert year == calendar.year(day).start.isoformat()


@pytest.mark.parametrize("start", [1, 4, 7, 10])
def test_one_calendar_for_targets_figures_and_pages(cast: Cast, client: Client, start: int) -> None:
    """A year's target by last year's shape, its figures by quarter and year, and every page of targets and homes."""
    calendar = _starting(cast, start)
    seller = Subject("person", cast.seller.pk)
    with clock.at(NOON):
        year = calendar.year(NOON.date())
        won = Stage.objects.get(code="after_sales")
        customer = create(Customer, {"name": "Halden"}, actor=cast.seller)
        for at, month in enumerate(year.year_before().split("month")):
            deal = {"customer": customer, "stage": won, "amount": (at + 1) * 100_00, "won_on": month.end}
            create(Deal, {**deal, "opened_on": month.start}, actor=cast.seller)
        found = figures([WON_AMOUNT], Slice(year.year_before().start, year.end), by=["year"])
        assert found.value(WON_AMOUNT, (year.year_before().start.isoformat(),)) == 78 * 100_00
        by_quarter = figures([WON_AMOUNT], Slice(year.year_before().start, year.end), by=["quarter"])
        sums = [by_quarter.value(WON_AMOUNT, (each.start.isoformat(),)) for each in year.year_before().split("quarter")]
        assert sums == [6 * 100_00, 15 * 100_00, 24 * 100_00, 33 * 100_00]
        split_year(WON_AMOUNT, seller, year, 780_001, [at + 1 for at in range(12)], actor=cast.director)
        told = queries.targets(WON_AMOUNT, year.start, year.end)
        assert told.of(seller.key, year) == 780_001
        assert [told.of(seller.key, each) for each in year.split("quarter")] == [60_000, 150_000, 240_000, 330_001]
        client.force_login(cast.director)
        where = {"metric": "won_amount", "year": year.code}
        for name, given in (
            ("goals:grid", where), ("goals:days", {"on": "2026-11-18", "show": "week"}), ("goals:new", {}),
            ("goals:line", {**where, "subject": seller.key}), ("home", {}), ("home", {"period": "quarter"}),
            ("home", {"period": "year"}),
        ):  # fmt: skip
            assert client.get(reverse(name), given).status_code == 200, name
        preview = client.post(
            reverse("goals:split") + f"?metric=won_amount&year={year.code}",
            {"subject": seller.key, "direction": "time", "method": "last_year"},
        )
        assert [row["key"] for row in preview.context["rows"]] == [month.code for month in year.split("month")]
        page = client.get(reverse("home"), {"period": "year"})
        assert page.context["period"] == year


def _import(text: str, actor: Any) -> Any:
    file = ContentFile(text.encode(), name="quota.csv")
    entity = Target.entity
    return batches.session_of(batches.take(file, "quota.csv", entity, actor, Options.from_json({}).to_json()))


def test_a_quota_history_by_quarter_becomes_months(cast: Cast) -> None:
    """Fiscal quarters in any spelling, a rate among amounts, half a year; again unchanged; locked months hold."""
    from tests.test_import_entities import imported

    calendar = _starting(cast, 4)
    year = calendar.parse("2025")
    rows = [
        f"{cast.seller.name},Quota,FY25Q1,300000.01", f"{cast.seller.name},Quota,Q2 2025,600000",
        f"{cast.seller.name},Quota,FY25H2,1200000", f"{cast.seller.name},win rate,FY25 Q1,35%",
        f"{cast.seller.name},new customers,2025Q1,10", f"{cast.peer.name},Quota,2025-04,70000",
    ]  # fmt: skip
    text = "\n".join(["Salesperson,Metric,Period,Value", *rows])
    batch = imported(text, "target-lines", cast.administrator)
    assert batch.counts["created"] == 6
    key = queries.person_key(cast.seller.pk)
    told = queries.targets(WON_AMOUNT, year.start, year.end)
    assert [told.of(key, each) for each in year.split("quarter")[:2]] == [300_000_01, 600_000_00]
    assert told.of(key, year) == 300_000_01 + 600_000_00 + 1_200_000_00
    months = [told.of(key, month) for month in year.split("month")]
    assert None not in months
    assert Target.objects.get(metric="win_rate").rate == 35_000
    assert sum(Target.objects.filter(metric="new_customers").values_list("number", flat=True)) == 10
    again = _import(text, cast.administrator).plan().counts
    assert (again["unchanged"], again["created"], again["updated"]) == (6, 0, 0)
    first = year.split("month")[0]
    set_targets(WON_AMOUNT, {(Subject.parse(key), first): 400_000_00}, actor=cast.director)
    lock(WON_AMOUNT, [(Subject.parse(key), first)], actor=cast.director)
    tally = _import(text, cast.administrator).plan(every=True)
    assert [(problem.row, problem.code) for problem in tally.every] == [(2, "refused")]
    assert first.code[:4] in tally.every[0].message
