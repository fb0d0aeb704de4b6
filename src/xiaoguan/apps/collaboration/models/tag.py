"""Tags: words of the company's own for records of every kind."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

SEPARATORS = re.compile("[,;|&\uff0c\u3001\uff1b\n]")
"""What stands between tags in files and addresses, and so in none of them."""


class Colour(models.TextChoices):
    """The dot before a tag; it means nothing by itself."""

    GREY = "0", _("grey")
    BLUE = "1", _("blue")
    OCHRE = "2", _("ochre")
    GREEN = "3", _("green")
    VIOLET = "4", _("violet")
    WINE = "5", _("wine red")


class Tag(Record):
    """One tag; records hold its id, so that it can be renamed. A deleted one disappears from all of them at once."""

    name = models.CharField(_("name"), max_length=30)
    colour = models.CharField(_("colour"), max_length=1, choices=Colour.choices, default=Colour.GREY)

    entity = Entity(
        slug="tags", icon="tags", nav="settings", scope="all", list="name colour", form="name colour",
        filter="colour", find="name", key="name", sort="name",
    )  # fmt: skip

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(deleted_at__isnull=True), name="collaboration_tag_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Blanks count once."""
        self.name = " ".join(self.name.split())

    def clean(self) -> None:
        """A name can be told from its neighbours in a file."""
        if SEPARATORS.search(self.name):
            raise ValidationError({"name": _("A tag has no comma or semicolon in its name.")})
