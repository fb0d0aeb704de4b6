"""Headers of records that stand beside another one in the same row: ``联系人2手机`` → the second contact's ``mobile``."""

from __future__ import annotations

import re
from typing import NamedTuple

from xiaoguan.lexicon.companies import plain
from xiaoguan.lexicon.headers import guess, slug_of

NOUNS: dict[str, str] = {
    "contacts": "客户联系人|主要联系人|主联系人|联系人|联络人|对接人|关键人|contact person|contact",
}
"""What columns of such a record begin with, by its slug."""

_FILES = re.compile(r"附件|文件名|图片|照片|相片|图纸|attachment|file ?names?|^files?$|photo|picture", re.I)
_DIGITS = {**{sign: number for number, sign in enumerate("一二三四五六七八九", 1)}, "首": 1}
_NUMBER = r"(?P<{0}>\d{{1,2}}|[一二三四五六七八九])"
_LEAN = re.compile(r"^[\s:\-_/.·()\[\]]+|[\s:\-_/.·()\[\]]+$")
_REPEATED = re.compile(r"\((\d{1,2})\)$")


class GroupColumn(NamedTuple):
    """The how-many-th record of the row a column belongs to, and its field; an empty field is the record's name."""

    number: int
    field: str


def read(header: str, entity: str) -> GroupColumn | None:
    """What a header says of a record beside the main one; None when it names none."""
    slug = slug_of(entity)
    text = plain(header)
    repeated = _REPEATED.search(text)
    text = _REPEATED.sub("", text).strip()
    for noun in NOUNS.get(slug, "").split("|"):
        if not noun:
            continue
        found = re.match(
            rf"^(?:第?{_NUMBER.format('before')}\s*(?:个|位)?\s*)?{noun}s?\s*[#_(]?\s*{_NUMBER.format('after')}?",
            text,
            re.I,
        )
        if found is None:
            continue
        rest = _LEAN.sub("", text[found.end() :])
        number = _number(found["before"] or found["after"] or (repeated[1] if repeated else "1"))
        if not (tail := re.fullmatch(r"(.*?)\s*(\d{1,2})", rest)) or found["before"] or found["after"]:
            field = guess(rest, slug) if rest else ""
        else:
            number, field = int(tail[2]), guess(tail[1], slug) if tail[1] else ""
        return GroupColumn(number, field) if field or not rest else None
    return None


def _number(text: str) -> int:
    return _DIGITS.get(text) or int(text)


def names_files(header: str) -> bool:
    """Whether a column holds the names of files."""
    return bool(_FILES.search(plain(header)))
