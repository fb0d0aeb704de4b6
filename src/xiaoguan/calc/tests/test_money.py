"""Laws of amounts: exact conversion, one rounding, rates that cancel, refusals instead of overflow."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.calc import money
from xiaoguan.calc.errors import MoneyError, ShareError
from xiaoguan.calc.rounding import INT64_MAX, divide_half_up

amounts = st.integers(-(10**16), 10**16)
rates = st.integers(-300_000, 300_000)


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**12))
def test_rounding_is_to_the_nearest(numerator: int, denominator: int) -> None:
    error = 2 * abs(divide_half_up(numerator, denominator) * denominator - numerator)
    assert error <= denominator
    if error == denominator:  # a half: away from zero
        assert abs(divide_half_up(numerator, denominator)) * denominator > abs(numerator)


@given(st.decimals(-(10**6), 10**6, places=3))
def test_rounding_is_decimals_half_up(value: Decimal) -> None:
    numerator, denominator = value.as_integer_ratio()
    assert divide_half_up(numerator, denominator) == int(value.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(1, 2, 1), (-1, 2, -1), (3, 2, 2), (-3, 2, -2), (1, 3, 0), (2, 3, 1), (1, -2, -1), (0, 5, 0),
     (10**40, 3, 10**40 // 3)],
)  # fmt: skip
def test_rounding_by_hand(numerator: int, denominator: int, expected: int) -> None:
    assert divide_half_up(numerator, denominator) == expected


def test_rounding_by_zero_is_refused() -> None:
    with pytest.raises(MoneyError, match="divided_by_zero"):
        divide_half_up(1, 0)


@given(amounts, st.sampled_from(["CNY", "JPY", "BHD", "USD"]))
def test_minor_and_back(minor: int, currency: str) -> None:
    assert money.to_minor(money.from_minor(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("1234.50", "CNY", 123450), ("-0.01", "CNY", -1), ("12", "JPY", 12), ("1.234", "BHD", 1234), (7, "CNY", 700),
     ("1E+3", "CNY", 100_000), ("0.10", "CNY", 10), ("-0", "CNY", 0)],
)  # fmt: skip
def test_minor_exact(amount: str | int, currency: str, expected: int) -> None:
    assert money.to_minor(amount, currency) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [("12.345", "CNY", "too_precise"), ("1.5", "JPY", "too_precise"), ("1E-40", "CNY", "too_precise"),
     ("abc", "CNY", "not_a_number"), ("NaN", "CNY", "not_a_number"), ("Infinity", "CNY", "not_a_number"),
     ("1E+999999", "CNY", "too_large"), ("99999999999999999", "CNY", "too_large"), ("1", "XXX", "unknown_currency")],
)  # fmt: skip
def test_minor_refusals(amount: str, currency: str, code: str) -> None:
    with pytest.raises(MoneyError) as caught:
        money.to_minor(amount, currency)
    assert caught.value.code == code


def test_minor_rounding_when_asked() -> None:
    assert money.to_minor("16.445", rounding=True) == 1645
    assert money.to_minor("-16.445", rounding=True) == -1645
    assert money.to_minor("1E-40", rounding=True) == 0


@given(amounts, rates)
def test_a_refund_cancels_its_sale(minor: int, rate: int) -> None:
    assert money.apply_rate(-minor, rate) == -money.apply_rate(minor, rate)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-(10**13), 10**13), rates), min_size=1, max_size=20))
def test_rates_of_arrays_equal_rates_of_cells(pairs: list[tuple[int, int]]) -> None:
    values, shares = np.array(pairs).T
    assert money.apply_rates(values, shares).tolist() == [money.apply_rate(v, r) for v, r in pairs]


def test_rates_of_arrays_beyond_int64_products() -> None:
    values = np.array([9 * 10**17, -(9 * 10**17), 3])
    assert money.apply_rates(values, 99_999).tolist() == [money.apply_rate(int(v), 99_999) for v in values]
    assert money.apply_rates(np.array([], np.int64), 5).tolist() == []


def test_results_beyond_int64_are_refused() -> None:
    with pytest.raises(MoneyError, match="too_large"):
        money.apply_rate(INT64_MAX, 200_000)
    with pytest.raises(MoneyError, match="too_large"):
        money.apply_rates(np.array([INT64_MAX]), 200_000)


@given(amounts, st.integers(1, 40))
def test_equal_parts_differ_by_one_at_most(minor: int, parts: int) -> None:
    shares = money.allocate(minor, parts)
    assert sum(shares) == minor
    assert max(shares) - min(shares) <= 1


def test_allocate_by_hand() -> None:
    assert money.allocate(100, 3) == [34, 33, 33]
    assert money.allocate(-100, 3) == [-34, -33, -33]
    assert money.allocate(1000, [1, 0, 3]) == [250, 0, 750]
    with pytest.raises(ShareError, match="zero_weights"):
        money.allocate(1, [0, 0])


def test_convert_with_different_exponents() -> None:
    assert money.convert(12_345, "JPY", Decimal("0.04731")) == 58404  # 12,345 yen × 0.04731 = 584.04195 yuan
    assert money.convert(100, "USD", Decimal("7.1")) == 710
    assert money.convert(1_000, "BHD", Decimal("18.9"), base="USD") == 1890


def test_ratio() -> None:
    assert money.ratio(628_000, 1_200_000) == 52_333
    assert money.ratio(1, 0) is None
