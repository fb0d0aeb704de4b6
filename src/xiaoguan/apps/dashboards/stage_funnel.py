"""The stages of a pipeline as a tile: how many deals entered each in a stretch of time, and what share went on.

Counted as the process report counts, over the deals the reader may see; every bar opens the stays behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext

from xiaoguan.apps.dashboards.looking import Looking
from xiaoguan.apps.dashboards.periods import Stretch
from xiaoguan.apps.dashboards.sheets import Cell, Sheet
from xiaoguan.apps.metrics.spec import Measure, Metric
from xiaoguan.apps.opportunities.models import Deal, Pipeline, StageEntry
from xiaoguan.apps.opportunities.queries import stages
from xiaoguan.apps.process.queries import Question, flow
from xiaoguan.kit import access, render

ENTERED = Metric("stays", gettext_lazy("deals"), "", Measure(("opened",), "count"), unit="count")
WENT_ON = Metric("went_on", gettext_lazy("went on"), "", Measure(("opened",), "count"), unit="rate")


@dataclass(frozen=True)
class Funnel:
    """The bars of a funnel: names, counts, addresses and what is said beside them; the table behind it."""

    pipeline: str
    names: list[str]
    counts: list[int]
    links: list[str | None]
    notes: list[str]
    sheet: Sheet


def pipelines(actor: Any) -> list[Pipeline]:
    """The pipelines whose stages an actor may look at, in their order; none where deals are not open to him."""
    if not (access.may(actor, "view", Deal) and access.may(actor, "view", StageEntry)):
        return []
    return list(access.visible(Pipeline, actor).order_by("position", "pk"))


def partial(looking: Looking) -> bool:
    """Whether deals of this look may be out of the reader's sight."""
    return looking.whose.kind != "person" and access.grants(looking.actor).scope(Deal.entity.name, "view") != "all"


def funnel(looking: Looking, time: Stretch, pipeline: int) -> Funnel | None:
    """The stages of a pipeline (0 is the first one) for one look; None where the reader may not see deals."""
    known = pipelines(looking.actor)
    if not known:
        return None
    chosen = next((row for row in known if row.pk == pipeline), known[0])
    asked = Question(chosen, time.first, time.last, _where(looking))
    found = flow(looking.actor, asked)
    names, counts, links, notes = [], [], [], []
    for stage, step in zip(asked.stages, found.steps, strict=True):
        names.append(str(stage))
        counts.append(step.entered)
        links.append(asked.stays_url(stage=stage.pk) if step.entered and looking.opens else None)
        notes.append(_("%(share)s went on") % {"share": render.share(step.rate)} if step.over else "")
    for stage in stages():
        won = sum(n for (_came, after), n in found.moves.items() if after == stage.pk)
        if stage.pipeline_id == chosen.pk and stage.wins:
            names.append(str(stage))
            counts.append(won)
            links.append(asked.stays_url(next_stage=stage.pk) if won and looking.opens else None)
            notes.append("")
    rates = [step.rate for step in found.steps] + [None] * (len(names) - len(found.steps))
    lines = [
        (name, [Cell(ENTERED, count, link or ""), Cell(WENT_ON, rate)])
        for name, count, link, rate in zip(names, counts, links, rates, strict=True)
    ]
    heads = [pgettext("how many", "Number"), _("Went on")]
    return Funnel(str(chosen), names, counts, links, notes, Sheet(_("Stage"), heads, lines))


def _where(looking: Looking) -> tuple[tuple[str, str | tuple[int, ...]], ...]:
    """Whose deals are meant."""
    whose = looking.whose
    if whose.kind == "person":
        return (("owner", str(whose.pk)),)
    return (("unit", tuple(sorted(whose.units or ()))),) if whose.kind == "team" else ()
