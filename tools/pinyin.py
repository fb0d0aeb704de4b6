"""Write src/xiaoguan/lexicon/pinyin.txt from pypinyin's tables: one reading per character, and the phrases that differ.

pypinyin's own tables take 55 MB and 95 µs a name; a search index needs neither tones nor rare readings.
Run by hand after a new version of pypinyin: python tools/pinyin.py
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

TARGET = Path(__file__).resolve().parent.parent / "src/xiaoguan/lexicon/pinyin.txt"
LAST_COMMON = 0x9FFF
FIRST_COMMON = 0x3400


def main() -> None:
    """Collect and write both parts, characters by syllable and phrases with theirs."""
    readings = {
        chr(code): to_normal(found.split(",")[0])
        for code, found in PINYIN_DICT.items()
        if FIRST_COMMON <= code <= LAST_COMMON
    }
    by_syllable: dict[str, list[str]] = defaultdict(list)
    for char, syllable in sorted(readings.items()):
        if syllable.isascii():
            by_syllable[syllable].append(char)
    whole = {phrase: [to_normal(each[0]) for each in found] for phrase, found in PHRASES_DICT.items()}
    whole = {phrase: syllables for phrase, syllables in whole.items() if len(syllables) == len(phrase)}
    odd = {phrase for phrase, syllables in whole.items() if syllables != [readings.get(char) for char in phrase]}
    # A longer phrase that is read as usual must be there too where a shorter odd one hides in it.
    kept = odd | {phrase for phrase in whole if _hides(phrase, odd)}
    phrases = [f"{phrase} {' '.join(whole[phrase])}" for phrase in sorted(kept)]
    lines = [f"{syllable} {''.join(chars)}" for syllable, chars in sorted(by_syllable.items())]
    TARGET.write_text("\n".join([*lines, "", *phrases]) + "\n", encoding="utf-8")


def _hides(phrase: str, odd: set[str]) -> bool:
    """Return whether a shorter odd phrase stands somewhere inside."""
    ends = range(2, len(phrase) + 1)
    return any(phrase[start:end] in odd for end in ends for start in range(end - 1) if end - start < len(phrase))


if __name__ == "__main__":
    main()
