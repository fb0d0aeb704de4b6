"""What was known of deals at moments: open deals as they stand, closed ones as they once stood.

A closed deal is looked at on the day it entered each of its stages and 7, 21 and 60 days after, as long as it was
there: that is how open deals look on any day (landmarks; H. van Houwelingen, 2007). All moments of a deal weigh as
much as one deal. Nothing is used that was only known later: contacts are counted up to the moment, and pushes not at
all. Amount, product and owner are those of the record, which seldom change.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.activities.models import FollowUp, Kind
from xiaoguan.apps.opportunities.models import Deal, StageEntry, Status
from xiaoguan.apps.opportunities.models.deal import CLOSED
from xiaoguan.apps.opportunities.models.history import Way
from xiaoguan.apps.opportunities.queries import stages
from xiaoguan.kit.access import everything

LEARNT_FROM = 5_000
"""The closed deals that are learnt from: the latest so many."""
LANDMARKS = (0, 7, 21, 60)
RECENT = dt.timedelta(days=30)
PORTION = 2_000
BECAUSE = "probabilities are learnt from all deals of the company; no record is shown"
COLUMNS = {
    "stage": _("stage"),
    "stage_days": _("days in stage"),
    "age": _("days since it was opened"),
    "moves": _("stages passed"),
    "backs": _("steps back"),
    "contacts": _("contacts in 30 days"),
    "silence": _("days since the last contact"),
    "amount": _("amount"),
    "product": _("main product"),
    "source": _("source"),
    "kind": _("kind of customer"),
    "tier": _("tier"),
    "owner": _("owner"),
}
"""What is known of a deal at a moment, with its name."""
FIELDS = ("pk", "status", "amount", "opened_on", "closed_on", "stage_since", "stage_id", "pipeline_id", "product_id",
          "source", "credited_id", "customer__kind_id", "customer__tier")  # fmt: skip


@dataclass
class Evidence:
    """Moments of deals, column by column; `known` the stage's own rate, `ended` the closing day of closed ones."""

    deals: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    known: list[int] = field(default_factory=list)
    won: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    ended: list[dt.date] = field(default_factory=list)

    def before(self, day: dt.date) -> Evidence:
        """The moments of deals closed before a day."""
        rows = [place for place, end in enumerate(self.ended) if end < day]

        def part(values: Sequence[Any]) -> list[Any]:
            return [values[row] for row in rows]

        columns = {name: part(values) for name, values in self.columns.items()}
        return Evidence(
            part(self.deals), columns, part(self.known), part(self.won), part(self.weights), part(self.ended)
        )


@dataclass(frozen=True)
class _Past:
    """The stays and contacts of some deals: (stage, first day, day it ended or None, way) in order; days in order."""

    stays: Mapping[int, list[tuple[int, dt.date, dt.date | None, str]]]
    contacts: Mapping[int, list[dt.date]]
    usual: Mapping[int, int]
    """The rate each open stage brings by itself."""


def _past(ids: Sequence[int]) -> _Past:
    stays, contacts = defaultdict(list), defaultdict(list)
    entries = everything(StageEntry, because=BECAUSE).filter(deal__in=ids).order_by("deal", "entered_at", "pk")
    for deal, *stay in entries.values_list("deal_id", "stage_id", "entered_on", "left_on", "way"):
        stays[deal].append(tuple(stay))
    talks = everything(FollowUp, because=BECAUSE).filter(deal__in=ids, on__isnull=False).exclude(kind=Kind.NOTE)
    for deal, on in talks.order_by("deal", "on").values_list("deal_id", "on"):
        contacts[deal].append(on)
    return _Past(stays, contacts, _usual())


def _note(found: Evidence, row: Mapping[str, Any], past: _Past, day: dt.date, stage: int, since: dt.date) -> None:
    """Add what was known of a deal on a day on which it stood in a stage."""
    pk = row["pk"]
    before = [stay for stay in past.stays.get(pk, ()) if stay[1] <= since and stay[0] != stage]
    talks = past.contacts.get(pk, [])
    until = bisect_right(talks, day)
    values = {
        "stage": str(stage),
        "stage_days": (day - since).days,
        "age": (day - (row["opened_on"] or since)).days,
        "moves": len(before),
        "backs": sum(stay[3] == Way.BACK for stay in before),
        "contacts": until - bisect_right(talks, day - RECENT),
        "silence": (day - talks[until - 1]).days if until else None,
        "amount": row["amount"],
        "product": _text(row["product_id"]),
        "source": row["source"] or None,
        "kind": _text(row["customer__kind_id"]),
        "tier": row["customer__tier"] or None,
        "owner": _text(row["credited_id"]),
    }
    for name, value in values.items():
        found.columns[name].append(value)
    found.deals.append(pk)
    found.known.append(past.usual.get(stage, 0))


def _portions(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[first : first + PORTION] for first in range(0, len(rows), PORTION))


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _usual() -> dict[int, int]:
    """The rate each open stage brings by itself."""
    return {stage.pk: stage.probability or 0 for stage in stages() if stage.is_open}


def closed() -> Evidence:
    """The moments of the latest closed deals."""
    rows = everything(Deal, because=BECAUSE).filter(status__in=CLOSED, closed_on__isnull=False)
    latest = list(rows.order_by("-closed_on", "-pk").values(*FIELDS)[:LEARNT_FROM])
    found, open_stages = Evidence(), _usual()
    first_of = {stage.pipeline_id: stage.pk for stage in reversed(stages()) if stage.is_open}
    for portion in _portions(latest):
        past = _past([row["pk"] for row in portion])
        for row in portion:
            stays = [stay for stay in past.stays.get(row["pk"], ()) if stay[0] in open_stages]
            if not stays and row["pipeline_id"] in first_of:  # brought in closed: all that is known is that it began
                stays = [(first_of[row["pipeline_id"]], row["opened_on"] or row["closed_on"], row["closed_on"], "")]
            moments = list(_moments(stays, row["closed_on"]))
            for stage, since, day in moments:
                _note(found, row, past, day, stage, since)
                found.won.append(int(row["status"] == Status.WON))
                found.weights.append(1 / len(moments))
                found.ended.append(row["closed_on"])
    return found


def _moments(
    stays: Iterable[tuple[int, dt.date, dt.date | None, str]], end: dt.date
) -> Iterable[tuple[int, dt.date, dt.date]]:
    """Stage, its first day, and a day the deal stood there."""
    for stage, since, left, _way in stays:
        for days in LANDMARKS:
            day = since + dt.timedelta(days=days)
            if not days or day < min(left or end, end):
                yield stage, since, day


def of_open(ids: Sequence[int], today: dt.date) -> Evidence:
    """Open deals as they stand today."""
    found = Evidence()
    rows = everything(Deal, because=BECAUSE).filter(pk__in=ids, status=Status.OPEN).order_by("pk")
    past = _past(ids)
    for row in rows.values(*FIELDS):
        _note(found, row, past, today, row["stage_id"], row["stage_since"] or today)
    return found


def on_day(day: dt.date, deals: Sequence[Mapping[str, Any]]) -> Evidence:
    """Deals as they stood on an earlier day; ``deals`` are their values, with the amount they had then."""
    found, open_stages = Evidence(), _usual()
    for portion in _portions(deals):
        past = _past([row["pk"] for row in portion])
        for row in portion:
            stood = [stay for stay in past.stays.get(row["pk"], ()) if stay[1] <= day and stay[0] in open_stages]
            if stood:
                _note(found, row, past, day, stood[-1][0], stood[-1][1])
    return found
