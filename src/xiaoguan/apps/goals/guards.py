"""Whose targets may be set, also where no page of the grid asked before: by a form, a list or a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.goals.actions import may_set
from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.models.target import ONE_OF
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.kit import guard
from xiaoguan.kit.errors import Refusal, WayOut

CODE = "goals.whose"


@guard.register("goals.target.create", code=CODE, label=gettext_lazy("Targets of one's own people only"))
def refuse_new(attempt: guard.Attempt) -> None:
    """A new target is for somebody whose targets the actor sets."""
    rows = [attempt.values] if isinstance(attempt.values, Mapping) else attempt.values
    _refuse(attempt.actor, {_subject(row.get) for row in rows})


@guard.register("goals.target.update", code=CODE, label=gettext_lazy("Targets of one's own people only"))
def refuse_other(attempt: guard.Attempt) -> None:
    """A changed one too, whoever it was for."""
    _refuse(attempt.actor, {_subject(lambda name, row=row: getattr(row, name, None)) for row in attempt.rows})


def _subject(said: Any) -> Subject | None:
    """Whose it is by its values; None where that is not said yet, which the record itself refuses."""
    level = str(said("level") or Level.PERSON.value)
    if level not in ONE_OF:
        return Subject(level) if level == Level.COMPANY else None
    named = said(level)
    pk = said(f"{level}_id") or getattr(named, "pk", named)
    return Subject(level, int(pk)) if pk else None


def _refuse(actor: Any, subjects: set[Subject | None]) -> None:
    if may_set(actor, *(each for each in subjects if each is not None)):
        return
    raise Refusal(
        _("You can't set this target"),
        _("It is for somebody whose targets are not yours to set."),
        code=CODE,
        rule=_("A manager sets the targets of the people he leads and of their customers; all others come from above."),
        ways_out=[WayOut(_("Open the targets"), reverse_lazy("goals:grid"), icon="target")],
    )
