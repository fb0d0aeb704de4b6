"""Model fields that carry a unit: money in minor units, rates in hundred-thousandths."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.rounding import INT64_MAX

__all__ = ["INT64_MAX", "RATE_ONE", "MoneyField", "PercentField", "uuid7"]


def uuid7() -> uuid.UUID:
    """A time-ordered UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, 74 random bits."""
    millis = time.time_ns() // 1_000_000
    rand = secrets.randbits(74)
    value = (millis & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= (rand >> 62) << 64
    value |= 0b10 << 62
    value |= rand & (2**62 - 1)
    return uuid.UUID(int=value)


class MoneyField(models.BigIntegerField):
    """An exact amount in minor units (fen) of the installation's currency; never a float."""

    description = _("Amount in minor units")

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse what an int64 can't hold, in words."""
        super().validate(value, model_instance)
        if value is not None and abs(int(value)) > INT64_MAX:
            raise ValidationError(_("This amount is too large."), code="too_large")


class PercentField(models.IntegerField):
    """A rate as an integer of 1/100,000 (100 % = 100000); never a float."""

    description = _("Rate in hundred-thousandths")
