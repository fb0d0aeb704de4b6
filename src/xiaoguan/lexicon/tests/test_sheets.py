"""Words that give away totals, units and periods."""

import pytest

from xiaoguan.lexicon.sheets import is_total, period_of, unit_note, unit_of_header, without_unit, yes_or_no


@pytest.mark.parametrize(
    "text",
    ["合计", "合 计", "小计", "总计：", "汇总", "本页小计", "共计", "Total", "subtotal", "Grand Total:", "合计（元）"],
)
def test_totals(text: str) -> None:
    assert is_total(without_unit(text))


@pytest.mark.parametrize("text", ["总计算机", "合计科技有限公司", "Totalfina", "一月", ""])
def test_no_totals(text: str) -> None:
    assert not is_total(text)


@pytest.mark.parametrize(
    ("text", "month", "year"),
    [("1月", 1, 0), ("一月", 1, 0), ("十二月", 12, 0), ("12月份", 12, 0), ("Jan", 1, 0), ("September", 9, 0), ("2026-01", 1, 2026),
     ("2026年1月", 1, 2026), ("1月目标", 1, 0), ("1月(万)", 1, 0), ("Jan-26", 1, 2026), ("01月", 1, 0)],
)  # fmt: skip
def test_months(text: str, month: int, year: int) -> None:
    found = period_of(text)
    assert found is not None
    assert (found.kind, found.number, found.year) == ("month", month, year)


def test_what_is_no_period() -> None:
    assert [period_of(text) for text in ("月", "13月", "姓名", "", "1月1日")] == [None] * 5


def test_units() -> None:
    assert unit_of_header("合同额（万）") == unit_of_header("年采购额(万元)") == unit_note("单位：万元") == "万元"
    assert unit_note("单位：元") == "元"
    assert unit_of_header("客户") == ""


def test_ticks() -> None:
    assert [yes_or_no(text) for text in ("是", "√", "Y", "否", "×", "也许", "")] == [
        True,
        True,
        True,
        False,
        False,
        None,
        None,
    ]


@pytest.mark.parametrize(
    "text", ["FY25Q1", "FY2025 Q1", "Q1 FY25", "Q1FY2025", "2025Q1", "25Q1", "Q1'25", "Q1 2025", "2025财年Q1",
             "2025财年一季度", "2025年第1季度", "FY25-Q1 Quota"],
)  # fmt: skip
def test_quarters_of_fiscal_years(text: str) -> None:
    assert period_of(text) == ("quarter", 1, 2025)


def test_years_and_halves_of_fiscal_years() -> None:
    assert [period_of(text) for text in ("FY25", "2025财年", "FY2025")] == [("year", 1, 2025)] * 3
    assert [period_of(text) for text in ("FY25H2", "2025年下半年", "H2 2025")] == [("half", 2, 2025)] * 3
