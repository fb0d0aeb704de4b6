"""What waits for a person under a word of the navigation: counted with the bell, so that no page asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_counts: dict[str, Callable[[Any], int]] = {}


def counted(word: str) -> Callable[[Callable[[Any], int]], Callable[[Any], int]]:
    """Register how many things wait under a word; one cheap statement each."""

    def register(func: Callable[[Any], int]) -> Callable[[Any], int]:
        _counts[word] = func
        return func

    return register


def waiting(actor: Any) -> dict[str, int]:
    """Word of the navigation → how many things wait there for this person."""
    return {word: count(actor) for word, count in _counts.items()}
