"""What the database knows of the columnar copy of credits: which one holds, and what changed since it was made.

Whoever writes credits, or what a copied credit is cut by, appends to `Ahead` in the same transaction. A reader takes
the copy without whatever is marked and reads that from the database, so nobody's figure lacks what is committed.
"""

from __future__ import annotations

import random

from django.db import models

from xiaoguan.kit import clock


def _stamp() -> int:
    return random.getrandbits(31)


class Copied(models.Model):
    """The one copy that holds; an empty name is none."""

    name = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=clock.machine_now)
    """When the marks were read that this copy has taken in."""
    took = models.IntegerField(default=0)
    """How long making it took, in milliseconds."""

    def __str__(self) -> str:
        return self.name


class Ahead(models.Model):
    """All credits about one customer, or of one record about none, may differ from the copy; an empty mark is all."""

    party = models.BigIntegerField(null=True)
    entity = models.CharField(max_length=60, blank=True)
    record = models.BigIntegerField(null=True)
    stamp = models.IntegerField(default=_stamp)
    """Any number: the sum of all tells one set of marks from another, where an id may be given twice."""

    def __str__(self) -> str:
        return f"{self.party} {self.entity} {self.record}"
