"""Figures as the design language writes them."""

import pytest
from hypothesis import given, strategies as st

from xiaoguan.calc import figure
from xiaoguan.calc.money import format_compact_en, format_wan, format_yuan

WAN = 1_000_000  # fen


@pytest.mark.parametrize(
    ("fen", "expected"),
    [(62_800_000, ("62.80", "wan")), (0, ("0", "wan")), (None, ("—", "")), (-5_800_000, ("−5.80", "wan")),
     (48_000 * WAN, ("48,000.00", "wan")), (4_999, ("0.00", "wan")), (-4_999, ("0.00", "wan")),
     (5_000, ("0.01", "wan")),
     (-5_000, ("−0.01", "wan")), (123_456_789, ("123.46", "wan"))],
)  # fmt: skip
def test_wan_in_columns(fen: int | None, expected: tuple[str, str]) -> None:
    assert format_wan(fen) == expected


@pytest.mark.parametrize(
    ("fen", "expected"),
    [(10_000 * WAN, ("1.00", "yi")), (9_999 * WAN, ("9,999.00", "wan")), (48_000 * WAN, ("4.80", "yi")),
     (9_999_995 * WAN // 1000, ("1.00", "yi")), (9_999_994 * WAN // 1000, ("9,999.99", "wan")),
     (-48_000 * WAN, ("−4.80", "yi"))],
)  # fmt: skip
def test_yi_in_sentences(fen: int, expected: tuple[str, str]) -> None:
    assert format_wan(fen, sentence=True) == expected


def test_other_decimals_and_signs() -> None:
    assert format_wan(27_000_000, decimals=1) == ("27.0", "wan")
    assert format_wan(893 * WAN, decimals=0) == ("893", "wan")
    assert format_wan(18_400_000, signed=True) == ("+18.40", "wan")
    assert format_wan(-18_400_000, signed=True) == ("−18.40", "wan")
    assert format_wan(0, signed=True) == ("0", "wan")


@pytest.mark.parametrize(
    ("fen", "expected"),
    [(14_500_000, "145,000.00"), (1, "0.01"), (-100, "−1.00"), (0, "0"), (210_000, "2,100.00"), (None, "—")],
)
def test_yuan_to_the_fen(fen: int | None, expected: str) -> None:
    assert format_yuan(fen).number == expected


@pytest.mark.parametrize(
    ("fen", "expected"),
    [(62_800_000, ("628.0", "k")), (120_000_000, ("1,200.0", "k")), (999_900_000, ("9,999.0", "k")),
     (1_234_500_000, ("12.35", "M")), (1_000_000_000, ("10.00", "M")), (None, ("—", "")), (0, ("0", "k"))],
)  # fmt: skip
def test_english(fen: int | None, expected: tuple[str, str]) -> None:
    assert format_compact_en(fen) == expected


def test_english_keeps_one_unit_per_column() -> None:
    assert format_compact_en(1_234_500_000, unit="k") == ("12,345.0", "k")
    assert format_compact_en(62_800_000, unit="M") == ("0.63", "M")
    assert format_compact_en(5_770_000, decimals=0) == ("58", "k")


def test_number_and_word_are_joined_by_a_no_break_space() -> None:
    assert format_compact_en(62_800_000).text({}) == "628.0\u00a0k"
    assert format_wan(62_800_000).text({"wan": "万"}) == "62.80\u00a0万"
    assert format_wan(None).text({"wan": "万"}) == "—"


@given(st.integers(-(10**18), 10**18))
def test_yuan_reads_back_exactly(fen: int) -> None:
    text = format_yuan(fen).number.replace(",", "").replace("−", "-")
    whole, _, rest = text.partition(".")
    assert int(whole + (rest or "00")) == fen


@given(st.integers(-(10**18), 10**18))
def test_wan_is_off_by_half_a_digit_at_most(fen: int) -> None:
    shown = int(format_wan(fen).number.replace(",", "").replace("−", "-").replace(".", "")) * (10_000 if fen else 1)
    assert abs(shown - fen) <= 5_000


def test_rates_probabilities_counts_and_ranges() -> None:
    assert figure.format_rate(52_333) == "52.3%"
    assert figure.format_rate(6_800, signed=True) == "+6.8%"
    assert figure.format_rate(None) == "—"
    assert figure.format_rate(0) == "0%"
    assert [figure.format_probability(p) for p in (0.0, 0.001, 0.005, 0.344, 0.995, 1.0, None)] == [
        "0%", "<1%", "1%", "34%", ">99%", "100%", "—"
    ]  # fmt: skip
    assert figure.format_count(1425) == "1,425"
    assert figure.format_count(None) == "—"
    assert figure.format_range("94", "126") == "94 – 126"
