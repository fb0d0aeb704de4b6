"""Panels: a higher app's tab on the page of a lower app's record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

Render = Callable[[HttpRequest, Any], SafeString]
Count = Callable[[HttpRequest, Any], int | QuerySet[Any] | None]
"""A number, the rows to count together with those of other tabs, or nothing to say."""


@dataclass(frozen=True)
class Panel:
    """One tab: `render` gives its HTML when it is opened, `count` the figure beside its title (None: no figure).

    `shown` tells whether this reader gets the tab on this record at all.
    """

    model: type[models.Model]
    code: str
    title: Any
    render: Render
    count: Count | None = None
    position: int = 50
    icon: str = ""
    shown: Callable[[HttpRequest, Any], bool] = lambda request, record: True


_panels: dict[type[models.Model], list[Panel]] = {}


def panel(
    model: type[models.Model],
    code: str,
    title: Any,
    *,
    count: Count | None = None,
    position: int = 50,
    icon: str = "",
    shown: Callable[[HttpRequest, Any], bool] = lambda request, record: True,
) -> Callable[[Render], Render]:
    """Hang a tab on a model's record page; the decorated function renders it for (request, record).

    Raises ValueError when the model has a panel of that code already.
    """

    def add(render: Render) -> Render:
        found = _panels.setdefault(model, [])
        if any(each.code == code for each in found):
            raise ValueError(f"{model._meta.label_lower} has a panel {code} already")
        found.append(Panel(model, code, title, render, count, position, icon, shown))
        found.sort(key=lambda each: (each.position, each.code))
        return render

    return add


def of(model: type[models.Model]) -> list[Panel]:
    """The panels of a model in their order."""
    return list(_panels.get(model, ()))


def shown(request: HttpRequest, record: models.Model) -> list[Panel]:
    """The panels this reader gets on this record."""
    return [each for each in _panels.get(type(record), ()) if each.shown(request, record)]


def find(model: type[models.Model], code: str) -> Panel | None:
    """One panel by its code."""
    return next((each for each in _panels.get(model, ()) if each.code == code), None)


def everyone() -> list[Panel]:
    """All panels of all models, for wiring lists."""
    return [each for found in _panels.values() for each in found]
