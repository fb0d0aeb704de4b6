"""The days of a target: one vector for a subject, a metric and a fiscal year."""

from __future__ import annotations

from django.db import models


class DayPlan(models.Model):
    """What a subject is to reach on every day of a year, packed (`calc.tree.pack`), in fen, counts or minutes.

    Derived from the targets; kept because days that are over must stay as they were told when months or the calendar
    change. `made_of` names what it was made of: a vector whose targets or calendar have changed is made anew when read.
    """

    id = models.BigAutoField(primary_key=True)
    metric = models.CharField(max_length=40)
    start = models.DateField()
    subject = models.CharField(max_length=30)
    days = models.BinaryField()
    made_of = models.CharField(max_length=32)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["metric", "start", "subject"], name="goals_dayplan_once")]

    def __str__(self) -> str:
        return f"{self.metric} · {self.subject} · {self.start}"


class DayShape(models.Model):
    """How the days of a subject's year weigh against each other, where it is not by working days alone.

    Packed whole numbers of 1 or more (`calc.tree.pack`), one for each day of the year; days off bear nothing whatever
    they weigh. Kept as it was chosen: what last year brought is learnt once, so days already told do not move.
    """

    id = models.BigAutoField(primary_key=True)
    metric = models.CharField(max_length=40)
    start = models.DateField()
    subject = models.CharField(max_length=30)
    weights = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["metric", "start", "subject"], name="goals_dayshape_once")]

    def __str__(self) -> str:
        return f"{self.metric} · {self.subject} · {self.start}"
