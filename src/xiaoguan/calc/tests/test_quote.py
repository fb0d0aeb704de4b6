"""A quote adds up to the fen whatever is taken off; a price book says most about who it is for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from xiaoguan.calc import pricing, quote
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.pricing import Book, Buyer, Entry
from xiaoguan.calc.quote import Line

pytestmark = pytest.mark.once
MONEY = st.integers(0, 10**9)
LINES = st.lists(
    st.builds(
        Line,
        quantity=st.decimals(0, 10_000, places=3),
        price=MONEY,
        discount=st.integers(0, RATE_ONE),
        tax_rate=st.sampled_from([0, 6_000, 9_000, 13_000]),
        list_price=st.none() | MONEY,
        floor=st.none() | MONEY,
        cost=st.none() | MONEY,
    ),
    max_size=12,
)


@given(LINES, st.integers(0, RATE_ONE))
def test_lines_add_up(lines: list[Line], whole: int) -> None:
    """Nothing is lost or invented: lines, discount, total and tax agree, and no line turns negative."""
    sums = quote.add_up(lines, whole)
    assert sums.total == sum(line.net for line in sums.lines) == sums.subtotal - sums.discount
    assert sums.tax == sum(line.tax for line in sums.lines)
    assert all(0 <= line.tax <= line.net <= line.amount for line in sums.lines)
    assert abs(sums.discount * RATE_ONE - sums.subtotal * whole) * 2 <= RATE_ONE
    if sums.cost is not None:
        assert sums.margin == sums.total - sums.tax - sums.cost
    else:
        assert not lines or any(line.cost is None for line in lines)


@given(LINES, st.integers(0, RATE_ONE), st.integers(0, RATE_ONE))
def test_more_off_is_never_dearer(lines: list[Line], one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert quote.add_up(lines, more).total <= quote.add_up(lines, less).total


def test_by_hand() -> None:
    """Three lamps at 33.33 less 10 %, a service for 100.00, 5 % off the whole."""
    lamps = Line(Decimal(3), 3_333, 10_000, 13_000, list_price=4_000, floor=3_000, cost=2_000)
    service = Line(Decimal(1), 10_000, 0, 6_000, cost=4_000)
    sums = quote.add_up([lamps, service], 5_000)
    assert [line.amount for line in sums.lines] == [8_999, 10_000]
    assert (sums.subtotal, sums.discount, sums.total) == (18_999, 950, 18_049)
    assert [line.net for line in sums.lines] == [8_549, 9_500]
    assert [line.tax for line in sums.lines] == [984, 538]
    assert sums.below_floor == 1 and sums.lines[0].below_floor
    assert sums.listed == 22_000 and sums.discount_rate == 17_959
    assert (sums.cost, sums.margin) == (10_000, 18_049 - 984 - 538 - 10_000)
    assert sums.margin_rate == 39_493


DAYS = st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
BOOKS = st.lists(
    st.builds(
        Book, id=st.integers(1, 99), valid_from=DAYS, valid_until=DAYS,
        customers=st.frozensets(st.integers(1, 3), max_size=2),
        kind=st.none() | st.integers(1, 3), tier=st.none() | st.sampled_from("AB"),
        region=st.none() | st.sampled_from(["32", "3205", "31"]),
    ),
    max_size=8, unique_by=lambda book: book.id,
)  # fmt: skip


@given(BOOKS, st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)))
def test_the_book_that_says_most(books: list[Book], day: dt.date) -> None:
    """It applies; no book for this customer by name is passed over; the order of the books does not matter."""
    buyer = Buyer(1, 2, "A", "320583")
    found = pricing.choose(books, buyer, day)
    fitting = [book for book in books if pricing.applies(book, buyer, day)]
    assert (found is None) == (not fitting)
    assert found == pricing.choose(books[::-1], buyer, day)
    if found is not None:
        assert found in fitting
        assert 1 in found.customers or not any(book.customers for book in fitting)
        assert found.region in (None, "32", "3205")


def test_breaks() -> None:
    entries = [Entry(1, Decimal(1), 100), Entry(1, Decimal(10), 90, 80), Entry(2, Decimal(5), 7)]
    prices = [pricing.price_of(entries, 1, Decimal(q)) for q in ("1", "9.999", "10", "500")]
    assert [entry.price if entry else None for entry in prices] == [100, 100, 90, 90]
    assert pricing.price_of(entries, 2, Decimal(4)) is None
