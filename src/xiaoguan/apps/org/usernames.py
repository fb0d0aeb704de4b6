"""User names made from names: Chinese becomes pinyin, the second of a name gets a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from xiaoguan.apps.org.models.person import SYSTEM
from xiaoguan.lexicon.surnames import in_letters

LONGEST = 40


def base(name: str) -> str:
    """Latin letters and digits of a name, Chinese as pinyin; `user` when nothing is left."""
    latin = in_letters(name.strip())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9.]+", "", plain.lower().replace(" ", ".")).strip(".")[:LONGEST] or "user"


def suggest(names: Iterable[str], taken: Collection[str]) -> list[str]:
    """A free user name for each name, in order; `taken` in any case, the system's own always counts."""
    used = {name.casefold() for name in taken} | {SYSTEM}
    found = []
    for name in names:
        stem = base(name)
        wanted, number = stem, 2
        while wanted in used:
            wanted, number = f"{stem}{number}", number + 1
        used.add(wanted)
        found.append(wanted)
    return found
