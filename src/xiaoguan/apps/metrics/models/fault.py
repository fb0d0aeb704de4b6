"""Which customers had a wrong value when records were last measured."""

from __future__ import annotations

from django.db import models


class Fault(models.Model):
    """A customer with a value that can be checked and is wrong, his contacts' included; made anew each night.

    No foreign key: the rows are replaced as a whole by a plain statement, and read against customers that live.
    """

    customer = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.customer)
