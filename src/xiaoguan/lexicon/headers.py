"""Which field a column header means: ``guess("客户（全称）", "deals")`` → ``customer``.

Tried from sure to likely: the whole header; without what stands in brackets, unit and number at the end; the part below
a group (``基本信息/客户名称``); without the record's own noun (``项目阶段`` → ``阶段``); and a known word at its end. Each
candidate carries a score of 0–100 and why: ``same``, ``part`` or ``ending``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Literal, NamedTuple

from xiaoguan.lexicon.companies import match_key, plain
from xiaoguan.lexicon.header_words import ALIASES, NOUNS, WORDS

SURE = 70
"""The least score at which :func:`guess` answers."""

Why = Literal["same", "part", "ending"]

_BRACKET = re.compile(r"[(\[【〔{<「][^)\]】〕}>」]*[)\]】〕}>」]?")
_GROUPS = re.compile(r"[/\\|>·:]+")
_UNIT_END = re.compile(r"(?:人民币|rmb|cny)?(?:亿元|千万元|百万元|万元|千元|元|亿|万)$")
_EXTRA_FRONT = re.compile(r"^(?:所属|对应|关联|相关|当前|最新|本次|主要|the)")
_VAGUE = frozenset("名称 编号 代码 日期 时间 金额 单位 类型 状态 方式 内容 number amount price value total".split())
_CHINESE = re.compile(r"[\u3400-\u9fff]")


class Candidate(NamedTuple):
    """A field a header may mean, how sure that is (0–100), and why."""

    field: str
    score: int
    why: Why


def slug_of(entity: str) -> str:
    """Return the slug under which words are kept: of ``person``, ``people`` and ``org.person`` alike."""
    name = entity.rpartition(".")[2].casefold()
    return ALIASES.get(name, name)


def guess(header: str, entity: str, among: Collection[str] | None = None) -> str:
    """Return the likeliest field (of ``among``, if given) of an entity for a header, or an empty string."""
    for candidate in candidates(header, entity):
        if candidate.score >= SURE and (among is None or candidate.field in among):
            return candidate.field
    return ""


def candidates(header: str, entity: str) -> list[Candidate]:
    """Return the fields a header may mean, the likeliest first; an entity without words has none."""
    fields = _fields(slug_of(entity))
    if not fields:
        return []
    found: dict[str, Candidate] = {}
    for key, score, why in _keys(header, slug_of(entity)):
        for field in fields.get(key, ()):
            found.setdefault(field, Candidate(field, score, why))
    for candidate in _endings(match_key(_BRACKET.sub("", plain(header))), fields):
        found.setdefault(candidate.field, candidate)
    return sorted(found.values(), key=lambda candidate: -candidate.score)


@cache
def _fields(slug: str) -> dict[str, tuple[str, ...]]:
    """Return the fields by plain key of their words, in the order of declaration."""
    found: dict[str, list[str]] = {}
    for field, words in WORDS.get(slug, {}).items():
        for word in (field, *words.split("|")):
            fields = found.setdefault(match_key(word), [])
            if field not in fields:
                fields.append(field)
    found.pop("", None)
    return {key: tuple(fields) for key, fields in found.items()}


def _keys(header: str, slug: str) -> list[tuple[str, int, Why]]:
    """Return the plain keys to look up, each with its score and reason."""
    text = " / ".join(plain(line) for line in header.splitlines())
    bare = _BRACKET.sub("", text)
    tried: list[tuple[str, int, Why]] = [(match_key(text), 100, "same"), (match_key(bare), 97, "same")]
    tried.append((_trimmed(match_key(bare)), 93, "same"))
    parts = [part for part in _GROUPS.split(bare) if part.strip()]
    tried += [(_trimmed(match_key(part)), 88 - place, "part") for place, part in enumerate(reversed(parts))]
    for key, score, _why in list(tried):
        for noun in NOUNS.get(slug, "").split("|"):
            start = match_key(noun)
            if start and key.startswith(start) and key != start:
                tried.append((key.removeprefix(start), score - 12, "part"))
    return sorted(((key, score, why) for key, score, why in tried if key), key=lambda each: -each[1])


def _trimmed(key: str) -> str:
    """Return a key without a unit or number at its end and filler at its front: 备注2, 合同额万元, 所属行业."""
    short = _UNIT_END.sub("", key.rstrip("0123456789")) or key
    return _EXTRA_FRONT.sub("", short) or short


def _endings(key: str, fields: dict[str, tuple[str, ...]]) -> list[Candidate]:
    """Return fields whose word ends the header and fills at least half of it: 我司销售员, 合同签约日期."""
    found = []
    for size in range(len(key) - 1, len(key) // 2 - (len(key) % 2 == 0), -1):
        word = key[-size:]
        if word not in _VAGUE and len(word) >= (2 if _CHINESE.search(word) else 5):
            score = 55 + 30 * size // len(key)
            found += [Candidate(field, score, "ending") for field in fields.get(word, ())]
    return found
