"""The territory: a rule over customers, and the people who look after it."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import CustomerKind
from xiaoguan.apps.org.models import Person
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record
from xiaoguan.lexicon import regions

_BETWEEN = re.compile(r"[、,，;；\n]+")


def parts(text: str) -> list[str]:
    """The things of a list as people write it, with commas of any kind."""
    return [" ".join(part.split()) for part in _BETWEEN.split(text) if part.strip()]


class Colour(models.TextChoices):
    """How a territory is drawn on the map."""

    BLUE = "blue", _("blue")
    AMBER = "amber", _("amber")
    GREEN = "green", _("green")
    PURPLE = "purple", _("purple")
    RED = "red", _("red")


def known_regions(text: str) -> None:
    """Every region must be one that is known."""
    unknown = [part for part in parts(text) if regions.read(part)[1] or not regions.find(part)]
    if unknown:
        said = _("Nothing is called that: %(places)s. Write a province, a city or a district.")
        raise ValidationError(said % {"places": ", ".join(unknown)})


def known_kinds(text: str) -> None:
    """Every kind of customers must be one that is there."""
    known = {
        word.casefold() for kind in CustomerKind.objects.filter(deleted_at__isnull=True) for word in kind.spellings()
    }
    unknown = [part for part in parts(text) if part.casefold() not in known]
    if unknown:
        raise ValidationError(_("There is no kind of customer called that: %(kinds)s.") % {"kinds": ", ".join(unknown)})


class Territory(Record):
    """A part of the market. Its rule is written in words: regions, industries, kinds of customers; empty ones mean all.

    `codes` are the digits of the regions (3205 for Suzhou), space-separated; a customer lies in a territory by
    :mod:`xiaoguan.calc.territory`.
    """

    name = models.CharField(_("name"), max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    regions = models.CharField(
        _("regions"), max_length=1000, blank=True, validators=[known_regions],
        help_text=_("Provinces, cities or districts with a comma between; all that lies in them belongs to them."),
    )  # fmt: skip
    industries = models.CharField(_("industries"), max_length=300, blank=True, help_text=_("Empty: all of them."))
    kinds = models.CharField(
        _("customer kinds"), max_length=300, blank=True, validators=[known_kinds], help_text=_("Empty: all of them.")
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Of two equally exact rules the one that comes first wins.")
    )
    colour = models.CharField(_("colour on the map"), max_length=8, choices=Colour.choices, default=Colour.BLUE)
    note = models.TextField(_("note"), blank=True)
    codes = models.CharField(max_length=1000, editable=False, blank=True)

    entity = Entity(
        slug="territories",
        icon="map-pin",
        nav="customers",
        scope="all",
        list="name regions industries kinds parent position",
        form="name regions industries kinds | parent position colour | note",
        filter="parent",
        find="name regions",
        key="name",
        sort="position",
        subtitle="parent",
        lines="assignments",
    )

    class Meta:
        verbose_name = _("territory")
        verbose_name_plural = _("territories")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(deleted_at__isnull=True), name="territories_territory_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Tidy the lists and keep the digits of the regions."""
        self.name = " ".join(self.name.split())
        self.regions = "、".join(parts(self.regions))
        self.industries = "、".join(parts(self.industries))
        self.kinds = "、".join(parts(self.kinds))
        found = (regions.find(part) for part in parts(self.regions))
        self.codes = " ".join(dict.fromkeys(regions.prefix(code) for code in found if code))

    @property
    def says(self) -> bool:
        """Whether it has a rule at all."""
        return bool(self.codes or self.industries or self.kinds)


class Assignment(Record):
    """Somebody looks after a territory from one day to another, as the one responsible or as a helper."""

    territory = models.ForeignKey(Territory, models.PROTECT, related_name="assignments", verbose_name=_("territory"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    start = models.DateField(_("from"), null=True, blank=True)
    end = models.DateField(_("to"), null=True, blank=True)
    helper = models.BooleanField(_("helps only"), default=False)

    entity = Entity(
        slug="territory-assignments",
        icon="user-check",
        scope="territory",
        list="person territory start end helper",
        form="territory person start end helper",
        filter="territory person start end helper",
        key="territory person start",
        title="person",
        subtitle="territory",
    )

    class Meta:
        verbose_name = _("territory assignment")
        verbose_name_plural = _("territory assignments")

    def __str__(self) -> str:
        return str(self.person)

    def clean(self) -> None:
        """Nobody stops before he begins."""
        if self.start and self.end and self.end < self.start:
            raise ValidationError({"end": _("This is before the first day.")})
