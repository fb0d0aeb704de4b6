"""Search keys: what is written for a text, and what a typed word asks for. Pure functions of text.

Every key has a mark for its kind, so that keys of different kinds never meet:

    .x .xy      characters and pairs of characters, anywhere
    ^x ^h ^12   beginnings: of the text, of a company's core, of Latin words and of numbers
    ~henc       a syllable and the initial of the next one; ~hen a syllable; both folded (zh z, eng en …)
    +hc         initials of two neighbouring characters
    :cme $me    three Latin letters in a row; the end of a Latin word
    #5678       four digits in a row
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from xiaoguan.lexicon import companies, pinyin

VERSION = "2"
"""Raised whenever keys are made differently: the index is then built anew."""
LONGEST = 600
SPOKEN = 24
"""So many characters of a name are found by pinyin; what comes later is found by characters."""
LONGEST_WORD = 40
MOST_WORDS = 6
MOST_KEYS = 10
MOST_WAYS = 12
EVERYWHERE = frozenset(f".{pair}" for pair in companies.COMMON_PAIRS)
"""Keys of nearly every company: they narrow nothing, so a query asks for them only when it has nothing else."""

_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<digits>[0-9]+)|(?P<letters>[^{_HAN}0-9]+)")
_IS_HAN = re.compile(rf"[{_HAN}]")

Keys = frozenset[str]


@dataclass(frozen=True)
class Flat:
    """A text without case, width, script and separators; `origin` leads back to the original's positions.

    `starts` are the positions where a word begins.
    """

    text: str
    origin: tuple[int, ...]
    starts: frozenset[int]


_plain: dict[str, str] = {}
"""What each character met so far becomes: plain letters, digits or characters, nothing for a separator."""
_as_they_are: set[str] = set()
"""The characters that become themselves; a text of these alone, as most are, needs no look at each."""


def _flat_char(char: str) -> str:
    found = companies.plain(char)
    if not found.isascii():
        found = "".join(c for c in unicodedata.normalize("NFD", found) if not unicodedata.combining(c))
    found = "".join(c for c in found if c.isalnum())
    _plain[char] = found
    if found == char:
        _as_they_are.add(char)
    return found


def flat(text: str) -> Flat:
    """Flatten a text character by character, so that a part of a text is flattened like the whole."""
    text = text[:LONGEST]
    if _as_they_are.issuperset(text):
        return Flat(text, tuple(range(len(text))), frozenset((0,) if text else ()))
    chars: list[str] = []
    origin: list[int] = []
    starts: set[int] = set()
    fresh = True
    for position, char in enumerate(text):
        plain = _plain.get(char)
        if plain is None:
            plain = _flat_char(char)
        if not plain:
            fresh = True
            continue
        if fresh:
            starts.add(len(chars))
            fresh = False
        chars += plain
        origin += [position] * len(plain)
    return Flat("".join(chars), tuple(origin), frozenset(starts))


def runs(text: str) -> Iterator[tuple[str, int, str]]:
    """The stretches of one script in a flat text: kind (`han`, `digits`, `letters`), position, stretch."""
    for found in _RUNS.finditer(text):
        yield str(found.lastgroup), found.start(), found.group()


def core_span(text: str) -> tuple[int, int]:
    """Where a company's core stands in the flat text of its name; the whole text when it is no company."""
    if len(text) < 5 or not _IS_HAN.search(text):
        return 0, len(text)
    core = companies.core(text)
    start = text.find(core)
    return (start, start + len(core)) if start >= 0 else (0, len(text))


# --- What is written --------------------------------------------------------------------------------------------


