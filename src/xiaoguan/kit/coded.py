"""Seeded rows that carry a code: they show the translation until somebody renames them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, override


class Coded(models.Model):
    """A `code` the program knows and a `name` people may type; an empty name shows the built-in one."""

    names: ClassVar[Mapping[str, Promise]] = {}
    """Built-in names by code, translated where they are shown."""

    code = models.SlugField(_("code"), max_length=40, null=True, blank=True, editable=False, db_index=False)
    name = models.CharField(_("name"), max_length=60, blank=True, help_text=_("Leave empty to use the built-in name."))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name or str(self.names.get(self.code or "", self.code or ""))

    def clean(self) -> None:
        """A row of the user's own needs a name."""
        super().clean()
        if not self.name and self.code not in self.names:
            raise ValidationError({"name": _("Type a name.")})

    def spellings(self) -> set[str]:
        """Every way this row may be written in a file: its name, its code, its built-in name in each language."""
        found = {self.name, self.code or ""}
        if self.code in self.names:
            for language, _label in settings.LANGUAGES:
                with override(language):
                    found.add(str(self.names[self.code]))
        return found - {""}
