"""What follows from saved rows in the same transaction: a parent's total, a history row, a next step.

An app that knows of a consequence registers it for the model whose rows cause it, its own or a
lower app's. It gets the running work and writes through it, so that the audit entry and undo of
one action hold everything the action did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from xiaoguan.kit.action import Work

Consequence = Callable[["Work", Sequence[Any], bool], None]

_registered: dict[type[models.Model], list[Consequence]] = defaultdict(list)


def consequence(model: type[models.Model]) -> Callable[[Consequence], Consequence]:
    """Register `func(work, rows, fresh)`; `fresh` rows were just created, others still know what they were."""

    def register(func: Consequence) -> Consequence:
        _registered[model].append(func)
        return func

    return register


def run(work: Work, model: type[models.Model], rows: Sequence[Any], *, fresh: bool) -> None:
    """Call what is registered for a model, in the order of registration."""
    for func in _registered.get(model, ()):
        func(work, rows, fresh)
