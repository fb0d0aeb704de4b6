"""Dates in every style that real sheets hold, and the order of a column."""

# ruff: noqa: DTZ001  wall times, as sheets hold them
import csv
import datetime as dt
import gzip
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from xiaoguan.lexicon.dates import YEARS, OrderFound, detect_order, from_serial, parse, parse_moment

days = st.dates(dt.date(1971, 1, 1), dt.date(2069, 12, 31))
DAY = dt.date(2017, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2017年3月5日", "2017年03月05号", "2017/3/5", "2017.03.05", "20170305", "2017-03-05", "2017-3-5", "２０１７／３／５", "2017 3 5",
        "2017年3月5日（星期日）", "2017/3/5 周日", "2017-03-05 13:20", "2017-03-05T13:20:11.123Z", "2017-03-05 08:30 +0800",
        "2017年3月5日 下午3点20分", "二〇一七年三月五日", "二零一七年三月五日", "5-Mar-2017", "05Mar2017", "5-Mar-17", "5 March 2017", "March 5, 2017",
        "Mar 5th, 2017", "2017-Mar-05", "Sun, 5 Mar 2017", "42799", "42799.75", " 2017-03-05 ", "17年3月5日",
        dt.date(2017, 3, 5), dt.datetime(2017, 3, 5, 13, 20), 42799, 42799.0, 20170305, 20170305.0,
    ],
)  # fmt: skip
def test_styles(text: object) -> None:
    assert (parse(text).value, parse(text).code) == (DAY, "")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("3/5/2017", "mdy", DAY), ("5/3/2017", "dmy", DAY), ("05-03-17", "dmy", DAY), ("03.05.17", "mdy", DAY), ("17-03-05", "ymd", DAY),
        ("27/01/15", "ymd", dt.date(2027, 1, 15)), ("3/5/2017", "ymd", DAY), ("25/3/2017", "ymd", dt.date(2017, 3, 25)),
        ("5-3-70", "dmy", dt.date(1970, 3, 5)), ("5-3-69", "dmy", dt.date(2069, 3, 5)), ("2017-03-05", "dmy", DAY),
    ],
)  # fmt: skip
def test_orders(text: str, order: str, day: dt.date) -> None:
    assert parse(text, order).value == day  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "order", "code"),
    [
        ("2026.13.02", "ymd", "no_such_month"), ("2026-02-30", "ymd", "no_such_day"), ("2026-04-31", "ymd", "no_such_day"),
        ("2026-00-10", "ymd", "no_such_month"), ("2026-01-00", "ymd", "no_such_day"), ("14/3/2017", "mdy", "no_such_month"),
        ("3/14/2017", "dmy", "no_such_month"), ("20261302", "ymd", "no_such_month"), ("2026-11-24 25:00", "ymd", "no_such_time"),
        ("长期", "ymd", "not_a_date"), ("2017", "ymd", "not_a_date"), ("100", "ymd", "not_a_date"), ("May", "ymd", "not_a_date"),
        ("2017/3/1-2017/4/1", "ymd", "not_a_date"), ("0001-01-01", "ymd", "not_a_date"), ("9999-12-31", "ymd", "not_a_date"),
        (True, "ymd", "not_a_date"), (12.0, "ymd", "not_a_date"), ("5-Foo-2017", "ymd", "not_a_date"), ("1/2/3", "ymd", "not_a_date"),
    ],
)  # fmt: skip
def test_what_is_no_date(text: object, order: str, code: str) -> None:
    found = parse(text, order)  # type: ignore[arg-type]
    assert (found.value, found.code) == (None, code)


@pytest.mark.parametrize("text", ["", "-", "—", "无", "NULL", "  ", "0000-00-00", "0000-00-00 00:00:00", None])
def test_empty_cells(text: object) -> None:
    assert (parse(text).value, parse(text).code) == (None, "")


@pytest.mark.parametrize(
    ("text", "clock"),
    [("9:05", "09:05"), ("09:05:30", "09:05:30"), ("12:05 AM", "00:05"), ("12:05 pm", "12:05"), ("下午3:20", "15:20"), ("晚上8点", "20:00"),
     ("上午10点5分", "10:05"), ("中午12点", "12:00"), ("凌晨12:30", "00:30"), ("23时59分59秒", "23:59:59"), ("下午15:20", "15:20")],
)  # fmt: skip
def test_times(text: str, clock: str) -> None:
    assert parse_moment(f"2017年3月5日 {text}").value == dt.datetime.combine(DAY, dt.time.fromisoformat(clock))


