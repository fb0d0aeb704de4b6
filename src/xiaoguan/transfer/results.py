"""What may be done with an import that has ended, told by apps above."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from xiaoguan.transfer.models import Import

offers: list[Callable[[HttpRequest, Import], SafeString]] = []
"""Buttons beside those of the result page; an empty text offers nothing."""

Following = Callable[[HttpRequest, Import], tuple[str, str] | None]
_following: list[Following] = []


def following(func: Following) -> Following:
    """Register who knows what usually comes after an import: the words of a button and its address."""
    _following.append(func)
    return func


def next_step(request: HttpRequest, batch: Import) -> tuple[str, str] | None:
    """What comes after this import; None where nobody knows anything."""
    return next((found for func in _following if (found := func(request, batch))), None)
