"""What of a credit lies in which product: kept beside the credits, read only where a figure is cut by products."""

from __future__ import annotations

from django.db import models

from xiaoguan.kit.fields import MoneyField


class Portion(models.Model):
    """One product's part of one credit; `product` 0 is what stands in lines without one.

    `amount` is its part of the money, so that the portions of a credit sum to it to the fen; of what is no money (days,
    minutes) each product has the whole. A credit without portions is without a product. Neither column is a foreign
    key: credits are written and taken away by plain statements, and portions go with them.
    """

    credit = models.BigIntegerField()
    product = models.BigIntegerField()
    amount = MoneyField()

    class Meta:
        indexes = [models.Index(fields=["credit", "product", "amount"], name="metrics_portion_credit")]

    def __str__(self) -> str:
        return f"{self.credit} {self.product} {self.amount}"
