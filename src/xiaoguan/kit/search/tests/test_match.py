"""The last word on a hit: does a text answer, which of its characters, and who comes first."""

import pytest
from hypothesis import given, strategies as st

from xiaoguan.kit.search.grams import flat
from xiaoguan.kit.search.match import match, one_slip


def marked(word: str, text: str, *, loose: bool = False) -> str | None:
    """The matched stretches between brackets."""
    found = match(word, text, loose=loose)
    if found is None:
        return None
    for start, end in reversed(found.spans):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("恒岑", "昆山恒岑钢构", "昆山[恒岑]钢构"),
        ("hcgg", "昆山恒岑钢构", "昆山[恒岑钢构]"),
        ("hengcen", "恒岑钢构", "[恒岑]钢构"),
        ("hengceng", "恒岑钢构", "[恒岑钢]构"),
        ("hengc", "恒岑钢构", "[恒岑]钢构"),
        ("hcgang", "恒岑钢构", "[恒岑钢]构"),
        ("恒c钢", "恒岑钢构", "[恒岑钢]构"),
        ("zengguo", "曾国藩", "[曾国]藩"),
        ("chongqing", "重庆电力", "[重庆]电力"),
        ("congqin", "重庆电力", "[重庆]电力"),
        ("gtxpro", "GTX Pro", "[GTX] [Pro]"),
        ("恒岑昆山", "恒岑（昆山）公司", "[恒岑]（[昆山]）公司"),
        ("5678", "138-1234-5678", "138-1234-[5678]"),
        ("45", "138-1234-5678", "138-123[4]-[5]678"),
        ("gangguo", "恒岑钢构", None),
        ("hcg", "恒岑", None),
        ("ab", "恒岑", None),
    ],
)
def test_matched_characters(word: str, text: str, expected: str | None) -> None:
    assert marked(word, text) == expected


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("sonrom", "Sonron Ltd"),
        ("acmee", "Acme"),
        ("acmme", "Acme Corporation"),
        ("goodslike", "Goodsilk"),
        ("衡岑钢构", "昆山恒岑钢构"),
        ("恒琴钢构", "昆山恒岑钢构"),
        ("恒岑构", "恒岑钢构"),
    ],
)
def test_slips_are_forgiven_only_on_purpose(word: str, text: str) -> None:
    assert match(word, text) is None
    found = match(word, text, loose=True)
    assert (found is None) == (word in ("goodslike", "恒岑构"))


def test_who_comes_first() -> None:
    def cost(word: str, text: str) -> int:
        found = match(word, text)
        assert found is not None
        return found.cost

    assert cost("恒岑", "恒岑") < cost("恒岑", "恒岑钢构") < cost("恒岑", "昆山恒岑钢构") < cost("岑钢", "恒岑钢构")
    assert cost("heng", "Heng Works") < cost("heng", "恒岑钢构")
    assert cost("hengcen", "恒岑钢构") < cost("hc", "恒岑钢构")
    assert cost("zhang", "张三丰") < cost("zhang", "臧克家")


@given(st.text("ab", max_size=7), st.text("ab", max_size=7))
def test_one_slip_is_what_the_textbook_says(first: str, second: str) -> None:
    assert one_slip(first, second) == (_distance(first, second) <= 1)


def _distance(first: str, second: str) -> int:
    """Optimal string alignment, the slow way."""
    rows = [[i + j if not i * j else 0 for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i in range(1, len(first) + 1):
        for j in range(1, len(second) + 1):
            same = first[i - 1] == second[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and first[i - 2 : i] == second[j - 2 : j][::-1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text(max_size=20), st.text(max_size=30))
def test_spans_lie_inside_the_text(word: str, text: str) -> None:
    typed = flat(word).text
    if not typed:
        return
    for loose in (False, True):
        found = match(typed, text, loose=loose)
        if found:
            assert all(0 <= start < end <= len(text) for start, end in found.spans)
