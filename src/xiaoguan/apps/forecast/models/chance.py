"""The win probability of an open deal as the company's own history tells it, and the lesson it comes from.

Both are derived: a job makes them anew, nothing is lost with them, and nobody edits them. The probability a seller
types stays in the deal itself.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models import Deal, Stage


class Lesson(models.Model):
    """What was last learnt from closed deals: one row.

    ``model`` is a ``calc.winprob.Model`` as JSON. ``report`` tells how it fared on deals left out: deals, moments,
    first and last closing day, and brier, auc, bins both for what was learnt (``ours``) and for the stages' defaults
    (``known``). ``used`` is false while the stages' defaults do better, or there is too little to tell.
    """

    made_at = models.DateTimeField()
    deals = models.PositiveIntegerField(default=0)
    used = models.BooleanField(default=False)
    model = models.JSONField(default=dict)
    report = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("lesson of closed deals")

    def __str__(self) -> str:
        return f"{self.deals}"


class Chance(models.Model):
    """The learnt win probability (1/100,000) of one open deal in the stage it had then; ``reasons`` name what moved it.

    ``reasons`` are [column, log odds] pairs, the strongest first.
    """

    deal = models.OneToOneField(Deal, models.CASCADE, primary_key=True, related_name="chance")
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="+", db_index=False)
    rate = models.PositiveIntegerField()
    reasons = models.JSONField(default=list)
    made_on = models.DateField()

    class Meta:
        verbose_name = _("learnt win probability")

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.rate}"
