"""`{% load quoting %}`: amounts to the fen and lines in words, as documents show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from xiaoguan.apps.quotes.approval import line_words
from xiaoguan.apps.quotes.printing import money

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """An amount to the fen without its unit; empty where there is none."""
    return "" if fen is None else money(fen)


@register.filter
def offer(line: Mapping[str, Any]) -> SafeString:
    """A line of a version in words."""
    return line_words(line)