def keys(text: str, *, prose: bool = False) -> set[str]:
    """The keys of one field; `prose` is found by words it contains, neither by pinyin nor by single characters."""
    whole = flat(text)
    start, end = (0, 0) if prose else core_span(whole.text)
    spoken = [] if prose else pinyin.readings(whole.text[: max(start + 1, min(end, SPOKEN))])
    found: set[str] = set()
    for kind, position, run in runs(whole.text):
        if kind == "han":
            found.update(f".{pair}" for pair in _grams(run, 2))
            if not prose:
                found.update(f".{char}" for char in run)
                _add_sounds(found, spoken[position : min(position + len(run), end)])
        else:
            _add_words(found, whole, kind, position, run)
    for anchor in {0, start} if spoken else ():
        _add_anchor(found, whole.text[anchor : anchor + 2], spoken[anchor])
    return found


def _grams(run: str, size: int) -> list[str]:
    return [run[at : at + size] for at in range(len(run) - size + 1)]


def _add_sounds(found: set[str], spoken: Sequence[tuple[str, ...]]) -> None:
    """Syllables, syllables with the next initial, and pairs of initials; each reading of a character counts."""
    before: tuple[str, ...] = ()
    for every in spoken:
        here = pinyin.folded(every)
        for syllable in here:
            found.add(f"~{syllable}")
            for earlier in before:
                found.add(f"~{earlier}{syllable[0]}")
                found.add(f"+{earlier[0]}{syllable[0]}")
        before = here


def _add_words(found: set[str], whole: Flat, kind: str, position: int, run: str) -> None:
    """Letters and digits inside a stretch, beginnings and ends of its words."""
    mark, size, longest = ("#", 4, 3) if kind == "digits" else (":", 3, 2)
    found.update(f"{mark}{gram}" for gram in _grams(run, size))
    inner = sorted(each for each in whole.starts if position < each < position + len(run))
    for begin, end in pairwise((position, *inner, position + len(run))):
        word = whole.text[begin:end]
        found.update(f"^{word[:length]}" for length in range(1, min(longest, len(word)) + 1))
        if kind == "letters" and len(word) >= 4:
            found.add(f"${word[-2:]}")


def _add_anchor(found: set[str], opening: str, readings: tuple[str, ...]) -> None:
    """The first character of a text, its first two, and the beginnings of its first syllable."""
    if not readings:
        return
    found.add(f"^{opening[0]}")
    if _IS_HAN.fullmatch(opening[-1]):
        found.add(f"^{opening}")
    for syllable in pinyin.folded(readings):
        found.update(f"^{syllable[:size]}" for size in range(1, len(syllable) + 1))


