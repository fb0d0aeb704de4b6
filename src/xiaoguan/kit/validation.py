"""Checks every written row passes, whoever writes it: page, API, import, job or demo."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from xiaoguan.kit.errors import Invalid


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
                row.validate_constraints()
        except ValidationError as problem:
            raise Invalid(_readable(row, problem)) from problem


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
