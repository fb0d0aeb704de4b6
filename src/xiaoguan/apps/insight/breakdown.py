"""A metric's figure cut by a dimension: each line against its target, the period before and last year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.goals import lines as aims
from xiaoguan.apps.insight.comparing import Against, a_year_before, compared
from xiaoguan.apps.metrics import dimensions, stages, wording
from xiaoguan.apps.metrics.dimensions import Dimension, Part
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import Figures, figures
from xiaoguan.apps.metrics.spec import Metric, Slice
from xiaoguan.calc.period import Period
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import render
from xiaoguan.kit.fields import RATE_ONE

STAGE = "stage"
"""The cut by stage, of the metrics that count stages left."""
MOST = 50
"""People a breakdown names: the first by their figure."""


def offered(actor: Any, spec: Metric, period: Period, where: Slice) -> dict[str, Dimension]:
    """By what a metric may be cut: every dimension, and the stage where it counts stages left in whole months."""
    found = dimensions.offered(actor)
    months = str(period.kind) in ("month", "quarter", "year")
    if months and not where.only and where.territories is None and stages.fits(actor, spec):
        found[STAGE] = Dimension(STAGE, _("Stage"), lambda _actor, _keys: [], "")
    return found


@dataclass(frozen=True)
class Cut:
    """What is cut for whom: `subject` is the person, team or territory that the slice is about, `whole` its figure."""

    actor: Any
    spec: Metric
    period: Period
    where: Slice
    subject: Any
    whole: int | None

    def lines(self, by: str, about: Mapping[str, Any], address: Callable[..., str]) -> list[dict[str, Any]]:
        """The lines, the largest first where nothing else orders; a fixed number of queries.

        Who has a target stands there without a figure too. `about` are the words of the address that say about whom
        all of it is; `address` makes that of the page with others.
        """
        if by == STAGE:
            return self._by_stage()
        now, before, last_year = self._told(lambda where: figures([self.spec], where, by=[by]))
        keys = {key[0] for found in (now, before, last_year) for key in found.rows}
        keys |= aims.aimed(self.actor, self.spec, self.period, by, self.where, self.subject)
        parts: Sequence[Part] = dimensions.ranked(self.actor, by, keys, lambda key: now.value(self.spec, (key,)) or 0)
        values = [_part(now, self.spec, part) for part in parts]
        if by == "person":
            order = sorted(range(len(parts)), key=lambda at: -(values[at] or 0))[:MOST]
            parts, values = [parts[at] for at in order], [values[at] for at in order]
        ids = [part.query.get(dimensions.dimensions[by].param) for part in parts]
        known = aims.of_lines(self.actor, self.spec, self.period, by, ids, self.where, self.subject)
        return [
            {
                "name": part.name,
                "note": part.note,
                "depth": min(part.depth, 2),
                "url": self._records({**about, **part.query}) if part.query else "",
                "deeper": address(**part.query) if part.query else "",
                "value": wording.shown(self.spec, value),
                "aimed": known.get(pk) is not None,
                "aim": wording.shown(self.spec, known.get(pk)),
                "reached": wording.reached(self.spec, value, known.get(pk)),
                "share": _share(value, self.whole) if self.spec.additive else render.NOTHING,
                "against": _beside(self.spec, value, _part(before, self.spec, part)),
                "last_year": _beside(self.spec, value, _part(last_year, self.spec, part)),
            }
            for part, value, pk in zip(parts, values, ids, strict=True)
        ]

    def _told(self, ask: Callable[[Slice], Any]) -> list[Any]:
        """The answers for the period, the one before, and the same one last year; a year is asked for once."""
        periods = (self.period, self.period.previous(), a_year_before(self.period))
        known = {each.start: ask(self._during(each)) for each in {one.start: one for one in periods}.values()}
        return [known[each.start] for each in periods]

    def _by_stage(self) -> list[dict[str, Any]]:
        """The stages that were left, in their order, for metrics that count them."""
        now, before, last_year = self._told(lambda where: stages.found(self.spec, where))
        known = {**now, **before, **last_year}
        nothing = None if self.spec.over is not None else 0
        return [
            {
                "name": name,
                "url": url,
                "value": wording.shown(self.spec, now.get(pk, nothing)),
                "share": _share(now.get(pk), self.whole) if self.spec.additive else render.NOTHING,
                "against": _beside(self.spec, now.get(pk, nothing), before.get(pk, nothing)),
                "last_year": _beside(self.spec, now.get(pk, nothing), last_year.get(pk, nothing)),
            }
            for pk, name, url in stages.lines(self.spec, self.where, known)
        ]

    def _during(self, period: Period) -> Slice:
        return replace(self.where, first=period.start, last=period.end)

    def _records(self, about: Mapping[str, Any]) -> str:
        return records_url(self.spec.code, self.period.start, self.period.end, **about)


def _part(found: Figures, spec: Metric, part: Part) -> int | None:
    keys = [(key,) for key in part.keys if (key,) in found.rows]
    if len(keys) == 1:
        return found.value(spec, keys[0])
    return found.total(spec, keys) if keys else (0 if spec.over is None else None)


def _beside(spec: Metric, value: int | None, other: int | None) -> Against:
    """A line's figure beside another: the unit stands above the column, and without a share nothing has a colour."""
    found = compared(spec, value, other, "")
    return replace(found, value=wording.shown(spec, other), tone=found.tone if found.share != render.NOTHING else "")


def _share(value: int | None, whole: int | None) -> SafeString:
    if value is None or not whole or (value < 0) != (whole < 0):
        return render.NOTHING
    return render.percent(divide_half_up(value * RATE_ONE, whole))
