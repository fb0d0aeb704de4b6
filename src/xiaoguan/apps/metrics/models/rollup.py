"""Credits summed beforehand: what dashboards add up at any size, and which of these sums may be read.

A sum may be read while its fact and month stand in `Rolled` and not in `Stale`. Whoever writes credits appends to
`Stale` in the same transaction, so nobody ever reads a sum that lacks what is committed; appending never waits for
others, as updating a shared row would.
"""

from __future__ import annotations

from django.db import models

from xiaoguan.kit.fields import MoneyField


class MonthSum(models.Model):
    """What one person got for one fact in one month in one team; `split` in hundred-thousandths of a fact."""

    fact = models.CharField(max_length=40)
    on = models.DateField()
    unit = models.BigIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    split = models.BigIntegerField()
    amount = MoneyField()

    class Meta:
        indexes = [
            models.Index(fields=["fact", "on", "person", "unit", "split", "amount"], name="metrics_monthsum_on"),
            models.Index(fields=["fact", "person", "on", "unit", "split", "amount"], name="metrics_monthsum_person"),
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.on} {self.person} {self.amount}"


class TeamSum(models.Model):
    """What one team got for one fact in one month."""

    fact = models.CharField(max_length=40)
    on = models.DateField()
    unit = models.BigIntegerField(null=True)
    split = models.BigIntegerField()
    amount = MoneyField()

    class Meta:
        indexes = [models.Index(fields=["fact", "on", "unit", "split", "amount"], name="metrics_teamsum_on")]

    def __str__(self) -> str:
        return f"{self.fact} {self.on} {self.unit} {self.amount}"


class DaySum(models.Model):
    """What one team got for one fact on one day."""

    fact = models.CharField(max_length=40)
    on = models.DateField()
    unit = models.BigIntegerField(null=True)
    split = models.BigIntegerField()
    amount = MoneyField()

    class Meta:
        indexes = [
            models.Index(fields=["fact", "on", "unit", "split", "amount"], name="metrics_daysum_on"),
            models.Index(fields=["fact", "unit", "on", "split", "amount"], name="metrics_daysum_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.on} {self.unit} {self.amount}"


class Rolled(models.Model):
    """A fact and month whose sums were made, and the days of it on which anything happened.

    A question for some days of a month may read the sum of the whole month if nothing happened on the other days.
    Of a month without anything the first such day lies behind the last; both are None where it was not looked at.
    """

    fact = models.CharField(max_length=40)
    month = models.DateField()
    at = models.DateTimeField()
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "month"], name="metrics_rolled_once")]

    def __str__(self) -> str:
        return f"{self.fact} {self.month}"


class Stale(models.Model):
    """A fact (or with "" any) and a month whose credits changed since; appended only, taken away when made anew."""

    fact = models.CharField(max_length=40)
    month = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["month", "fact"], name="metrics_stale_month")]

    def __str__(self) -> str:
        return f"{self.fact} {self.month}"
