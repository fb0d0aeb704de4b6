"""How a person and his manager come to a target: what either said, in which order, and why."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import access
from xiaoguan.kit.record import Record


class Step(models.TextChoices):
    """What was said in a round, and so whose turn it is: the manager's, the person's, nobody's."""

    PROPOSED = "proposed", _("proposed")
    COUNTERED = "countered", _("countered")
    AGREED = "agreed", _("agreed")


class Round(Record):
    """One round about one person's year: twelve months in the metric's unit, None where nothing was said.

    `latest` marks the newest of a person, metric and year; `by` said it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    metric = models.CharField(_("metric"), max_length=40)
    start = models.DateField(_("first day"))
    number = models.PositiveSmallIntegerField(_("round"))
    step = models.CharField(_("step"), max_length=10, choices=Step.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("said by"))
    at = models.DateTimeField(_("said at"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    months = models.JSONField(_("months"))
    latest = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "metric", "start", "number"],
                condition=Q(deleted_at__isnull=True),
                name="goals_round_once",
            ),
        ]
        indexes = [
            models.Index(fields=["step", "person"], condition=Q(latest=True), name="goals_round_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.metric} · {self.start:%Y}"

    def prepare(self) -> None:
        """It belongs to whom it is about."""
        self.owner_id = self.person_id

    def takes_back(self, actor: Any) -> bool:
        """Either side: whoever it is about, whoever said it, and who sets his targets."""
        if actor.pk in (self.person_id, self.by_id):
            return True
        scope = access.grants(actor).scope("goals.target", "change")
        return scope == "all" or (
            scope == "team" and access.policy().reaches(actor, self.person_id, None, leading=True)
        )