def test_serial_numbers() -> None:
    assert from_serial(42799.5).value == dt.datetime(2017, 3, 5, 12)
    assert from_serial(42799.999999).value == dt.datetime(2017, 3, 6)
    assert from_serial(60).code == "not_a_date"
    assert from_serial(1e9).code == "not_a_date"


@given(days)
def test_serials_count_days(day: dt.date) -> None:
    assert parse((day - dt.date(1899, 12, 30)).days).value == day


@given(
    days,
    st.sampled_from(
        ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y%m%d", "%d-%b-%Y", "%B %d, %Y", "%d %b %y"]
    ),
)
def test_what_is_written_is_read(day: dt.date, style: str) -> None:
    assert parse(day.strftime(style)).value == day


@given(days, st.sampled_from(["/", "-", "."]), st.sampled_from(["%y", "%Y"]), st.sampled_from(["mdy", "dmy", "ymd"]))
def test_orders_are_read(day: dt.date, mark: str, year: str, order: str) -> None:
    styles = {"y": year, "m": "%m", "d": "%d"}
    assert parse(day.strftime(mark.join(styles[part] for part in order)), order).value == day  # type: ignore[arg-type]


@given(st.text(max_size=20), st.sampled_from(["ymd", "mdy", "dmy"]))
def test_any_text_gives_a_date_or_a_code(text: str, order: str) -> None:
    found = parse(text, order)  # type: ignore[arg-type]
    assert found.value is None or (found.code == "" and found.value.year in YEARS)


@pytest.mark.parametrize(
    ("texts", "order", "sure"),
    [
        (["10/20/2016", "3/1/2017"], "mdy", True), (["20/10/2016", "1/3/2017"], "dmy", True), (["01/02/2017"], "mdy", False),
        (["01-02-2017"], "dmy", False), (["01.02.2017"], "dmy", False), (["20-10-16", "01-03-17"], "dmy", True),
        (["17-02-01", "17-03-25", "17-12-11"], "ymd", True), (["01-02-17", "05-03-17"], "dmy", False),
        (["13/02/2017", "02/13/2017", "02/14/2017"], "mdy", False), (["2017-01-02", "3/14/2017"], "mdy", True),
    ],
)  # fmt: skip
def test_order_of_a_column(texts: list[str], order: str, sure: bool) -> None:
    found = detect_order(texts)
    assert found is not None
    assert (found.order, found.sure) == (order, sure)


def test_columns_that_need_no_order() -> None:
    assert detect_order(["2017-01-02", "2017/3/4", "20170105", "5-Jan-2017", "", "长期"]) is None
    assert detect_order([]) is None
    assert detect_order(["01/02/2017"]) == OrderFound("mdy", False, ("dmy",))


@given(st.lists(days, min_size=1, max_size=30), st.sampled_from(["mdy", "dmy"]))
def test_a_day_past_the_twelfth_settles_the_order(given_days: list[dt.date], order: str) -> None:
    given_days = [*given_days, dt.date(2017, 5, 28)]
    style = {"mdy": "%m/%d/%Y", "dmy": "%d/%m/%Y"}[order]
    found = detect_order([day.strftime(style) for day in given_days])
    assert found == OrderFound(order, True)  # type: ignore[arg-type]


@pytest.mark.parametrize(("variant", "order"), [("dd-mm-yy", "dmy"), ("mdy", "mdy")])
def test_the_same_deals_in_other_peoples_spreadsheets(real_files: Path, variant: str, order: str) -> None:
    """8,800 deals written day first and month first give the dates of the ISO file."""
    folder = real_files / "crm_opportunities"
    with (folder / "sales_pipeline.csv").open(encoding="utf-8") as file:
        right = {row["opportunity_id"]: row for row in csv.DictReader(file)}
    with gzip.open(folder / "date_variants" / f"sales_pipeline_{variant}.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8800
    for column in ("engage_date", "close_date"):
        found = detect_order([row[column] for row in rows])
        assert found is not None
        assert (found.order, found.sure) == (order, True)
        for row in rows:
            day = parse(row[column], found.order)
            assert day.code == ""
            assert (day.value.isoformat() if day.value else "") == right[row["opportunity_id"]][column]
