"""What may be done with an import that has ended, told by apps above."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from xiaoguan.transfer.models import Import

offers: list[Callable[[HttpRequest, Import], SafeString]] = []
"""Buttons beside those of the result page; an empty text offers nothing."""
