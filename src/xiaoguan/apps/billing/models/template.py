"""How plans usually look: 30/30/30/10 and whatever a company agrees most."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.billing.models.instalment import Kind, Milestone
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import RATE_ONE, PercentField
from xiaoguan.kit.record import Record


class PlanTemplate(Coded, Record):
    """A payment plan to begin with: its parts are shares of whatever the contract is worth."""

    names = {
        "project": _("30 / 30 / 30 / 10"),
        "goods": _("30 / 60 / 10"),
        "halves": _("50 / 50"),
        "whole": _("Everything on delivery"),
    }

    position = models.PositiveSmallIntegerField(_("order"), default=0)
    active = models.BooleanField(_("in use"), default=True)

    entity = Entity(
        slug="plan-templates",
        icon="list-numbers",
        nav="settings",
        scope="all",
        list="name position active",
        form="name position active",
        filter="active",
        key="name",
        sort="position",
        lines="parts",
    )

    class Meta:
        verbose_name = _("plan template")
        verbose_name_plural = _("plan templates")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["code"], name="billing_template_code")]


class PlanPart(Record):
    """One instalment of a template."""

    template = models.ForeignKey(PlanTemplate, models.PROTECT, related_name="parts", verbose_name=_("plan template"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.OTHER)
    rate = PercentField(_("share of the contract"), validators=[MinValueValidator(1), MaxValueValidator(RATE_ONE)])
    milestone = models.CharField(_("counts from"), max_length=10, choices=Milestone.choices, default=Milestone.SIGNED)
    days = models.PositiveSmallIntegerField(_("days after that"), default=0)

    entity = Entity(
        slug="plan-parts",
        icon="list",
        scope="template",
        list="kind template rate milestone days",
        form="template kind rate milestone days",
        filter="template kind",
        key="template kind milestone",
        title="kind",
        subtitle="template",
    )

    class Meta:
        verbose_name = _("part of a plan")
        verbose_name_plural = _("parts of plans")

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def clean(self) -> None:
        """A share is a share of something."""
        if not 0 < (self.rate or 0) <= RATE_ONE:
            raise ValidationError({"rate": _("Type a share between 0 and 100 per cent.")})
