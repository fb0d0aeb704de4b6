"""Checks every written row passes, whoever writes it: page, API, import, job or demo."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.record import Record


def _relations(row: models.Model) -> set[str]:
    """Foreign keys are loaded instances or ids the caller matched; checking them again costs a query each."""
    return {field.name for field in row._meta.concrete_fields if field.is_relation}


def check_rows(rows: Sequence[models.Model], *, unique: bool) -> None:
    """Raise Invalid with messages per field; `unique` also asks the database about unique keys."""
    for row in rows:
        try:
            skip = _relations(row)
            row.clean_fields(exclude={*skip, "extra"})
            for name in skip:
                field = row._meta.get_field(name)
                if getattr(row, field.attname) is None and not field.null:
                    raise ValidationError({name: field.error_messages["null"]})
            row.clean()
            if unique:
                row.validate_unique(exclude={"uid"})
                if any(_in_question(row, constraint) for constraint in row._meta.constraints):
                    row.validate_constraints()
        except ValidationError as problem:
            raise Invalid(_readable(row, problem)) from problem


def _in_question(row: models.Model, constraint: models.BaseConstraint) -> bool:
    """Whether a row may break a constraint; a unique key is asked for only where it is new, complete and in force.

    Django asks the database even about the condition of a key; those of our keys say that fields are empty.
    """
    if not isinstance(constraint, models.UniqueConstraint) or not constraint.fields:
        return True
    empties = _empties(constraint.condition)
    if empties is None or constraint.nulls_distinct is False:
        return True
    names = [row._meta.get_field(name).attname for name in constraint.fields]
    key = {name: getattr(row, name) for name in names}
    if None in key.values() or any((getattr(row, name) is None) != empty for name, empty in empties.items()):
        return False
    if not row._state.adding and isinstance(row, Record) and not {*key, *empties} & set(row.changed_fields()):
        return False
    others = type(row)._default_manager.filter(**key, **{f"{name}__isnull": empty for name, empty in empties.items()})
    return others.exclude(pk=row.pk).exists()


def _empties(condition: Q | None) -> dict[str, bool] | None:
    """A condition that only says which fields are empty, as field → empty; None for any other."""
    if condition is None:
        return {}
    plain = condition.connector == Q.AND and not condition.negated
    tests = [test for test in condition.children if isinstance(test, tuple) and test[0].endswith("__isnull")]
    if not plain or len(tests) < len(condition.children):
        return None
    return {name.removesuffix("__isnull"): empty for name, empty in tests}


def _readable(row: models.Model, problem: ValidationError) -> dict[str, list[str]]:
    if not hasattr(problem, "error_dict"):
        return {"": list(problem.messages)}
    found: dict[str, list[str]] = {}
    for name, errors in problem.error_dict.items():
        if any(error.code in ("unique", "unique_together") for error in errors):
            found["" if name == "__all__" else name] = [_("Another record already has this value.")]
        else:
            found["" if name == "__all__" else name] = [text for error in errors for text in error.messages]
    return found
