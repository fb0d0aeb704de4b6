"""Does a text answer a typed word, how well, and which of its characters do: the last word on every hit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from xiaoguan.kit.search.grams import Flat, core_span, flat
from xiaoguan.lexicon import pinyin

LITERAL, SOUND, INITIALS, FUZZY, LOOSE = 0, 2, 3, 4, 12
WHOLE, START, CORE, WORD, INSIDE = 0, 2, 3, 4, 7
"""What the manner of a match and its place cost; the sum ranks hits, the least first."""
STRETCH = 40
"""No more characters of a text than this are covered by one word."""


@dataclass(frozen=True)
class Match:
    """A word found in a text: `cost` ranks, `spans` are the matched stretches of the original text."""

    cost: int
    spans: tuple[tuple[int, int], ...]


Found = tuple[int, int, int]
"""Cost, start and end in the flat text."""


def match(word: str, text: str, *, loose: bool = False) -> Match | None:
    """The best match of a flat word in a text, or None; `loose` forgives one slip or other characters of one sound."""
    whole = _flat(text)
    best = _literal(word, whole)
    if (loose or _has_letters(word)) and (best is None or best[0] > START):
        best = min(filter(None, (best, _spoken(word, whole, loose))), default=None)
    if best is None and loose:
        best = _slipped(word, whole.text)
    if best is None:
        return None
    cost, start, end = best
    return Match(cost, _spans(whole, start, end))


@lru_cache(maxsize=512)
def _has_letters(word: str) -> bool:
    """Whether some of it can stand for sounds."""
    return any("a" <= char <= "z" for char in word)


@lru_cache(maxsize=4096)
def _flat(text: str) -> Flat:
    return flat(text)


@lru_cache(maxsize=4096)
def _readings(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(pinyin.readings(text))


@lru_cache(maxsize=4096)
def _core(text: str) -> int:
    return core_span(text)[0]


def _literal(word: str, whole: Flat) -> Found | None:
    """The best place where the word stands as it is typed."""
    text = whole.text
    start = text.find(word)
    if start < 0:
        return None
    if start == 0:
        return (WHOLE if len(word) == len(text) else START), 0, len(word)
    places = [start, _core(text), *whole.starts]
    best = min((_place(at, whole), at) for at in places if text.startswith(word, at))
    return LITERAL + best[0], best[1], best[1] + len(word)


def _place(start: int, whole: Flat) -> int:
    if start == 0:
        return START
    if start == _core(whole.text):
        return CORE
    return WORD if start in whole.starts else INSIDE


def _spans(whole: Flat, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The stretches of the original that made the flat characters, without the separators between them."""
    spans: list[tuple[int, int]] = []
    for position in dict.fromkeys(whole.origin[start:end]):
        if spans and spans[-1][1] == position:
            spans[-1] = (spans[-1][0], position + 1)
        else:
            spans.append((position, position + 1))
    return tuple(spans)


def _spoken(word: str, whole: Flat, loose: bool) -> Found | None:
    """The best place where characters stand for themselves and letters for themselves or for the sound of one."""
    readings = _readings(whole.text)
    best: Found | None = None
    for start, every in enumerate(readings):
        # A cheap look before the careful one: no way of spelling changes a syllable's first letter.
        if whole.text[start] != word[0] and not loose and not any(each[0] == word[0] for each in every):
            continue
        found = _spoken_from(word, whole.text, readings, start, loose)
        if found is not None:
            manner, end = found
            place = WHOLE if start == 0 and end == len(whole.text) else _place(start, whole)
            best = min(best or (manner + place, start, end), (manner + place, start, end))
    return best


def _spoken_from(
    word: str, text: str, readings: tuple[tuple[str, ...], ...], start: int, loose: bool
) -> tuple[int, int] | None:
    """Match from one position: (cost of the manner, end), the cheapest way; None when there is none."""
    # Ways that have eaten the same letters up to the same character differ by cost alone.
    ways: dict[int, int] = {0: LITERAL}
    best: tuple[int, int] | None = None
    for position in range(start, min(len(text), start + STRETCH)):
        ahead: dict[int, int] = {}
        for eaten, cost in ways.items():
            for more, manner in _steps(word[eaten:], text[position], readings[position], loose):
                total = max(cost, manner)
                if total < ahead.get(eaten + more, LOOSE + 1):
                    ahead[eaten + more] = total
        done = ahead.pop(len(word), None)
        if done is not None and (best is None or done < best[0]):
            best = (done, position + 1)
        if not ahead:
            break
        ways = ahead
    return best


def _steps(rest: str, char: str, readings: tuple[str, ...], loose: bool) -> Iterator[tuple[int, int]]:
    """How many letters of the rest one character may account for, and at what cost."""
    if rest[0] == char:
        yield 1, LITERAL
        return
    if not readings:
        return
    if not rest[0].isascii():
        if loose and _same_sound(rest[0], readings):
            yield 1, LOOSE
        return
    for reading in readings:
        for number, variant in enumerate(pinyin.variants(reading)):
            manner = FUZZY if number else SOUND
            if rest.startswith(variant):
                yield len(variant), manner
            elif len(rest) > 1 and variant.startswith(rest):
                yield len(rest), manner
        if rest[0] == reading[0]:
            yield 1, INITIALS
        if reading[1:2] == "h" and rest.startswith(reading[:2]):
            yield 2, INITIALS


@lru_cache(maxsize=4096)
def _same_sound(char: str, readings: tuple[str, ...]) -> bool:
    typed = {pinyin.fold(each) for each in pinyin.readings(char)[0]}
    return bool(typed & {pinyin.fold(each) for each in readings})


def _slipped(word: str, text: str) -> Found | None:
    """One letter or character wrong, missing, too many, or two exchanged; only for words long enough to tell."""
    if len(word) < (5 if word.isascii() else 4):
        return None
    for start in range(len(text) - len(word) + 2):
        for size in (len(word), len(word) - 1, len(word) + 1):
            end = start + size
            if end <= len(text) and one_slip(word, text[start:end]):
                return LOOSE + (START if start == 0 else WORD), start, end
    return None


def one_slip(first: str, second: str) -> bool:
    """Whether two texts differ by one substitution, insertion, deletion or exchange of neighbours."""
    if len(first) > len(second):
        first, second = second, first
    if len(second) - len(first) > 1:
        return False
    at = next((i for i, char in enumerate(first) if char != second[i]), len(first))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    if first[at + 1 :] == second[at + 1 :]:
        return True
    exchanged = first[at : at + 2] == second[at : at + 2][::-1]
    return exchanged and first[at + 2 :] == second[at + 2 :]
