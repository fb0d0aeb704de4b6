"""The pace bar as safe HTML: what is done, what should be done by today, the target, where the period may end.

Its accessible name reads its figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.calc.figure import format_range
from xiaoguan.kit import render
from xiaoguan.kit.gauges import width

_TABLE_SCALE = 1.4  # of the target, so that the bars of a table compare
_ROOM = 1.11  # elsewhere: just past the upper end of the landing range
# Of a bar 480 px wide, in per cent: what the longest word takes, and half of it. Narrower bars list their words.
_WORD = 28
_HALF = 14


@dataclass(frozen=True)
class Pace:
    """What a pace bar shows: done, what should be done by today, the target, the landing range; one unit for all."""

    done: int
    expected: int
    target: int
    low: int | None = None
    high: int | None = None

    @property
    def gap(self) -> int:
        """Ahead (positive) or behind (negative) of today's pace."""
        return self.done - self.expected


def pace(
    of: Pace,
    *,
    compact: bool = False,
    words: bool = False,
    done_word: str = "",
    text: Callable[[int | None], str] = render.money_text,
    short: Callable[[int | None], str] = render.money_short,
) -> SafeString:
    """The pace bar; `compact` for tables, `words` writes the four figures around it (month strip)."""
    top = max(of.done, of.expected, of.target, of.high or 0)
    scale = of.target * _TABLE_SCALE if compact and of.target else top * _ROOM
    drawing = _drawing(of, scale, tall=words, name=_name(of, text, done_word or _("Reached")))
    if not words:
        return SafeString(drawing)
    above, below = _words(of, scale, short, done_word or _("Reached"))
    return SafeString(f'<div class="pace-block">{above}{drawing}{below}</div>')


def _name(of: Pace, text: Callable[[int | None], str], done_word: str) -> str:
    said = _("%(word)s %(done)s, on pace today %(expected)s, target %(target)s") % {
        "word": done_word, "done": text(of.done), "expected": text(of.expected), "target": text(of.target),
    }  # fmt: skip
    if of.low is None or of.high is None:
        return said
    return _("%(figures)s, landing %(range)s") % {"figures": said, "range": format_range(text(of.low), text(of.high))}


def _drawing(of: Pace, scale: float, *, tall: bool, name: str) -> str:
    parts = ['<span class="pace-track"></span>']
    if of.low is not None and of.high is not None:
        low, high = width(of.low, scale), width(of.high, scale)
        parts.append(f'<span class="pace-range" style="left:{low:g}%;width:{round(high - low, 2):g}%"></span>')
    parts.append(f'<span class="pace-done" style="width:{width(of.done, scale):g}%"></span>')
    parts.append(f'<span class="pace-now" style="left:{width(of.expected, scale):g}%"></span>')
    parts.append(f'<span class="pace-goal" style="left:{width(of.target, scale):g}%"></span>')
    classes = "pace pace-tall" if tall else "pace"
    return f'<span class="{classes}" role="img" aria-label="{escape(name)}">{"".join(parts)}</span>'


def _word(at: float, text: str, side: str = "") -> str:
    css = f' class="at-{side}"' if side else ""
    return f'<span{css} style="left:{at:g}%">{escape(text)}</span>'


def _alone(at: float) -> tuple[float, str]:
    """Where a word stands that has its line to itself: over its mark, but inside the bar."""
    return (0, "start") if at < _HALF else (100, "end") if at > 100 - _HALF else (at, "")


def _pair(first: float, second: float) -> list[tuple[float, str]] | str:
    """Where two words of a line stand, the first mark left of the second; they never touch and stay inside.

    Without room for two places at an end of the bar, ``start`` or ``end`` says where both follow each other.
    """
    close = second - first < _WORD
    if first < _HALF or (close and first < _WORD):
        if second < _WORD:
            return "start"
        return [(0, "start"), _alone(second) if second >= _WORD + _HALF else (second, "start")]
    if second > 100 - _HALF or (close and second > 100 - _WORD):
        if first > 100 - _WORD:
            return "end"
        return [_alone(first) if first <= 100 - _WORD - _HALF else (first, "end"), (100, "end")]
    return [(first, "end"), (second, "start")] if close else [(first, ""), (second, "")]


def _words(of: Pace, scale: float, short: Callable[[int | None], str], done_word: str) -> tuple[str, str]:
    """The line above (pace today, target) and the line below (done, landing)."""
    marks = [
        (width(of.expected, scale), _("On pace today %(figure)s") % {"figure": short(of.expected)}),
        (width(of.target, scale), _("Target %(figure)s") % {"figure": short(of.target)}),
    ]
    marks.sort(key=lambda mark: mark[0])
    places, flow = _pair(marks[0][0], marks[1][0]), ""
    if isinstance(places, str):
        above, flow = "".join(f"<span>{escape(text)}</span>" for _mark, text in marks), f" is-{places}"
    else:
        above = "".join(_word(at, text, side) for (at, side), (_mark, text) in zip(places, marks, strict=True))
    below = _word(0, f"{done_word} {short(of.done)}", "start")
    if of.low is not None and of.high is not None:
        middle = min(max((width(of.low, scale) + width(of.high, scale)) / 2, _WORD + _HALF), 100 - _HALF)
        landing = _("Landing %(range)s") % {"range": format_range(short(of.low), short(of.high))}
        below += _word(round(middle, 2), landing)
    hidden = 'aria-hidden="true"'  # the drawing's own name says all four
    return (
        f'<span class="pace-words{flow}" {hidden}>{above}</span>',
        f'<span class="pace-words" {hidden}>{below}</span>',
    )


def pace_legend(done_word: str = "") -> SafeString:
    """What the parts of a pace bar mean, above a table of them."""
    keys = [("done", done_word or _("Reached")), ("range", _("Landing")), ("now", _("On pace")), ("goal", _("Target"))]
    parts = "".join(f'<span><i class="pace-key pace-key-{code}"></i>{escape(word)}</span>' for code, word in keys)
    return SafeString(f'<span class="legend">{parts}</span>')


def pace_words(of: Pace, text: Callable[[int | None], str] = render.money_brief) -> str:
    """The pace in words: behind or ahead by how much."""
    if of.gap == 0:
        return _("Exactly on pace")
    words = _("Behind %(amount)s") if of.gap < 0 else _("Ahead %(amount)s")
    return words % {"amount": text(abs(of.gap))}
