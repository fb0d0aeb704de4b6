"""Market sizes that overlap, told apart: what a coarser figure holds beyond the finer ones within it.

A market is (region, series) with "" for all of them. Sizes come from different sources, so parts need not sum to the
whole: what is beyond the parts is the rest, and where the parts pass the whole there is none.
"""

from __future__ import annotations

from collections.abc import Mapping

Market = tuple[str, str]


def apart(sizes: Mapping[Market, int]) -> dict[Market, int]:
    """Sizes of markets that don't overlap: each market's own less what stands within it, never below 0.

    Their sum is the largest that can be told without counting anything twice.
    """
    found: dict[Market, int] = {}
    # From the finest to the whole: a market holds those that name what it leaves open.
    for market in sorted(sizes, key=lambda one: (one[0] == "") + (one[1] == "")):
        inside = sum(size for other, size in found.items() if other != market and holds(market, other))
        found[market] = max(sizes[market] - inside, 0)
    return found


def holds(outer: Market, inner: Market) -> bool:
    """Whether a market lies within another, itself included."""
    return all(mine in ("", theirs) for mine, theirs in zip(outer, inner, strict=True))
