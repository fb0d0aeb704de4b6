"""The one rounding rule: to the nearest whole unit, halves away from zero (``decimal.ROUND_HALF_UP``).

People check figures by hand and expect 0.5 to go up and −0.5 to go down; a refund then cancels its sale exactly.
Everything that rounds money or rates calls this function, so two screens cannot differ by a fen.
"""

from __future__ import annotations

from xiaoguan.calc.errors import MoneyError

INT64_MAX = 2**63 - 1


def divide_half_up(numerator: int, denominator: int) -> int:
    """Return ``numerator / denominator`` as a whole number, halves away from zero; exact at any size.

    Raises MoneyError ``divided_by_zero``.
    """
    if denominator == 0:
        raise MoneyError("divided_by_zero", numerator=numerator)
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole


def checked(value: int) -> int:
    """Return ``value`` if a database can store it as a 64-bit integer, else raise MoneyError ``too_large``."""
    if -INT64_MAX <= value <= INT64_MAX:
        return value
    raise MoneyError("too_large", value=value)
