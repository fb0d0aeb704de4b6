"""When approval is needed and who gives it: rows that an administrator edits."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.kit.record import Record

WHO = re.compile(r"manager|above|(role:[a-z_0-9]{1,40})|(person:\d{1,18})|(head:\d{1,18})")
MOST_STEPS = 6
LONGEST = 60


class Mode(models.TextChoices):
    """How many people of a step must agree."""

    ANY = "any", _("any one of them")
    ALL = "all", _("all of them")


def sound_steps(value: Any) -> None:
    """Accept a list of one to six steps {"who", "mode", "days"}."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_STEPS:
        raise ValidationError(_("A route has between one and six steps."), code="steps")
    for step in value:
        known = isinstance(step, dict) and set(step) == {"who", "mode", "days"}
        if not known or not isinstance(step["who"], str) or not WHO.fullmatch(step["who"]):
            raise ValidationError(_("Choose who decides in each step."), code="who")
        if step["mode"] not in Mode.values or type(step["days"]) is not int or not 1 <= step["days"] <= LONGEST:
            raise ValidationError(_("A step takes between 1 and 60 working days."), code="days")


class Route(Record):
    """Who must agree, one step after the other, once a measure of the record reaches the limit.

    `measure` names a measure of the kind; empty: the route applies always. `limit` is in the unit of the
    measure: fen, 1/100,000 or a count. Where several routes apply the one with the highest position counts.
    """

    kind = models.CharField(max_length=60, editable=False)
    code = models.CharField(max_length=40, null=True, editable=False)
    """Set on rows the program delivered; they keep their translated name until somebody renames them."""
    name = models.CharField(_("name"), max_length=80, blank=True)
    measure = models.CharField(_("when"), max_length=40, blank=True)
    limit = models.BigIntegerField(_("limit"), null=True, blank=True)
    steps = models.JSONField(_("steps"), default=list, validators=[sound_steps])
    oneself = models.BooleanField(
        _("own requests"), default=False,
        help_text=_("Whoever asks may approve his own request where he is the one to decide."),
    )  # fmt: skip
    position = models.PositiveIntegerField(_("place in the row"), default=0)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("approval route")
        verbose_name_plural = _("approval routes")
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="approvals_route_code")]
        indexes = [models.Index(fields=["kind", "position"], name="approvals_route_kind")]

    def __str__(self) -> str:
        return self.name or gettext("Route %(number)s") % {"number": self.position}

    def clean(self) -> None:
        """A measure needs a limit."""
        if self.measure and self.limit is None:
            raise ValidationError({"limit": _("Type from which value on approval is needed.")})
