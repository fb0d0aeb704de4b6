"""`{% load finding %}`: what people may type for a word that stands on the page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template

from xiaoguan.lexicon import pinyin

register = template.Library()


@register.filter
def typed(label: Any) -> str:
    """`{{ item.label|typed }}`: pinyin and initials of a Chinese label (`mubiao mb`), nothing for a Latin one."""
    return _typed(str(label))


@lru_cache(maxsize=512)
def _typed(text: str) -> str:
    sounds = [every[0] for every in pinyin.readings(text) if every]
    return f"{''.join(sounds)} {''.join(sound[0] for sound in sounds)}" if sounds else ""
