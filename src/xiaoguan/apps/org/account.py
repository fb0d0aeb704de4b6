"""What higher apps add to «my account»: cards of their own below those of the organisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Section:
    """One card; its function returns the whole `<section>`, or nothing where it does not concern the person."""

    position: int
    html: Callable[[HttpRequest], SafeString]


_sections: list[Section] = []


def section(position: int) -> Callable[[Callable[[HttpRequest], SafeString]], Callable[[HttpRequest], SafeString]]:
    """Put a card on the page, lowest position first."""

    def add(html: Callable[[HttpRequest], SafeString]) -> Callable[[HttpRequest], SafeString]:
        _sections.append(Section(position, html))
        return html

    return add


def render(request: HttpRequest) -> list[SafeString]:
    """All cards for the person who asks."""
    return [each.html(request) for each in sorted(_sections, key=lambda one: one.position)]