# --- What is asked ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """One typed word: its flat text, and alternatives of keys, one of which a record must have in full.

    `near` asks for records that begin with the word, `wide` for those that have it anywhere, `loose` for those
    that may have meant it: one letter or character off, or other characters of the same sound.
    """

    text: str
    near: tuple[Keys, ...]
    wide: tuple[Keys, ...]
    loose: tuple[Keys, ...]

    @property
    def either(self) -> tuple[Keys, ...]:
        """What a record must have to hold the word at all: one of `near` or `wide`."""
        return _smallest((*self.wide, *self.near))


def words(text: str) -> list[Word]:
    """Take a typed text apart at its spaces; words of separators alone are left out."""
    found = [flat(part).text[:LONGEST_WORD] for part in text.split()]
    return [word(each) for each in dict.fromkeys(found) if each][:MOST_WORDS]


@lru_cache(maxsize=512)
def word(text: str) -> Word:
    """What one flat word asks for."""
    parts = list(runs(text))
    near = [_ask(kind, run, first=position == 0) for kind, position, run in parts]
    wide = [_ask(kind, run, first=False) for kind, _position, run in parts]
    loose = [_guess(kind, run) or _ask(kind, run, first=False) for kind, _position, run in parts]
    return Word(text, _together(near), _together(wide), _together(loose))


def _together(parts: Sequence[Sequence[Keys]]) -> tuple[Keys, ...]:
    """Combine the alternatives of each stretch; a stretch that asks for nothing leaves the others as they are."""
    asked = [frozenset[str]().union(*each) for each in product(*(part or [frozenset()] for part in parts))]
    return _smallest([_narrow(way) for way in asked if way])[:MOST_WAYS]


def _smallest(ways: Sequence[Keys]) -> tuple[Keys, ...]:
    """Leave out the sets that contain another: whoever has all their keys has those of the smaller one, too."""
    return tuple(way for way in dict.fromkeys(ways) if not any(other < way for other in ways))


def _narrow(found: Keys) -> Keys:
    """Leave out what nearly every record has, and more than the index needs to be precise."""
    telling = sorted(found - EVERYWHERE, key=lambda key: (key[0] not in "^#:", key)) or sorted(found)
    return frozenset(telling[:MOST_KEYS])


def _keys(run: str, size: int, mark: str) -> set[str]:
    return {f"{mark}{gram}" for gram in _grams(run, size)}


def _ask(kind: str, run: str, *, first: bool) -> list[Keys]:
    """The alternatives for one stretch; `first` asks for the beginning of a text or word."""
    if kind == "han":
        if not first:
            return [frozenset(_keys(run, 2, ".") or {f".{run}"})]
        # One key for the first two: the planner can't know that two keys mostly come together.
        return [frozenset({f"^{run[:2]}"} | _keys(run[1:], 2, "."))]
    if kind == "digits":
        return [frozenset(_keys(run, 4, "#") or {f"^{run}"})]
    ways = [_ask_letters(run, first=first)]
    ways += [way for meant in pinyin.spellings(run) if (way := _ask_sounds(meant, first=first))]
    return list(dict.fromkeys(ways))


def _ask_letters(run: str, *, first: bool) -> Keys:
    if len(run) <= 2:
        return frozenset({f"^{run}"})
    found = _keys(run, 3, ":")
    return frozenset(found | {f"^{run[:2]}"} if first else found)


def _ask_sounds(meant: Sequence[str], *, first: bool) -> Keys:
    """Keys for syllables and initials in a row; the last one may be unfinished, so only its initial is asked for."""
    if len(meant) == 1:
        whole = len(meant[0]) > 1 and not first
        return frozenset({f"~{meant[0]}" if whole else f"^{meant[0]}"})
    found = {f"^{meant[0]}"} if first else set()
    for here, after in pairwise(meant):
        found.add(f"{'~' if len(here) > 1 else '+'}{here}{after[0]}")
    return frozenset(found)


def _guess(kind: str, run: str) -> list[Keys]:
    """The alternatives for a stretch that may have a slip in it; nothing where a guess would be a lottery."""
    if kind == "letters" and len(run) >= 5:
        ends = [(f"^{run[:1]}", 0, 1), (f"^{run[:2]}", 0, 2), (f"${run[-2:]}", len(run) - 2, len(run))]
        spans = [*ends, *((f":{run[at : at + 3]}", at, at + 3) for at in range(len(run) - 2))]
        # Two exchanged letters spoil the keys of both; short words have too few keys to give up that many.
        width = 2 if len(run) >= 6 else 1
        ways = [
            frozenset(key for key, begin, end in spans if end <= slip or begin >= slip + width)
            for slip in range(len(run) - width + 1)
        ]
        return [way for way in ways if len(way) >= 2]
    if kind == "han" and len(run) >= 2:
        sounds = [every[0] for every in pinyin.readings(run) if every]
        ways = [_ask_sounds([*(pinyin.fold(each) for each in sounds)], first=False)] if len(sounds) == len(run) else []
        if len(run) >= 4:
            spans = [(f"^{run[0]}", 0, 1), *((f".{run[at : at + 2]}", at, at + 2) for at in range(len(run) - 1))]
            slips = range(len(run))
            ways += [frozenset(key for key, begin, end in spans if not begin <= slip < end) for slip in slips]
        return [way for way in dict.fromkeys(ways) if way and not way <= EVERYWHERE]
    return []
