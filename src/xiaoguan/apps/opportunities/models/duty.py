"""The standard actions of a stage: what is always done there, by whom, in which time."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.opportunities.models.pipeline import Stage
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Doer(models.TextChoices):
    """Who does a standard action; a part in the deal's team that nobody has falls to the owner."""

    OWNER = "owner", _("owner")
    MANAGER = "manager", _("the owner's manager")
    LEAD = "lead", pgettext_lazy("in a deal", "Lead")
    TECHNICAL = "technical", pgettext_lazy("in a deal", "Technical")
    COMMERCIAL = "commercial", pgettext_lazy("in a deal", "Commercial")
    SUPPORT = "support", pgettext_lazy("in a deal", "Support")


class Manner(models.TextChoices):
    """How it is done; the codes are those of tasks."""

    TODO = "todo", _("To do")
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    MESSAGE = "message", _("Message")
    MAIL = "mail", pgettext_lazy("way to be in touch", "E-mail")


YEAR = 24 * 366


class Duty(Record):
    """Every deal that enters the stage gets it as a task; a required one is done before the stage is left."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="duties", verbose_name=_("stage"))
    title = models.CharField(_("standard action"), max_length=160)
    manner = models.CharField(_("kind"), max_length=8, choices=Manner.choices, default=Manner.TODO)
    doer = models.CharField(_("done by"), max_length=10, choices=Doer.choices, default=Doer.OWNER)
    hours = models.PositiveSmallIntegerField(
        _("hours allowed"), default=48, validators=[MinValueValidator(1), MaxValueValidator(YEAR)]
    )
    required = models.BooleanField(
        _("must be done"), default=False, help_text=_("The stage is not left before it is done.")
    )

    entity = Entity(
        slug="stage-actions",
        icon="checklist",
        scope="stage",
        list="title stage manner doer hours required",
        form="stage title manner doer hours required",
        filter="stage doer required",
        find="title",
        key="stage title",
        sort="stage",
        subtitle="stage",
    )

    class Meta:
        verbose_name = _("standard action")
        verbose_name_plural = _("standard actions")
        ordering = ["stage", "id"]

    def __str__(self) -> str:
        return self.title

    def prepare(self) -> None:
        """Blanks count once."""
        self.title = " ".join(self.title.split())
