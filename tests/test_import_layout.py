"""Recognising sheets: titles, units, headers of one and two levels, repeats, totals, twins; and columns by period."""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from xiaoguan.tables.layout import RowKind, choose_sheet, read_layout
from xiaoguan.tables.profile import date_order, profile_columns, settle_orders
from xiaoguan.tables.source import open_path
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.tables.wide import find_wide, total_gap

DATA = Path(os.environ.get("XIAOGUAN_TEST_FILES") or Path(__file__).resolve().parents[2] / "shared" / "data")
WORDS = {"客户名称", "负责人", "金额", "商机编号", "account", "product", "deal_stage", "sales_agent", "close_value"}


def known(text: str) -> bool:
    return text in WORDS


def stranger(_text: str) -> bool:
    return False


def sheet_of(folder: Path, rows: list[list], merges: tuple[str, ...] = ()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    book.save(folder / "sheet.xlsx")
    return open_path(folder / "sheet.xlsx").sheets[0]


def text_sheet(folder: Path, text: str):
    (folder / "sheet.csv").write_text(text, encoding="utf-8")
    return open_path(folder / "sheet.csv").sheets[0]


def kinds(layout) -> list[str]:
    return [RowKind(kind).name.lower() for kind in layout.kinds]


def test_every_row_is_something(tmp_path):
    sheet = sheet_of(
        tmp_path,
        [
            ["2026年11月商机台账", None, None],
            ["制表：销售部", None, "单位：万元"],
            [],
            ["商机编号", "客户名称", "金额"],
            ["D1", "恒岑钢构", 12],
            ["D2", "同砌设计院", 3.5],
            [None, "  ", None],
            ["商机编号", "客户名称", "金额"],
            ["D3", "启昉智造园", 8],
            ["D1", "恒岑钢构", 12],
            ["小计", None, 23.5],
            ["备注：含税", None, None],
        ],
        ("A1:C1",),
    )
    layout = read_layout(sheet, known)
    assert kinds(layout) == ("title unit blank header data data blank repeat data duplicate subtotal note".split())
    assert sum(layout.counts.values()) == layout.total == 12
    assert layout.header.rows == (4,)
    assert (layout.unit, layout.title) == ("万元", "2026年11月商机台账")
    assert layout.twins == {10: 5}
    assert [row.number for row in layout.data()] == [5, 6, 9]
    assert [row.number for row in layout.data(twins=True)] == [5, 6, 9, 10]
    assert [(row.number, kind.name) for row, kind in layout.body() if kind] == [
        (8, "REPEAT"),
        (10, "DUPLICATE"),
        (11, "SUBTOTAL"),
        (12, "NOTE"),
    ]


@pytest.mark.parametrize("vocabulary", [known, stranger])
def test_two_level_header_by_merged_cells(tmp_path, vocabulary):
    sheet = sheet_of(
        tmp_path,
        [
            ["客户编号", "基本信息", None, "商务", None],
            [None, "客户名称", "城市", "负责人", "金额"],
            ["C1", "恒岑钢构", "昆山", "陈思远", 100],
            ["C2", "同砌设计院", "上海", "周敏", 200],
        ],
        ("A1:A2", "B1:C1", "D1:E1"),
    )
    layout = read_layout(sheet, vocabulary)
    assert layout.header.rows == (1, 2)
    assert [(column.name, column.group) for column in layout.columns] == [
        ("客户编号", ""),
        ("客户名称", "基本信息"),
        ("城市", "基本信息"),
        ("负责人", "商务"),
        ("金额", "商务"),
    ]


def test_two_level_header_in_a_text_file(tmp_path):
    sheet = text_sheet(
        tmp_path, "姓名,一季度,,,二季度,,\n,1月,2月,3月,4月,5月,6月\n陈思远,1,2,3,4,5,6\n周敏,2,2,2,2,2,2\n"
    )
    layout = read_layout(sheet, known)
    assert layout.header.rows == (1, 2)
    assert [(column.leaf, column.group) for column in layout.columns][:5] == [
        ("姓名", ""),
        ("1月", "一季度"),
        ("2月", "一季度"),
        ("3月", "一季度"),
        ("4月", "二季度"),
    ]


def test_equal_leaves_are_told_apart_by_their_group(tmp_path):
    sheet = sheet_of(
        tmp_path,
        [["姓名", "1月", None, "2月", None], [None, "目标", "实际", "目标", "实际"], ["陈思远", 1, 2, 3, 4]],
        ("A1:A2", "B1:C1", "D1:E1"),
    )
    names = [column.name for column in read_layout(sheet, known).columns]
    assert names == ["姓名", "1月 目标", "1月 实际", "2月 目标", "2月 实际"]


def test_merged_cells_among_records_are_filled_down(tmp_path):
    sheet = sheet_of(
        tmp_path,
        [["团队", "姓名", "金额"], ["虎队", "陈思远", 1], [None, "周敏", 2], [None, "何嘉木", 3], ["龙队", "沈越", 4]],
        ("A2:A4",),
    )
    layout = read_layout(sheet, known)
    assert [row.cells[0] for row in layout.data()] == ["虎队", "虎队", "虎队", "龙队"]
    assert layout.filled_down == 1


def test_the_user_may_name_the_header_row(tmp_path):
    sheet = sheet_of(tmp_path, [["a", "b", "c"], ["客户名称", "负责人", "金额"], ["恒岑", "陈思远", 3]])
    assert read_layout(sheet, stranger, [2]).header.rows == (2,)
    assert kinds(read_layout(sheet, stranger, [2])) == ["title", "header", "data"]
    assert kinds(read_layout(sheet, stranger, [])) == ["data", "data", "data"]
    with pytest.raises(Unreadable) as caught:
        read_layout(sheet, stranger, [9])
    assert (caught.value.code, caught.value.params["row"]) == ("no_header", 9)


def test_a_table_without_header_gets_letters(tmp_path):
    sheet = text_sheet(tmp_path, "4,19970101,2,29.33\n4,19970118,2,29.73\n21,19970101,3,14.96\n")
    layout = read_layout(sheet, known)
    assert layout.header.rows == ()
    assert [column.name for column in layout.columns] == ["A", "B", "C", "D"]
    assert layout.counts == {RowKind.DATA: 3}


def test_a_name_with_the_word_total_is_no_total(tmp_path):
    sheet = text_sheet(
        tmp_path, "客户名称,负责人,金额\nTotal Wine,陈思远,3\n合计电子有限公司,周敏,4\nTotal,陈思远,9\nTotal,,9\n"
    )
    assert kinds(read_layout(sheet, known)) == ["header", "data", "data", "data", "subtotal"]


def test_row_totals_by_formula_across_the_row_are_records(tmp_path):
    sheet = sheet_of(
        tmp_path,
        [
            ["姓名", "1月", "2月", "合计"],
            ["陈思远", 1, 2, "=SUM(B2:C2)"],
            ["周敏", 3, 4, "=SUM(B3:C3)"],
            ["团队", "=SUM(B2:B3)", "=SUM(C2:C3)", "=SUM(D2:D3)"],
        ],
    )
    assert kinds(read_layout(sheet, known)) == ["header", "data", "data", "subtotal"]


def test_rows_that_end_early_are_damage_only_when_rare(tmp_path):
    rare = text_sheet(tmp_path, "编号,客户名称,金额\n" + "D1,恒岑,3\n" * 30 + "D9,同砌\n")
    assert [row.fault for row in read_layout(rare, known).data(twins=True)].count("too_few_cells") == 1
    usual = text_sheet(
        tmp_path, "编号,客户名称,金额\n" + "".join(f"D{i},恒岑{',3' if i % 2 else ''}\n" for i in range(30))
    )
    layout = read_layout(usual, known)
    assert layout.short_rows_usual
    assert not any(row.fault for row in layout.data())


def test_a_sheet_of_blank_rows_is_refused(tmp_path):
    with pytest.raises(Unreadable) as caught:
        read_layout(sheet_of(tmp_path, [[" ", None], [None, "  "]]), known)
    assert caught.value.code == "no_rows"


@pytest.mark.parametrize(
    ("texts", "order", "sure"),
    [
        (["13/01/2017", "02/03/2017"], "dmy", True),
        (["1/13/2017", "2/3/2017"], "mdy", True),
        (["20-10-16", "01-03-17", "31-12-17"], "dmy", True),
        (["16-10-20", "17-03-01", "17-12-31"], "ymd", True),
        (["01/02/2017", "03/04/2017"], "mdy", False),
        (["01.02.2017", "2017年3月4日", "25.12.2017"], "dmy", True),
    ],
)
def test_the_order_of_dates_is_a_matter_of_the_whole_column(texts, order, sure):
    found = date_order(texts)
    assert (found.order, found.sure) == (order, sure)


def test_unambiguous_dates_have_no_order():
    assert date_order(["2017-01-02", "2017/3/4", "20170105"]) is None


def test_an_unsure_column_follows_a_sure_one():
    unsure, sure = date_order(["01/02/2017"]), date_order(["25/12/2017", "01/02/2017"])
    assert [each.order for each in settle_orders([unsure, None, sure]) if each] == ["dmy", "dmy"]


def test_profiles_tell_what_columns_hold(tmp_path):
    sheet = text_sheet(
        tmp_path,
        '名,电话,邮箱,日期,额\n陈思远,13812345678,a@b.cn,2026年1月5日,"¥1,200"\n周敏,0512-57330000,c@d.com,2026/1/6,3万\n',
    )
    layout = read_layout(sheet, known)
    looks = [profile.looks.most_common(1)[0][0] for profile in profile_columns(layout.data(), 5)]
    assert looks == ["text", "phone", "email", "date", "figure"]


def test_a_plan_by_month_is_recognised_with_its_total(tmp_path):
    months = [f"{month}月" for month in range(1, 13)]
    sheet = sheet_of(
        tmp_path,
        [
            ["2026年度销售目标（单位：万元）", *[None] * 13],
            ["姓名", *months, "合计"],
            ["陈思远", *[10] * 12, 120],
            ["周敏", *[20] * 11, None, 230],
        ],
        ("A1:N1",),
    )
    layout = read_layout(sheet, stranger)
    wide = find_wide(layout.columns, layout.title)
    assert (wide.kind, wide.year, len(wide.columns), len(wide.totals)) == ("month", 2026, 12, 1)
    rows = list(layout.data())
    values = [(column, Decimal(str(cell))) for column, cell in wide.cells(rows[1].cells)]
    assert [column.period.number for column, _ in values] == list(range(1, 12))
    assert total_gap(wide, "", values, Decimal(230)) == 10


def test_quarters_between_months_are_left_to_the_months(tmp_path):
    sheet = text_sheet(tmp_path, "姓名,1月,2月,3月,一季度,4月,5月,6月,Q2,全年\n陈思远,1,1,1,3,1,1,1,3,6\n")
    wide = find_wide(read_layout(sheet, known).columns)
    assert (wide.kind, len(wide.columns), [total.index for total in wide.totals]) == ("month", 6, [9])


def test_real_dates_as_month_headers(tmp_path):
    sheet = sheet_of(tmp_path, [["姓名", *[dt.date(2026, month, 1) for month in range(1, 5)]], ["陈思远", 1, 2, 3, 4]])
    wide = find_wide(read_layout(sheet, stranger, [1]).columns)
    assert (wide.year, [column.period.number for column in wide.columns]) == (2026, [1, 2, 3, 4])


@pytest.mark.skipif(not DATA.exists(), reason="the shared data folder is not beside the repository")
class TestRealFiles:
    """The workbooks with known dirt."""

    @pytest.mark.parametrize("vocabulary", [known, stranger])
    def test_messy_customers(self, vocabulary):
        source = open_path(DATA / "cn_dirty/messy_customers.xlsx")
        sheet = choose_sheet(source.sheets, vocabulary)
        assert sheet.name == "客户清单"
        layout = read_layout(sheet, vocabulary)
        assert layout.header.rows == (3, 4)
        assert layout.counts == {
            RowKind.DATA: 750,
            RowKind.BLANK: 21,
            RowKind.TITLE: 1,
            RowKind.HEADER: 2,
            RowKind.SUBTOTAL: 1,
        }
        assert layout.kind_of(775) is RowKind.SUBTOTAL

    @pytest.mark.parametrize("vocabulary", [known, stranger])
    def test_messy_orders_against_its_list_of_dirt(self, vocabulary):
        layout = read_layout(open_path(DATA / "cn_dirty/messy_orders.xlsx").sheets[0], vocabulary)
        dirt: dict[str, list[int]] = {}
        for line in (DATA / "cn_dirty/messy_orders_dirt.csv").read_text(encoding="utf-8").splitlines()[1:]:
            number, _order, kind = line.split(",")
            dirt.setdefault(kind, []).append(int(number))
        found: dict[RowKind, list[int]] = {}
        for row, kind in layout.rows():
            found.setdefault(kind, []).append(row.number)
        assert found[RowKind.REPEAT] == dirt["repeated_header"]
        assert found[RowKind.DUPLICATE] == dirt["exact_duplicate_row"]
        assert found[RowKind.SUBTOTAL] == dirt["total_row"]
        assert [number for number in found[RowKind.BLANK] if number > 4] == dirt["blank_row"]
        assert len(found[RowKind.DATA]) == 1500
        assert layout.unit == "元"

    def test_the_right_sheet_of_eight(self):
        source = open_path(DATA / "crm_opportunities/data_model.xlsx")
        assert choose_sheet(source.sheets, known).name == "sales_pipeline"
