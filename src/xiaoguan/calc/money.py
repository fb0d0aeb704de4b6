"""Amounts as whole minor units: exact conversion, rates, allocation, and (from ``figure``) their text.

Units: an *amount* is an int of minor units of its currency (fen for CNY); a *rate* is an int of 1/100,000, so 100 % is
100,000. No float enters. Results that a database could not store as int64 are refused, never wrapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.errors import MoneyError
from xiaoguan.calc.figure import Figure, format_compact_en, format_wan, format_yuan
from xiaoguan.calc.rounding import INT64_MAX, checked, divide_half_up
from xiaoguan.calc.share import largest_remainder

__all__ = [
    "EXPONENTS", "RATE_ONE", "Figure", "allocate", "apply_rate", "apply_rates", "checked", "convert", "exponent",
    "format_compact_en", "format_wan", "format_yuan", "from_minor", "ratio", "divide_half_up", "to_minor",
]  # fmt: skip

Integers: TypeAlias = npt.NDArray[np.int64]

RATE_ONE = 100_000
"""A rate of 100 %."""

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(
        """AED AUD BDT BRL CAD CHF CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR KES KZT LKR MMK MNT MOP MXN MYR
        NGN NOK NPR NZD PEN PHP PKR PLN QAR RON RUB SAR SEK SGD THB TRY TWD UAH USD UZS ZAR""".split(),
        2,
    ),
    **dict.fromkeys("CLP ISK JPY KRW PYG UGX VND XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
"""Decimal digits of a currency's minor unit (ISO 4217, list one)."""


def exponent(currency: str) -> int:
    """Return how many decimals ``currency`` has; raises MoneyError ``unknown_currency``."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise MoneyError("unknown_currency", currency=currency) from None


def to_minor(amount: Decimal | int | str, currency: str = "CNY", *, rounding: bool = False) -> int:
    """Return a major-unit amount (yuan; plain text like ``1234.50``) in minor units, exactly.

    With ``rounding`` digits below the minor unit are rounded half away from zero, without it they are refused.
    Raises MoneyError ``not_a_number``, ``too_precise``, ``too_large``, ``unknown_currency``.
    """
    try:
        value = amount if isinstance(amount, Decimal) else Decimal(amount)
    except InvalidOperation:
        raise MoneyError("not_a_number", amount=amount) from None
    if not value.is_finite():
        raise MoneyError("not_a_number", amount=str(amount))
    if value.adjusted() > 20:  # keeps a hostile exponent such as 1E+999999 from filling the memory
        raise MoneyError("too_large", value=str(value))
    if value and value.adjusted() < -20:
        value = Decimal(0).copy_sign(value) if rounding else value
    scale = 10 ** exponent(currency)
    if value and value.adjusted() < -20:
        raise MoneyError("too_precise", amount=str(amount), currency=currency)
    numerator, denominator = value.as_integer_ratio()
    if not rounding and numerator * scale % denominator:
        raise MoneyError("too_precise", amount=str(amount), currency=currency)
    return checked(divide_half_up(numerator * scale, denominator))


def from_minor(minor: int, currency: str = "CNY") -> Decimal:
    """Return minor units as a Decimal of the major unit with the currency's own number of decimals."""
    return Decimal(minor).scaleb(-exponent(currency))


def ratio(part: int, whole: int) -> int | None:
    """Return ``part / whole`` as a rate (1/100,000), rounded once; None when the whole is zero."""
    return divide_half_up(part * RATE_ONE, whole) if whole else None


def apply_rate(minor: int, rate: int) -> int:
    """Return ``rate`` (1/100,000) of an amount, rounded once; raises MoneyError ``too_large``."""
    return checked(divide_half_up(minor * rate, RATE_ONE))


def apply_rates(minors: Integers, rates: Integers | int) -> Integers:
    """Return :func:`apply_rate` for whole arrays (broadcast together), equal to it in every cell.

    Products beyond int64 take a slower exact path; raises MoneyError ``too_large`` when a result does not fit.
    """
    amounts, shares = np.broadcast_arrays(np.asarray(minors, np.int64), np.asarray(rates, np.int64))
    if not amounts.size:
        return np.zeros(amounts.shape, np.int64)
    widest = max(abs(int(amounts.max())), abs(int(amounts.min()))) * max(abs(int(shares.max())), abs(int(shares.min())))
    if widest > INT64_MAX - RATE_ONE:
        cells = [apply_rate(int(a), int(r)) for a, r in zip(amounts.ravel(), shares.ravel(), strict=True)]
        return np.array(cells, np.int64).reshape(amounts.shape)
    products = amounts * shares
    whole = (np.abs(products) + RATE_ONE // 2) // RATE_ONE
    return np.asarray(np.where(products < 0, -whole, whole), np.int64)


def allocate(minor: int, parts: int | Sequence[int]) -> list[int]:
    """Split an amount into equal parts (an int) or by whole weights; the parts always sum to the amount.

    Largest remainder, ties to the earliest part; raises ShareError ``zero_weights`` or ``negative_weight``.
    """
    return largest_remainder(minor, [1] * parts if isinstance(parts, int) else parts)


def convert(minor: int, currency: str, rate: Decimal, base: str = "CNY") -> int:
    """Return an amount in ``base`` minor units at ``rate`` (base major units per major unit), rounded once.

    The caller keeps the rate and its date beside the result. Raises MoneyError ``too_large``, ``unknown_currency``.
    """
    numerator, denominator = rate.as_integer_ratio()
    return checked(divide_half_up(minor * numerator * 10 ** exponent(base), denominator * 10 ** exponent(currency)))
