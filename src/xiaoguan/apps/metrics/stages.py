"""The metrics of stages left cut by stage: read from the way that deals took, as a reading knows no stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth

from xiaoguan.apps.metrics import standing
from xiaoguan.apps.metrics.queries import figure
from xiaoguan.apps.metrics.readings import ENTITY
from xiaoguan.apps.metrics.spec import Measure, Metric, Slice
from xiaoguan.apps.opportunities.models import Stage, StageEntry
from xiaoguan.apps.opportunities.models.history import Way
from xiaoguan.kit import access, filters
from xiaoguan.kit.models.credit import Credit

BECAUSE = "what is counted of all records doesn't depend on who looks"
MADE: Mapping[str, Any] = {
    "stages_left": Count("pk"),
    "stages_forward": Count("pk", filter=Q(way__in=[Way.ON, Way.SKIP])),
    "stage_days": Sum("days"),
}
"""What each reading is made of."""


def fits(actor: Any, metric: Metric) -> bool:
    """Whether a metric is made of stages left, and the reader may look at these."""
    measures = metric.measures
    told = all(measure.how == "sum" and not measure.where and {*measure.facts} <= MADE.keys() for measure in measures)
    return told and access.may(actor, "view", StageEntry)


def found(metric: Metric, where: Slice) -> dict[int, int | None]:
    """The figure of each stage, of whole months; one query. Whom it counts for is who had the deal then."""
    rows = access.everything(StageEntry, because=BECAUSE).filter(
        left_on__range=(where.first, where.last), days__isnull=False
    )
    if where.people is not None:
        rows = rows.filter(credited__in=list(where.people))
    if where.units is not None:  # the team somebody was in when the month began, as for the reading
        inside = _of_teams(metric, where)
        same = inside.filter(person=OuterRef("credited"), on=OuterRef("month"))
        rows = rows.filter(credited__in=inside.values("person")).annotate(month=TruncMonth("left_on"))
        rows = rows.filter(Exists(same))
    codes = {code for measure in metric.measures for code in measure.facts}
    grouped = rows.order_by().values("stage").annotate(**{f"n_{code}": MADE[code] for code in codes})

    def of(row: Mapping[str, Any], measure: Measure) -> int:
        return sum(row[f"n_{code}"] or 0 for code in measure.facts)

    return {
        row["stage"]: figure(metric, of(row, metric.measure), of(row, metric.over) if metric.over else 0)
        for row in grouped
    }


def _of_teams(metric: Metric, where: Slice) -> Any:
    """The readings of some teams."""
    codes = [code for measure in metric.measures for code in measure.facts]
    span = (where.first, where.last)
    return Credit.objects.filter(entity=ENTITY, fact__in=codes, on__range=span, unit__in=list(where.units or ()))


def lines(metric: Metric, where: Slice, values: Mapping[int, int | None]) -> list[tuple[int, str, str]]:
    """Number, name and list of each of some stages, in the order of their pipelines."""
    rows = Stage._base_manager.filter(pk__in=values).select_related("pipeline")
    stages = sorted(rows, key=lambda row: (row.pipeline.position, row.pipeline_id, row.position, row.pk))
    several = len({row.pipeline_id for row in stages}) > 1
    own = standing.of(metric.measure.facts[0])
    at = ""
    if own is not None and where.units is None:
        at = own.url(where.first, where.last, where.people)
        at = at if len(",".join(map(str, where.people or ()))) <= filters.LONGEST else ""
    return [
        (row.pk, f"{row.pipeline} · {row}" if several else str(row), f"{at}&stage={row.pk}" if at else "")
        for row in stages
    ]
