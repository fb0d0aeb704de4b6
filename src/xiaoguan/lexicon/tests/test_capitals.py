"""Amounts in capital numerals: by the examples of the banks' rules, and read back by our own reader."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from xiaoguan.lexicon import capitals, numerals

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (20, "贰角整"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (100_000_000_000, "壹拾亿元整"),
        (1_000_000_100, "壹仟万零壹元整"),
        (10_000_050_000_000, "壹仟亿零伍拾万元整"),
        (1_200_000_000_000_000, "壹拾贰万亿元整"),
        (-150, "负壹元伍角整"),
    ],
)
def test_as_the_banks_write_it(fen: int, text: str) -> None:
    assert capitals.yuan(fen) == text


@given(st.integers(0, 10**15))
def test_read_back(fen: int) -> None:
    assert numerals.parse(capitals.yuan(fen)).value == Decimal(fen) / 100
