"""The map of territories as SVG: a bubble for each city where customers are, at its centre, in its territory's colour.

A plain projection: degrees of longitude are shortened by the cosine of the middle latitude. Nothing is loaded from
anywhere; the table beside it holds the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

MARGIN = 46
LARGEST, SMALLEST = 30.0, 4.0
LABELS = 28


@dataclass(frozen=True)
class Sheet:
    """The paper of the drawing in pixels, and how wide a character of a name is on it."""

    width: int
    height: int
    margin: int = MARGIN
    letter: float = 6.5
    largest: float = LARGEST


DESK = Sheet(860, 430)
PHONE = Sheet(358, 358, margin=30, letter=7.0, largest=22.0)
Place = Callable[[tuple[float, float]], tuple[float, float]]
"""From longitude and latitude to the drawing."""
NARROWEST = 1.2
"""Degrees that are shown at least, however close the cities lie."""


@dataclass(frozen=True)
class Bubble:
    """One city's customers in one territory: `at` is longitude and latitude in degrees, `tone` its colour."""

    name: str
    at: tuple[float, float]
    count: int
    territory: str
    tone: str
    url: str = ""


@dataclass(frozen=True)
class Around:
    """A place that is named for orientation only."""

    name: str
    at: tuple[float, float]


def drawn(bubbles: Sequence[Bubble], around: Sequence[Around] = (), on: Sheet = DESK) -> SafeString:
    """The map; nothing where nobody knows where a customer is."""
    if not bubbles:
        return SafeString("")
    place = _projection([bubble.at for bubble in bubbles], on)
    most = max(bubble.count for bubble in bubbles)
    circles, labels = [], []
    taken: list[tuple[float, float, float]] = []
    offsets: dict[tuple[float, float], float] = {}
    said: set[tuple[float, float]] = set()
    for bubble in sorted(bubbles, key=lambda bubble: -bubble.count):
        x, y = place(bubble.at)
        radius = max(SMALLEST, on.largest * sqrt(bubble.count / most))
        x += offsets.get(bubble.at, 0.0)  # several territories in one place stand beside each other
        offsets[bubble.at] = offsets.get(bubble.at, 0.0) + radius * 1.2
        circles.append(_circle(bubble, x, y, radius))
        if bubble.at not in said and len(said) < LABELS and _room(taken, x, y + radius + 12, bubble.name, on):
            labels.append(_label(bubble.name, x, y + radius + 12, ""))
        said.add(bubble.at)
    grey = [_ring(each, place, taken, on) for each in around if each.at not in said]
    total = sum(bubble.count for bubble in bubbles)
    words = ngettext("%(n)s customer in %(m)s places", "%(n)s customers in %(m)s places", total)
    return format_html(
        '<svg class="market-map" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        on.width, on.height, words % {"n": f"{total:,}", "m": len(said)},
        SafeString("".join(grey)), SafeString("".join(circles)), SafeString("".join(labels)),
    )  # fmt: skip


def _label(name: str, x: float, y: float, more: str) -> SafeString:
    return format_html('<text class="map-label{}" x="{}" y="{}">{}</text>', more, round(x), round(y), name)


def _ring(each: Around, place: Place, taken: list[tuple[float, float, float]], on: Sheet) -> SafeString:
    """A small ring with its name, where it lies on the drawing and its name covers nothing."""
    x, y = place(each.at)
    if not (8 < x < on.width - 8 and 8 < y < on.height - 18) or not _room(taken, x, y + 14, each.name, on):
        return SafeString("")
    ring = format_html('<circle class="map-ring" cx="{}" cy="{}" r="2.5"></circle>', round(x), round(y))
    return ring + _label(each.name, x, y + 14, " map-faint")


def _circle(bubble: Bubble, x: float, y: float, radius: float) -> SafeString:
    words = gettext("%(place)s · %(territory)s · %(n)s") % {
        "place": bubble.name, "territory": bubble.territory, "n": f"{bubble.count:,}",
    }  # fmt: skip
    circle = format_html(
        '<circle class="map-{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>',
        bubble.tone, f"{x:.1f}", f"{y:.1f}", f"{radius:.1f}", words,
    )  # fmt: skip
    return format_html('<a href="{}">{}</a>', bubble.url, circle) if bubble.url else circle


def _projection(points: Sequence[tuple[float, float]], on: Sheet) -> Place:
    """A function from degrees to the drawing: all points fit, north is up, distances keep their proportion."""
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    middle = (south + north) / 2
    shrink = cos(radians(middle))
    wide = max((east - west) * shrink, NARROWEST)
    high = max(north - south, NARROWEST)
    scale = min((on.width - 2 * on.margin) / wide, (on.height - 2 * on.margin) / high)

    def place(at: tuple[float, float]) -> tuple[float, float]:
        x = on.width / 2 + (at[0] - (west + east) / 2) * shrink * scale
        return x, on.height / 2 - (at[1] - middle) * scale

    return place


def _room(taken: list[tuple[float, float, float]], x: float, y: float, name: str, on: Sheet) -> bool:
    """Whether a label fits there without covering another; then its place is taken."""
    half = on.letter * len(name)
    if not half < x < on.width - half:
        return False
    if any(abs(y - other_y) < 13 and abs(x - other_x) < half + other for other_x, other_y, other in taken):
        return False
    taken.append((x, y, half))
    return True
