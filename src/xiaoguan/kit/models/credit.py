"""Who is credited with what, on which day: the one table every metric reads."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from xiaoguan.kit.fields import RATE_ONE, MoneyField


class Credit(models.Model):
    """One person's share of one fact.

    `unit` is the team the person was in on that day, so history stays with it; `amount` is
    this person's part in fen, `split` the share in hundred-thousandths. A count of facts is
    a sum of splits, so that a deal shared by two people counts once. `party` is the id of whom
    the fact is about as its `of` says: figures follow it into what it lay in on that day.
    """

    fact = models.CharField(max_length=40)
    entity = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(settings.XIAOGUAN_UNIT_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    on = models.DateField()
    split = models.IntegerField(default=RATE_ONE)
    amount = MoneyField(default=0)
    party = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["fact", "on", "person", "split", "amount"], name="kit_credit_day"),
            models.Index(fields=["fact", "person", "on", "split", "amount"], name="kit_credit_person"),
            models.Index(fields=["fact", "unit", "on", "split", "amount"], name="kit_credit_unit"),
            models.Index(fields=["entity", "object_id"], name="kit_credit_object"),
            models.Index(
                fields=["party", "fact", "on"], condition=models.Q(party__isnull=False), name="kit_credit_party"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.on} {self.amount}"
