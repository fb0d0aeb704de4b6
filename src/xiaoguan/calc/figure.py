"""Figures as people read them: number text and unit code, kept apart so that the page sets the unit smaller.

The unit comes back as a code (``yuan``, ``wan``, ``yi``, ``k``, ``M``, or empty); the page adds the word in its own
language. Exact zero is ``0``, an unknown figure is ``—``, the minus is ``−``, thousands have a half-width comma. What
rounds to nothing carries no sign: ``0.00``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from xiaoguan.calc.rounding import divide_half_up

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EM DASH}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

# minor units (fen) in one of each display unit
_FEN: dict[str, int] = {"yuan": 100, "k": 100_000, "wan": 1_000_000, "M": 100_000_000, "yi": 10_000_000_000}
_CHANGE_OF_UNIT = 10_000  # wan gives way to yi, and k to M, from this many on


class Figure(NamedTuple):
    """A number as text and the code of its unit (empty for unknown)."""

    number: str
    unit: str

    def text(self, words: Mapping[str, str]) -> str:
        """Return number and unit word joined by a no-break space; ``words`` maps unit codes to words."""
        word = words.get(self.unit, self.unit) if self.unit else ""
        return f"{self.number}{NO_BREAK_SPACE}{word}" if word else self.number


def _number(value: int, per_unit: int, decimals: int, signed: bool) -> str:
    """Return ``value / per_unit`` with a fixed number of decimals, grouped by thousands."""
    if value == 0:
        return "0"
    scaled = divide_half_up(value * 10**decimals, per_unit)
    whole, rest = divmod(abs(scaled), 10**decimals)
    sign = MINUS if scaled < 0 else "+" if signed and scaled > 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{decimals}d}" if decimals else "")


def _reaches(fen: int, unit: str, decimals: int) -> bool:
    """Say whether an amount, as it would be shown, fills the point where the larger unit takes over."""
    scale: int = 10**decimals
    return abs(divide_half_up(fen * scale, _FEN[unit])) >= _CHANGE_OF_UNIT * scale


def format_yuan(fen: int | None, *, signed: bool = False) -> Figure:
    """Return an amount to the fen, as documents about money owed or paid show it: ``145,000.00``."""
    return Figure(UNKNOWN, "") if fen is None else Figure(_number(fen, 100, 2, signed), "yuan")


def format_wan(fen: int | None, *, sentence: bool = False, decimals: int = 2, signed: bool = False) -> Figure:
    """Return an amount in ten thousands of yuan: ``62.80``; the unit stays ``wan`` so that a column keeps one unit.

    In a ``sentence`` 10,000 wan and more become ``yi`` (hundred millions) with two decimals.
    """
    if fen is None:
        return Figure(UNKNOWN, "")
    if sentence and _reaches(fen, "wan", decimals):
        return Figure(_number(fen, _FEN["yi"], 2, signed), "yi")
    return Figure(_number(fen, _FEN["wan"], decimals, signed), "wan")


def format_compact_en(
    fen: int | None, *, unit: Literal["k", "M"] | None = None, decimals: int | None = None, signed: bool = False
) -> Figure:
    """Return an amount for English pages: ``628.0`` k (one decimal) or ``12.35`` M (two).

    Without a fixed ``unit`` k gives way to M at 10,000 k, as wan does to yi; give the unit for a column or block.
    """
    if fen is None:
        return Figure(UNKNOWN, "")
    chosen = unit or ("M" if _reaches(fen, "k", 1) else "k")
    places = decimals if decimals is not None else (1 if chosen == "k" else 2)
    return Figure(_number(fen, _FEN[chosen], places, signed), chosen)


def format_rate(rate: int | None, *, decimals: int = 1, signed: bool = False) -> str:
    """Return a rate of 1/100,000 in per cent with one decimal: ``52.3%``."""
    return UNKNOWN if rate is None else _number(rate, 1_000, decimals, signed) + "%"


def format_probability(probability: float | None) -> str:
    """Return a probability (0 to 1) in whole per cent; what is merely unlikely never reads as impossible: ``<1%``."""
    if probability is None:
        return UNKNOWN
    if 0 < probability < 0.005:
        return "<1%"
    if 0.995 <= probability < 1:
        return ">99%"
    return f"{int(probability * 100 + 0.5)}%"


def format_count(count: int | None, *, signed: bool = False) -> str:
    """Return a plain count: ``1,425``."""
    return UNKNOWN if count is None else _number(count, 1, 0, signed)


def format_range(low: str, high: str) -> str:
    """Return two figure texts with a spaced en dash between them: ``94 – 126``."""
    return f"{low} \N{EN DASH} {high}"
