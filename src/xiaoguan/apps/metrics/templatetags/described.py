"""What a metric counts, in words, as far as a reader may know it; and menus of metrics by chapter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django import template

from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.spec import CATEGORIES, Metric
from xiaoguan.kit import access

register = template.Library()


@register.filter
def described(metric: Metric, reader: Any) -> str:
    """The description of a metric; empty where that field of the dictionary is masked for the reader."""
    return "" if "description" in access.masked(reader, Definition) else str(metric.description)


@register.filter
def by_chapter(offered: Iterable[Metric]) -> list[tuple[str, list[Metric]]]:
    """Metrics in the chapters of the dictionary, in their order: `(chapter, its metrics)`."""
    found: dict[str, list[Metric]] = {}
    for metric in offered:
        found.setdefault(metric.category, []).append(metric)
    return [(str(label), found[code]) for code, label in CATEGORIES.items() if code in found]


@register.inclusion_tag("metrics/menu.html")
def metric_menu(chosen: Metric, offered: Iterable[Metric], state: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """A menu of metrics by chapter with a field to narrow it; its links keep the other words of the address."""
    kept = {name: value for name, value in {**(state or {}), **more}.items() if name != "metric" and value != ""}
    chapters = [
        (label, [(metric, "?" + urlencode({"metric": metric.code, **kept})) for metric in members])
        for label, members in by_chapter(offered)
    ]
    return {"chosen": chosen, "chapters": chapters}
