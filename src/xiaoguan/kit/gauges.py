"""Drawn figures as safe HTML: plain bars.

Widths are shares of the whole in per cent; every drawing has an accessible name that reads its figures.
"""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString


def width(value: int, scale: float) -> float:
    """The share of a whole in per cent, between 0 and 100."""
    return round(min(max(value / scale * 100, 0), 100), 2) if scale else 0.0


def bar(value: int, whole: int, label: str, *, thin: bool = False) -> SafeString:
    """A plain share of a whole."""
    classes = "bar bar-thin" if thin else "bar"
    drawn = f'<span style="width:{width(value, whole):g}%"></span>'
    return SafeString(f'<span class="{classes}" role="img" aria-label="{escape(label)}">{drawn}</span>')
