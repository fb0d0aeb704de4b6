"""Own fields: what a company adds to its records, defined by data."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

CODE = RegexValidator(r"^[a-z][a-z0-9_]{0,39}\Z", _("Type a Latin letter first, then small letters, digits and _."))
"""A code is part of SQL texts and index names: nothing else may be in it."""


class FieldKind(models.TextChoices):
    """What an own field holds."""

    TEXT = "text", _("text")
    LONG = "long", _("long text")
    NUMBER = "number", _("number")
    MONEY = "money", _("money")
    DATE = "date", _("date")
    TIME = "time", _("time")
    CHOICE = "choice", _("choice")
    CHOICES = "choices", _("multiple choice")
    PERSON = "person", _("person")
    RECORD = "record", _("record")
    PHONE = "phone", _("phone number")
    ADDRESS = "address", _("address")
    FILE = "file", _("file")
    FORMULA = "formula", _("formula")


class Result(models.TextChoices):
    """What a formula comes to."""

    NUMBER = "number", _("number")
    MONEY = "money", _("money")
    DATE = "date", _("date")
    TEXT = "text", _("text")


class OwnField(Record):
    """The definition of one own field of one kind of record.

    `code` is the stable key of its values and never changes; a retired field (`active` false) keeps its values.
    """

    record = models.CharField(_("kind of record"), max_length=60, editable=False)
    code = models.CharField(_("code"), max_length=40, editable=False, validators=[CODE])
    label = models.CharField(_("label"), max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=FieldKind)
    choices = models.JSONField(_("options"), default=list, blank=True)
    target = models.CharField(_("linked record"), max_length=60, blank=True)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0, validators=[MaxValueValidator(6)])
    formula = models.CharField(_("formula"), max_length=500, blank=True)
    result = models.CharField(_("result"), max_length=8, choices=Result, blank=True)
    required = models.BooleanField(_("required"), default=False)
    help = models.CharField(_("help"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0, validators=[MinValueValidator(0)])
    in_list = models.BooleanField(_("shown in lists"), default=False)
    active = models.BooleanField(_("in use"), default=True, editable=False)

    owner_defaults = False

    entity = Entity(
        slug="own-fields", icon="adjustments", scope="all",
        list="label code record kind required in_list active position formula help",
        filter="record kind active", title="label", sort="position",
    )  # fmt: skip

    class Meta:
        verbose_name = _("own field")
        verbose_name_plural = _("own fields")
        ordering = ["record", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "code"], condition=Q(deleted_at__isnull=True), name="kit_ownfield_code"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def key(self) -> str:
        """The key of its values in a record's `extra`."""
        return f"c_{self.code}"

    @property
    def holds(self) -> str:
        """The kind of its values: for a formula the kind of its result."""
        return self.result if self.kind == FieldKind.FORMULA else self.kind

    def clean(self) -> None:
        """A kind comes with what it needs."""
        if self.kind in (FieldKind.CHOICE, FieldKind.CHOICES) and not self.choices:
            raise ValidationError({"choices": _("Name at least one option, one per line.")})
        if self.kind == FieldKind.RECORD and not self.target:
            raise ValidationError({"target": _("Choose what it links to.")})
        if self.kind == FieldKind.FORMULA and not (self.formula and self.result):
            raise ValidationError({"formula": _("Type a formula.")})
