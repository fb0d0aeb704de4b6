"""How Chinese characters are typed: their readings without tones, and what a typist may have meant by some letters.

The tables are in ``pinyin.txt``: the first part gives every character its usual syllable, the second the phrases
that are read differently. ``tools/pinyin.py`` derives them from pypinyin.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

LONGEST_PHRASE = 8
ALSO = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "翟": "zhai", "盖": "ge", "朴": "piao",
    "乐": "yue", "覃": "qin", "缪": "miao", "薄": "bo", "晟": "sheng", "褚": "chu", "尉": "yu", "洗": "xian", "冼": "xian",
    "重": "chong", "长": "zhang", "行": "hang", "调": "tiao", "朝": "zhao", "都": "dou", "厦": "xia", "车": "ju",
    "传": "zhuan", "弹": "tan", "会": "kuai", "降": "xiang", "校": "jiao", "系": "ji", "省": "xing", "宿": "xiu",
    "率": "shuai", "强": "jiang", "藏": "zang", "参": "shen", "柏": "bo", "阿": "e", "埔": "pu", "蚌": "beng", "泊": "po",
    "大": "dai", "地": "de", "番": "pan", "角": "jue", "卡": "qia", "模": "mu", "色": "shai", "石": "dan", "数": "shuo",
    "炮": "bao", "圈": "juan", "塞": "sai", "折": "she", "莞": "wan", "浒": "xu", "六": "lu", "台": "tai", "无": "mo",
    "厂": "an", "广": "an", "奇": "ji", "给": "ji", "沈": "chen", "叶": "xie", "少": "shao", "便": "pian", "盛": "cheng",
    "种": "chong", "员": "yun", "谷": "yu", "尺": "che", "适": "kuo", "隗": "kui", "纪": "ji", "贾": "gu", "佟": "tong",
}  # fmt: skip
"""A second reading that people type, where characters stand alone in names and places."""

_VOWELS = frozenset("aeiouv")


@cache
def _tables() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the usual syllable by character and the syllables by irregular phrase; takes some 20 ms, once."""
    text = Path(__file__).with_name("pinyin.txt").read_text(encoding="utf-8")
    first, _blank, second = text.partition("\n\n")
    usual = {}
    for line in first.splitlines():
        syllable, _space, chars = line.partition(" ")
        usual.update(dict.fromkeys(chars, syllable))
    phrases = {}
    for line in second.splitlines():
        phrase, *syllables = line.split(" ")
        if len(phrase) <= LONGEST_PHRASE:
            phrases[phrase] = tuple(syllables)
    return usual, phrases


def usual() -> Mapping[str, str]:
    """Return the syllable each character usually has."""
    return _tables()[0]


@cache
def _openings() -> dict[str, int]:
    """Return, by first two characters, the longest irregular phrase that opens with them."""
    found: dict[str, int] = {}
    for phrase in _tables()[1]:
        found[phrase[:2]] = max(len(phrase), found.get(phrase[:2], 0))
    return found


@cache
def syllables() -> frozenset[str]:
    """Return every syllable there is, with ``lu`` and ``nu`` also standing for ``lü`` and ``nü``."""
    return frozenset(_tables()[0].values())


@cache
def _alone() -> dict[str, tuple[str, ...]]:
    """Return the readings of each character where no phrase says otherwise."""
    usual = _tables()[0]
    also: dict[str, tuple[str, ...]] = {
        char: (usual[char], other) for char, other in ALSO.items() if char in usual and usual[char] != other
    }
    return {char: (syllable,) for char, syllable in usual.items()} | also


def readings(text: str) -> list[tuple[str, ...]]:
    """Return the readings of each character, the likeliest first; an empty tuple for anything but a Chinese character."""
    alone = _alone()
    found = [alone.get(char, ()) for char in text]
    openings, phrases = _openings(), _tables()[1]
    free = 0
    for at in range(len(text) - 1):
        longest = openings.get(text[at : at + 2], 0)
        if not longest or at < free:
            continue
        for length in range(longest, 1, -1):
            phrase = phrases.get(text[at : at + length])
            if phrase:
                found[at : at + length] = [(syllable,) for syllable in phrase]
                free = at + length
                break
    return found


@lru_cache(maxsize=1024)
def fold(syllable: str) -> str:
    """Return the form in which syllables meet that many speakers don't tell apart: zh z, ch c, sh s, ang an, eng en, ing in.

    ``fold("zhang")`` == ``fold("zan")`` == ``"zan"``; ``lv`` becomes ``lu``. Works on the beginning of a syllable too.
    """
    text = syllable.replace("v", "u")
    if text[:2] in ("zh", "ch", "sh"):
        text = text[0] + text[2:]
    if text.endswith(("ang", "eng", "ing")):
        text = text[:-1]
    return text


@lru_cache(maxsize=4096)
def folded(readings: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folded forms of a character's readings, each once."""
    return tuple(dict.fromkeys(fold(each) for each in readings))


@lru_cache(maxsize=4096)
def variants(syllable: str) -> tuple[str, ...]:
    """Return the ways somebody may spell a syllable, the right one first."""
    flat = syllable.replace("v", "u")
    heads = {flat}
    if flat[0] in "zcs" and len(flat) > 1:
        heads.add(flat[0] + flat[2:] if flat[1] == "h" else f"{flat[0]}h{flat[1:]}")
    found = set(heads)
    for head in heads:
        if head.endswith(("ang", "eng", "ing")):
            found.add(head[:-1])
        elif head.endswith(("an", "en", "in")):
            found.add(f"{head}g")
    return (syllable, *sorted(found - {syllable}))


@lru_cache(maxsize=1024)
def spellings(letters: str, most: int = 6) -> tuple[tuple[str, ...], ...]:
    """Return what letters may stand for: sequences of folded syllables and, as single letters, initials of syllables.

    The fewest pieces come first: ``hengcen`` → (hen, cen); ``hcgg`` → (h, c, g, g); ``xian`` → (xian), (xi, an) …
    The last piece may be the beginning of a syllable. Nothing for letters no syllable begins with.
    """
    found: list[tuple[str, ...]] = []
    ways: list[tuple[tuple[str, ...], str]] = [((), letters)]
    for _step in range(24):
        ahead: list[tuple[tuple[str, ...], str]] = []
        for done, rest in ways:
            if not rest:
                found.append(done)
                continue
            ahead += [((*done, fold(rest[:size])), rest[size:]) for size in _sizes(rest)]
        if len(found) >= most or not ahead:
            break
        # Short sequences are the likelier ones: whatever has eaten the most letters goes on.
        ways = sorted(ahead, key=lambda way: len(way[1]))[: 4 * most]
    return tuple(dict.fromkeys(found))[:most]


def _sizes(letters: str) -> list[int]:
    """Return how many letters the next piece may take: whole syllables, an initial, or an unfinished last syllable."""
    known = syllables()
    sizes = [size for size in range(min(6, len(letters)), 0, -1) if letters[:size] in known]
    if len(letters) <= 6 and len(letters) not in sizes and any(each.startswith(letters) for each in known):
        sizes.insert(0, len(letters))
    for size in (2, 1) if letters[:2] in ("zh", "ch", "sh") else (1,):
        if size not in sizes and letters[0] not in "iuv":
            sizes.append(size)
    return sizes
