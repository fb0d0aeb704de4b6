"""What a metric counts, in words, as far as a reader may know it."""

from __future__ import annotations

from typing import Any

from django import template

from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.kit import access

register = template.Library()


@register.filter
def described(metric: Metric, reader: Any) -> str:
    """The description of a metric; empty where that field of the dictionary is masked for the reader."""
    return "" if "description" in access.masked(reader, Definition) else str(metric.description)
