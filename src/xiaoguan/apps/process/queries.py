"""What the report counts: stays begun in a period by what became of them, and deals closed in it by their deviations.

Everything is counted over what the reader sees, in a few grouped queries, and remembered until a deal moves.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models import Deal, Pipeline, Stage, StageEntry, Status, Way
from xiaoguan.apps.opportunities.queries import stages
from xiaoguan.apps.process import conditions
from xiaoguan.calc.flow import Step
from xiaoguan.kit import clock, feed, memo
from xiaoguan.kit.access import visible
from xiaoguan.kit.entity import Entity

PATIENCE = 20
"""A report that took half a second to count is good for ten: nobody waits twice for the same figures."""


@dataclass(frozen=True)
class Dimension:
    """One way to look at deals: its code in addresses, and the path of it from a deal."""

    code: str
    label: Promise
    path: str


DIMENSIONS = (
    Dimension("team", _("Team"), "unit"),
    Dimension("person", _("Person"), "owner"),
    Dimension("region", _("City"), "customer__city"),
    Dimension("kind", _("Customer kind"), "customer__kind"),
    Dimension("product", _("Product"), "product"),
)


@dataclass(frozen=True)
class Question:
    """Which stays: of one pipeline, begun within a period, of deals with these properties (path → value)."""

    pipeline: Pipeline
    first: dt.date
    last: dt.date
    where: tuple[tuple[str, str | tuple[int, ...]], ...] = ()
    """Path from a deal and its value, or several ids any of which it may be."""

    @property
    def span(self) -> str:
        """The period as lists take it."""
        return f"{self.first:%Y-%m-%d}..{self.last:%Y-%m-%d}"

    @property
    def stages(self) -> list[Stage]:
        """The open stages in their order."""
        return [stage for stage in stages() if stage.pipeline_id == self.pipeline.pk and stage.is_open]

    def stays_url(self, **where: Any) -> str:
        """The list of the stays behind a figure."""
        own = ",".join(str(stage.pk) for stage in self.stages)
        about = {
            "stage": own,
            "entered_on": self.span,
            **{f"deal__{path}": _exact(path, value) for path, value in self.where},
        }
        return f"{Entity.of(StageEntry).url('list')}?{urlencode(about | where, safe='.,=')}"

    def deals_url(self, **where: Any) -> str:
        """The list of the deals behind a figure about closed deals."""
        about = {
            "view": "all", "pipeline": self.pipeline.pk, "closed_on": self.span,
            **{path: _exact(path, value) for path, value in self.where},
        }  # fmt: skip
        return f"{Entity.of(Deal).url('list')}?{urlencode(about | where, safe='.,=')}"


def _exact(path: str, value: str | tuple[int, ...]) -> str:
    """A value as a list looks for it: the whole of a text, any of several ids."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"={value}" if path.endswith("city") else value


def _matching(asked: Question, lead: str = "") -> dict[str, Any]:
    """The properties asked for as conditions of a query, with the way to the deal before them."""
    return {f"{lead}{path}__in" if isinstance(value, tuple) else f"{lead}{path}": value for path, value in asked.where}


def _stays(actor: Any, asked: Question) -> QuerySet[StageEntry]:
    rows = visible(StageEntry, actor).filter(
        stage__in=[stage.pk for stage in asked.stages], entered_on__range=(asked.first, asked.last)
    )
    return rows.filter(**_matching(asked, "deal__"))


def _remembered(name: str, actor: Any, asked: Question, make: Callable[[], Any], *more: Any) -> Any:
    token = feed.version("opportunities.stageentry", "opportunities.deal", "opportunities.stage", "org.reach")
    key = ("process", name, actor.pk, asked.pipeline.pk, asked.first, asked.last, asked.where, clock.today(), *more)
    return memo.remember(key, token, make, patience=PATIENCE)


# The way ------------------------------------------------------------------------------------------------------------


@dataclass
class Flow:
    """What became of the stays: one step per stage, and how many went from each stage to which."""

    steps: list[Step]
    moves: dict[tuple[int, int | None], int]
    """(stage, next stage or None for those still there) → stays."""


def flow(actor: Any, asked: Question) -> Flow:
    """The steps and transitions of a question, in one query."""
    found: Flow = _remembered("flow", actor, asked, lambda: _flow(actor, asked))
    return found


