"""The sums of a quote, exact to the fen: lines with discounts, a discount on the whole, tax, margin.

Amounts are whole fen with the tax in them; rates are 1/100,000. A line is its quantity times its unit price less its
own discount, rounded once, halves up. The discount on the whole is rounded once and taken off the lines by largest
remainder, so that the lines always add up to the total. Tax is what is in a line's net amount. Costs are without tax.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.rounding import checked, divide_half_up
from xiaoguan.calc.share import largest_remainder


@dataclass(frozen=True)
class Line:
    """What is offered: prices per unit in fen; `list_price`, `floor` and `cost` are None where nobody knows them."""

    quantity: Decimal
    price: int
    discount: int = 0
    tax_rate: int = 0
    list_price: int | None = None
    floor: int | None = None
    cost: int | None = None


@dataclass(frozen=True)
class LineSum:
    """The sums of a line: `amount` before the discount on the whole, `net` after it, `tax` inside `net`."""

    amount: int
    net: int
    tax: int
    listed: int
    cost: int | None
    below_floor: bool


@dataclass(frozen=True)
class Sums:
    """The sums of a quote; `discount_rate` is everything taken off the list prices, `margin` is before tax."""

    lines: tuple[LineSum, ...]
    subtotal: int
    discount: int
    total: int
    tax: int
    listed: int
    discount_rate: int
    below_floor: int
    cost: int | None
    margin: int | None
    margin_rate: int | None


def times(quantity: Decimal, unit: int) -> int:
    """A quantity of a unit price, rounded to the fen, halves away from zero."""
    return checked(int((quantity * unit).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def amount(line: Line) -> int:
    """A line less its own discount, rounded once."""
    exact = line.quantity * line.price * (RATE_ONE - line.discount) / RATE_ONE
    return checked(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def tax_inside(net: int, rate: int) -> int:
    """The tax contained in an amount at a rate, rounded halves up."""
    return divide_half_up(net * rate, RATE_ONE + rate) if rate else 0


def add_up(lines: Sequence[Line], whole_discount: int = 0) -> Sums:
    """All sums of a quote; `whole_discount` is a rate between 0 and 1. Quantities and prices are not negative."""
    amounts = [amount(line) for line in lines]
    subtotal = sum(amounts)
    taken = divide_half_up(subtotal * whole_discount, RATE_ONE)
    shares = largest_remainder(taken, amounts)
    found = tuple(_line(line, gross, gross - share) for line, gross, share in zip(lines, amounts, shares, strict=True))
    total, tax, listed = (sum(getattr(each, name) for each in found) for name in ("net", "tax", "listed"))
    cost = _all([each.cost for each in found])
    margin = None if cost is None else total - tax - cost
    return Sums(
        found,
        subtotal,
        taken,
        total,
        tax,
        listed,
        rate_of(listed - total, listed) or 0,
        sum(each.below_floor for each in found),
        cost,
        margin,
        None if margin is None else rate_of(margin, total - tax),
    )


def _line(line: Line, gross: int, net: int) -> LineSum:
    listed = times(line.quantity, line.price if line.list_price is None else line.list_price)
    below = line.floor is not None and net < times(line.quantity, line.floor)
    cost = None if line.cost is None else times(line.quantity, line.cost)
    return LineSum(gross, net, tax_inside(net, line.tax_rate), listed, cost, below)


def _all(costs: Sequence[int | None]) -> int | None:
    """The sum where every cost is known; one that is not makes it unknown."""
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None


def rate_of(part: int, whole: int) -> int | None:
    """What part of a whole it is, in 1/100,000, halves up; None of nothing. Negative parts mirror positive ones."""
    if not whole:
        return None
    found = divide_half_up(abs(part) * RATE_ONE, abs(whole))
    return -found if (part < 0) != (whole < 0) else found
