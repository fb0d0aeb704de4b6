"""The construction project: what is built, where, when and for how much."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import MoneyField
from xiaoguan.kit.record import Record
from xiaoguan.lexicon import projects


class Phase(models.TextChoices):
    """How far the construction is."""

    PLANNED = "planned", _("Planned")
    DESIGN = "design", _("In design")
    TENDER = "tender", _("Out to tender")
    CONSTRUCTION = "construction", _("Under construction")
    DONE = "done", _("Completed")
    STOPPED = "stopped", _("Stopped")


class Use(models.TextChoices):
    """What is built."""

    FACTORY = "factory", _("Factory")
    WAREHOUSE = "warehouse", _("Warehouse")
    OFFICE = "office", _("Office building")
    COMMERCIAL = "commercial", _("Shops and hotels")
    HOUSING = "housing", _("Housing")
    PUBLIC = "public", _("Public building")
    SPORTS = "sports", _("Stadium")
    TRANSPORT = "transport", _("Station or airport")
    OUTDOOR = "outdoor", _("Streets and parks")
    OTHER = "other", _("Other building")


ALIVE = Q(deleted_at__isnull=True)


class Project(Record):
    """One building site; several companies take part in it, and each of them may be a deal of its own.

    `floor_area` is in whole m², `budget` in fen. `core` and `stage` are the name as it is compared: see
    :mod:`xiaoguan.lexicon.projects`.
    """

    name = models.CharField(_("name"), max_length=160)
    number = models.CharField(_("project number"), max_length=40, null=True, blank=True)
    phase = models.CharField(_("phase"), max_length=12, choices=Phase.choices, default=Phase.PLANNED)
    use = models.CharField(_("kind of building"), max_length=12, choices=Use.choices, blank=True)
    province = models.CharField(_("province"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    district = models.CharField(_("district"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    floor_area = models.PositiveIntegerField(_("floor area in m²"), null=True, blank=True)
    budget = MoneyField(_("budget"), null=True, blank=True, validators=[MinValueValidator(0)])
    tender_on = models.DateField(_("tender on"), null=True, blank=True)
    start_on = models.DateField(_("construction starts on"), null=True, blank=True)
    completion_on = models.DateField(_("completed on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    core = models.CharField(max_length=160, editable=False)
    stages = models.CharField(max_length=60, editable=False, blank=True)

    entity = Entity(
        slug="projects",
        icon="building-skyscraper",
        nav="customers",
        list="name phase city use floor_area budget tender_on owner",
        form="name phase use owner | province city district address | floor_area budget tender_on start_on"
        " completion_on number | note",
        filter="owner phase use province city tender_on start_on completion_on budget floor_area",
        find="name number",
        key="number name",
        sums="budget",
        board="phase",
        calendar="tender_on",
        subtitle="phase use city",
        lines="participants",
    )

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=ALIVE, name="projects_project_number"),
        ]
        indexes = [
            models.Index(fields=["name"], condition=ALIVE, name="projects_project_name"),
            models.Index(fields=["core"], condition=ALIVE, name="projects_project_core"),
            models.Index(fields=["owner", "phase"], condition=ALIVE, name="projects_project_mine"),
            models.Index(fields=["phase", "tender_on", "budget"], condition=ALIVE, name="projects_project_board"),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Tidy the name and keep what it is compared by."""
        self.name = " ".join(self.name.split())
        self.number = (self.number or "").strip() or None
        said = projects.read(self.name)
        self.core, self.stages = said.core[:160], said.written[:60]

    def clean(self) -> None:
        """Nothing is completed before it is begun."""
        if self.start_on and self.completion_on and self.completion_on < self.start_on:
            raise ValidationError({"completion_on": _("This is before construction starts.")})
