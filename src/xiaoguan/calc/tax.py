"""Tax inside a price: net and tax that make the gross amount to the fen.

Units: amounts are whole fen, rates 1/100,000 (13 % is 13,000). A negative amount mirrors a positive one, so that a red
invoice takes back exactly what the first one said.
"""

from __future__ import annotations

from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.rounding import divide_half_up


def split_tax(gross: int, rate: int) -> tuple[int, int]:
    """(net, tax) of an amount that contains tax at ``rate``; net is rounded once, tax is the rest."""
    net = divide_half_up(gross * RATE_ONE, RATE_ONE + rate)
    return net, gross - net
