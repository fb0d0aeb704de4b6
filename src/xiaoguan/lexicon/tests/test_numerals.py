"""Amounts in every style that real sheets hold."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from xiaoguan.lexicon.numerals import NOTHING, SCALES, UNDECIDED, parse

amounts = st.decimals(-(10**13), 10**13, places=2)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("1,234.50", "1234.5"), ("￥1,234", "1234"), ("¥1,234.00", "1234"), ("1.23亿", "123000000"), ("12.5万", "125000"),
        ("12.5萬", "125000"), ("12.5萬元", "125000"), ("(1,234.00)", "-1234"), ("（1,234.00）", "-1234"), ("（¥1,234）", "-1234"),
        ("¥(1,234)", "-1234"), ("¥-500", "-500"), ("-500", "-500"), ("−500", "-500"), ("500-", "-500"), ("+500", "500"),
        ("１，２３４．５０", "1234.5"), ("1200万元整", "12000000"), ("RMB 500", "500"), ("CNY1,000", "1000"), ("人民币500元", "500"),
        ("500元", "500"), ("500 元", "500"), ("12.5 万 元", "125000"), ("12.5w", "125000"), ("3k", "3000"), ("1.5M", "1500000"),
        ("3百万", "3000000"), ("5千元", "5000"), (".5", "0.5"), ("5.", "5"), ("1.2E+05", "120000"), ("1 234.50", "1234.5"),
        ("1.234,56", "1234.56"), ("0", "0"), ("-0", "0"), ("0042", "42"), ("\u00a01,054.00\u3000", "1054"),
    ],
)  # fmt: skip
def test_styles(text: str, yuan: str) -> None:
    found = parse(text)
    assert (found.value, found.code) == (Decimal(yuan), "")


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("一百二十万", "1200000"), ("十五", "15"), ("两千零五", "2005"), ("一万二", "12000"), ("一万零二", "10002"), ("一点五万", "15000"),
        ("十二点五万", "125000"), ("三百万元", "3000000"), ("两亿三千万", "230000000"), ("壹万贰仟叁佰元伍角整", "12300.5"), ("壹佰元整", "100"),
        ("伍仟圆正", "5000"), ("叁角伍分", "0.35"), ("3万5", "35000"), ("3万5000", "35000"), ("1亿2000万", "120000000"),
        ("3千5百万", "35000000"), ("12万5000元", "125000"), ("（一百万）", "-1000000"), ("零", "0"),
    ],
)  # fmt: skip
def test_spoken_amounts(text: str, yuan: str) -> None:
    found = parse(text, unit="万")
    assert (found.value, found.code) == (Decimal(yuan), "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("面议", "undecided"), ("待定", "undecided"), ("约50万", "undecided"), ("50万左右", "undecided"), ("10-20万", "undecided"),
        ("10万~20万", "undecided"), (">100万", "undecided"), ("50万以上", "undecided"), ("TBD", "undecided"), ("abc", "not_a_number"),
        ("元", "not_a_number"), ("万", "not_a_number"), ("2017-03-05", "not_a_number"), ("二〇二六", "not_a_number"), ("¥", "not_a_number"),
        ("()", "not_a_number"), ("1,23", "bad_grouping"), ("1,2345", "bad_grouping"), ("1 2", "bad_grouping"), ("1.2.3", "bad_grouping"),
        ("12%", "unknown_unit"), ("500人", "unknown_unit"), ("5吨", "unknown_unit"), ("客户A", "not_a_number"),
    ],
)  # fmt: skip
def test_what_is_no_amount(text: str, code: str) -> None:
    found = parse(text)
    assert (found.value, found.code) == (None, code)


@pytest.mark.parametrize("text", [*sorted(NOTHING), "  ", "　", "－", "NULL", "N/A", None, float("nan")])
def test_empty_cells(text: object) -> None:
    found = parse(text)
    assert (found.value, found.code) == (None, "")


def test_the_unit_of_the_column_holds_only_where_the_cell_names_none() -> None:
    assert parse("￥40,881", unit="万元").value == 408_810_000
    assert parse("5.88亿", unit="万元").value == 588_000_000
    assert parse("1234元", unit="万").value == 1234
    assert (parse("3k", unit="万").unit, parse("3", unit="万").unit) == ("k", "")
    assert parse(440349.36, unit="万元").value == Decimal("4403493600")


def test_currencies_are_named_not_converted() -> None:
    assert (parse("$1,234").value, parse("$1,234").currency) == (1234, "USD")
    assert parse("HK$500").currency == "HKD"
    assert parse("￥5").currency == "CNY"
    assert parse("5").currency == ""


@given(
    amounts,
    st.sampled_from(["", "¥", "￥", "RMB ", "CNY"]),
    st.booleans(),
    st.sampled_from(["", "万", "亿", "万元", "元"]),
)
def test_what_is_written_is_read(amount: Decimal, sign: str, grouped: bool, unit: str) -> None:
    text = f"{abs(amount):,}" if grouped else f"{abs(amount)}"
    text = f"{sign}{text}{unit}"
    text = f"({text})" if amount < 0 else text
    found = parse(text)
    assert found.code == ""
    assert found.value == amount * SCALES[unit]


@given(st.integers(1, 10**9 - 1))
def test_spoken_numbers_are_read(number: int) -> None:
    assert parse(spoken(number)).value == number


def spoken(number: int) -> str:
    """Return a number below a thousand million in Chinese, as banks write it."""
    if number >= 10_000:
        for size, word in ((10**8, "亿"), (10**4, "万")):
            if number >= size:
                high, low = divmod(number, size)
                joint = "零" if 0 < low < size // 10 else ""
                return spoken(high) + word + (joint + spoken(low) if low else "")
    text, zero = "", False
    for size, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if zero and text else "") + "零一二三四五六七八九"[digit] + word
        zero = not digit
    return text


@given(st.floats(-1e12, 1e12))
def test_numbers_of_a_sheet_are_exact(number: float) -> None:
    assert parse(number).value == Decimal(repr(number))


@given(st.text(max_size=20))
def test_any_text_gives_a_value_or_a_code(text: str) -> None:
    found = parse(text)
    assert found.value is None or (found.code == "" and found.value.is_finite())
    assert found.code in {"", "not_a_number", "undecided", "unknown_unit", "bad_grouping"}


def test_words_without_amount_are_lower_case() -> None:
    assert all(word == word.lower() for word in (*NOTHING, *UNDECIDED, *SCALES))
