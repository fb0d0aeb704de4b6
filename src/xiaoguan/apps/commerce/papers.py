"""Records about money owed or paid show their sums to the fen in their heads, as papers do."""

from __future__ import annotations

from typing import Any

from django.db import models

from xiaoguan.kit import access, figures, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure


def exact_sums(model: type[models.Model], *names: str) -> None:
    """Give a model's record the figures of some of its amounts, in their order, unless they are hidden."""
    for place, name in enumerate(names, 1):
        figures.figure(model, position=10 * place)(_give(model, name))


def _give(model: type[models.Model], name: str) -> figures.Give:
    def give(record: Any, actor: Any) -> Figure | None:
        if name in access.masked(actor, model):
            return None
        return Figure(Entity.of(model).column(name).label, render.money_exact(getattr(record, name)))

    return give
