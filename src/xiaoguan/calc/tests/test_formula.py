"""Laws of formulas: exact sums, one rounding of quotients, nothing out of nothing, mistakes told by place."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from xiaoguan.calc import formula
from xiaoguan.calc.formula import FormulaError, evaluate, parse

pytestmark = pytest.mark.once

TYPES: dict[str, tuple[str, formula.Type]] = {
    "a": ("a", "number"),
    "b": ("b", "number"),
    "c": ("c", "number"),
    "day": ("day", "date"),
    "due": ("due", "date"),
    "word": ("word", "text"),
    "\u91d1\u989d": ("amount", "number"),
}
numbers = st.decimals(-(10**12), 10**12, places=2)
DAY = dt.date(2026, 11, 27)


def known(name: str) -> tuple[str, formula.Type] | None:
    return TYPES.get(name)


def work(text: str, **values: Any) -> Any:
    return evaluate(parse(text, known), values)


@given(numbers, numbers, numbers)
def test_sums_and_products_are_exact(a: Decimal, b: Decimal, c: Decimal) -> None:
    found = work("a * b + (a - c) * 3 - -b", a=a, b=b, c=c)
    assert Fraction(found) == Fraction(a) * Fraction(b) + (Fraction(a) - Fraction(c)) * 3 + Fraction(b)


@given(numbers, numbers)
def test_a_quotient_is_the_nearest_at_ten_decimals(a: Decimal, b: Decimal) -> None:
    found = work("a / b", a=a, b=b)
    if not b:
        assert found is None
        return
    error = abs(Fraction(found) - Fraction(a) / Fraction(b))
    assert error * 2 <= Fraction(1, 10**10)
    assert -found.as_tuple().exponent <= formula.DIVISION_PLACES


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    places = []
    try:
        node = parse(text, known)
    except FormulaError as problem:
        places.append(problem.at)
    else:
        evaluate(node, {})
    assert all(0 <= at <= len(text) for at in places)


names = st.sampled_from(["a", "b", "c", "1", "2.5", "0"])
expressions = st.recursive(
    names,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"if({t[0]} < {t[1]}, {t[2]}, {t[0]})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda found: f"max({', '.join(found)})"),
        inner.map(lambda text: f"round({text}, 2)"),
    ),
    max_leaves=8,
)


@given(expressions, numbers, numbers, st.none() | numbers)
def test_names_can_be_changed_without_changing_the_meaning(text: str, a: Decimal, b: Decimal, c: Any) -> None:
    bracketed = formula.renamed(text, lambda name: name if name in TYPES else None)
    values = {"a": a, "b": b, "c": c}
    assert evaluate(parse(bracketed, known), values) == evaluate(parse(text, known), values)


def test_precedence_and_full_width_signs() -> None:
    assert work("2 + 3 * 4 - 6 / 2") == 11
    assert work("\uff082 \uff0b 3\uff09\u00d74") == 20
    assert work("-2 * -3") == 6
    assert work("[\u91d1\u989d] * 2", amount=Decimal(3)) == 6
    assert work("\u91d1\u989d/3", amount=Decimal(1)) == Decimal("0.3333333333")


def test_nothing_in_gives_nothing_out() -> None:
    assert work("a + b", a=Decimal(1)) is None
    assert work("coalesce(a, b, 7)") == 7
    assert work("min(a, b)", b=Decimal(3)) == 3
    assert work("max(a, b)") is None
    assert work('if(a > 1, "x", "y")') == "y", "an empty condition is not true"
    assert work('concat(word, "-", a)', word="n", a=Decimal("2.50")) == "n-2.5"
    assert work("concat(word, word)") is None
    assert work("days(day, due)", day=DAY, due=dt.date(2026, 11, 1)) == 26
    assert work("max(day, due)", day=DAY, due=dt.date(2026, 11, 1)) == DAY
    assert work("round(a, 1)", a=Decimal("-0.25")) == Decimal("-0.3"), "halves go away from zero"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("", "unfinished", 0),
        ("a +", "unfinished", 3),
        ("a + nope", "unknown_name", 4),
        ("a + word", "needs_number", 4),
        ("(a", "missing", 2),
        ("a b", "unexpected", 2),
        ("a ? b", "unknown_sign", 2),
        ('"open', "open_text", 0),
        ("[open", "open_name", 0),
        ("sum(a)", "unknown_function", 0),
        ("days(a, day)", "needs_date", 5),
        ("if(a, 1, 2)", "condition", 3),
        ("if(a > 1, 2)", "arguments", 0),
        ('if(a > 1, 2, "x")', "unlike", 13),
        ("a > 1", "truth", 2),
        ("a = day", "unlike", 2),
        ("round(a, b)", "places", 9),
        ("round(a, 1.5)", "places", 9),
        ("(" * 30 + "a" + ")" * 30, "too_deep", 21),
        ("a" + "+a" * 300, "too_long", 500),
        ("__import__('os')", "unknown_function", 0),
        ("a.real", "unknown_sign", 1),
    ],
)
def test_a_mistake_is_told_by_code_and_place(text: str, code: str, at: int) -> None:
    with pytest.raises(FormulaError) as found:
        parse(text, known)
    assert (found.value.code, found.value.at) == (code, at)


def test_the_longest_product_stays_exact() -> None:
    text = "*".join(["a"] * 249)
    largest = Decimal(2**63 - 1).scaleb(-2)
    assert Fraction(work(text, a=largest)) == Fraction(largest) ** 249
    assert formula.fitted(work(text, a=largest), 2) is None