def _flow(actor: Any, asked: Question) -> Flow:
    rows = _stays(actor, asked).order_by().values_list("stage_id", "next_stage_id", "way", "days")
    steps = {stage.pk: Step() for stage in asked.stages}
    moves: dict[tuple[int, int | None], int] = defaultdict(int)
    for stage, after, way, days, count in rows.annotate(n=Count("pk")):
        _add(steps[stage], way, count)
        if days is not None:
            steps[stage].days[days] = steps[stage].days.get(days, 0) + count
        moves[stage, after] += count
    return Flow(list(steps.values()), dict(moves))


def _add(step: Step, way: str, count: int) -> None:
    name = {Way.ON: "on", Way.SKIP: "on", Way.BACK: "back", Way.END: "lost"}.get(Way(way)) if way else "still"
    setattr(step, str(name), getattr(step, str(name)) + count)


# By a dimension -----------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """One value of a dimension with its steps; `days` counts its finished stays by how long they took."""

    value: Any
    steps: list[Step]
    days: dict[int, int] = field(default_factory=dict)

    @property
    def entered(self) -> int:
        """All stays."""
        return sum(step.entered for step in self.steps)


def breakdown(actor: Any, asked: Question, dimension: Dimension) -> list[Row]:
    """The same by a dimension, the value with most stays first; two queries."""
    found: list[Row] = _remembered("by", actor, asked, lambda: _breakdown(actor, asked, dimension), dimension.code)
    return found


def _breakdown(actor: Any, asked: Question, dimension: Dimension) -> list[Row]:
    path = f"deal__{dimension.path}"
    stays = _stays(actor, asked).order_by()
    rows = stays.values_list(path, "stage_id", "way").annotate(n=Count("pk"))
    places = {stage.pk: at for at, stage in enumerate(asked.stages)}
    found: dict[Any, Row] = {}
    for value, stage, way, count in rows:
        row = found.setdefault(value, Row(value, [Step() for _stage in places]))
        _add(row.steps[places[stage]], way, count)
    # How long they took is asked for by itself: by stage and way as well it would be as many rows as stays.
    lasted = stays.filter(days__isnull=False).exclude(way="")
    for value, days, count in lasted.values_list(path, "days").annotate(n=Count("pk")):
        if value in found:  # one that has come between the two questions is counted next time
            found[value].days[days] = count
    return sorted(found.values(), key=lambda row: (-row.entered, str(row.value)))


def names_of(dimension: Dimension, values: Sequence[Any]) -> Mapping[Any, str]:
    """What the values of a dimension are called; text is its own name."""
    field_ = Entity.of(Deal).column(dimension.path).field
    if not field_.is_relation:
        return {value: str(value) for value in values if value}
    rows = field_.related_model._default_manager.filter(pk__in=[value for value in values if value is not None])
    return {row.pk: str(row) for row in rows}


# Deviations -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deviation:
    """Closed deals that left the standard way in one manner, and all the others: (won, closed) of each."""

    code: str
    with_it: tuple[int, int]
    without: tuple[int, int]


@dataclass
class Outcomes:
    """Deals closed in the period: how many, how many won, and by deviation."""

    won: int = 0
    closed: int = 0
    deviations: list[Deviation] = field(default_factory=list)


DEVIATIONS: Mapping[str, Callable[[Any], Q]] = {
    "skipped": conditions.skipped,
    "went_back": conditions.went_back,
    "waited": conditions.waited,
}


def outcomes(actor: Any, asked: Question) -> Outcomes:
    """Which deviations won more: one grouped query for all closed deals and one per deviation."""
    found: Outcomes = _remembered("outcomes", actor, asked, lambda: _outcomes(actor, asked))
    return found


def _outcomes(actor: Any, asked: Question) -> Outcomes:
    rows = visible(Deal, actor).filter(
        pipeline=asked.pipeline, status__in=(Status.WON, Status.LOST), closed_on__range=(asked.first, asked.last)
    )
    rows = rows.filter(**_matching(asked)).order_by()
    won, closed = _won(rows)
    found = Outcomes(won, closed)
    for code, give in DEVIATIONS.items():
        some = _won(rows.filter(give(actor)))
        found.deviations.append(Deviation(code, some, (won - some[0], closed - some[1])))
    return found


def _won(rows: QuerySet[Deal]) -> tuple[int, int]:
    counts = dict(rows.values_list("status").annotate(n=Count("pk")))
    return counts.get(Status.WON, 0), sum(counts.values())
