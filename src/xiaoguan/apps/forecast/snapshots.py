"""Forecasts kept: each month as it was told when it began; earlier ones are told from what was known then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from statistics import NormalDist

from xiaoguan.apps.forecast import evidence, landing, learning
from xiaoguan.apps.forecast.landing import Subject, Wins
from xiaoguan.apps.forecast.models import Snapshot
from xiaoguan.apps.goals.queries import COMPANY, calendar, person_key
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.models import Person
from xiaoguan.calc import winprob
from xiaoguan.calc.landing import swayed
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.period import Period
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import clock, feed
from xiaoguan.kit.access import everything

MONTHS = 6
"""So many months that were over before forecasts were kept are told afterwards."""
TRUST = 5
"""So many wins say that all come in time, before anything is seen."""
SETTLED = dt.timedelta(days=5)
"""A month that began no longer ago is told as of its first day and counts as told in time."""


def missing(back: int = MONTHS) -> list[Period]:
    """The running month and the few before it without a forecast, the earliest first; none before the first deal."""
    month = calendar().month(clock.today())
    first = everything(Deal, because=evidence.BECAUSE).order_by("opened_on").values_list("opened_on", flat=True).first()
    wanted = [month.shift(-before) for before in range(back + 1)]
    wanted = [each for each in wanted if first is not None and first < each.previous().start]
    kept = set(Snapshot.objects.filter(start__in=[each.start for each in wanted]).values_list("start", flat=True))
    return [each for each in reversed(wanted) if each.start not in kept]


def keep(month: Period, history: evidence.Evidence) -> int:
    """Tell where a month lands as of its first day, for the company and everybody with business in it.

    ``history`` is what ``evidence.closed`` gives: only deals closed before that day are learnt from.
    """
    today = clock.today()
    open_wins, fresh = known(month, history)
    due, past = int(open_wins.rates.sum()), on_time(month)
    share, sway = past["rate"], past["sway"]
    open_wins = replace(open_wins, rates=open_wins.rates * share // RATE_ONE)
    people = sorted({*open_wins.owners.tolist(), *fresh.owners.tolist()} & _here())
    subjects = {COMPANY: Subject(0, None, None)} | {person_key(one): Subject(0, None, [one]) for one in people}
    found = landing.worked_out(list(subjects.values()), open_wins, fresh, sway)
    later = today - month.start > SETTLED
    rows = [
        Snapshot(
            subject=subject,
            start=month.start,
            sway=sway,
            due=due if subject == COMPANY else None,
            low=each.low,
            middle=each.middle,
            high=each.high,
            made_on=today,
            later=later,
        )
        for subject, each in zip(subjects, found, strict=True)
    ]
    Snapshot.objects.bulk_create(rows, 500, ignore_conflicts=True)
    return len(rows)


def judge() -> None:
    """Keep how many of the wins expected in a month come in it: landings of the running month reckon with that."""
    row = learning.lesson()
    if row is not None:
        row.report["on_time"] = on_time(calendar().month(clock.today()))
        row.save(update_fields=["report"])
        feed.stir(learning.TOKEN)


def on_time(month: Period) -> dict[str, int]:
    """How many of the wins to be expected of deals due in a month come within it, over the months kept before one.

    ``due`` (1/100,000) were expected, ``came`` deals of them were won in their month, ``rate`` (1/100,000) is what is
    reckoned with: drawn towards all of them by five wins, and never above. ``sway`` is that of ``calc.landing``.
    """
    kept = Snapshot.objects.filter(subject=COMPANY, due__isnull=False, start__lt=month.start).order_by("-start")
    due = came = 0
    told = []
    rows = list(kept[:MONTHS])
    won = _won(rows[-1].start, month.start) if rows else {}
    for row in rows:
        over = calendar().month(row.start)
        due += row.due or 0
        stood = landing.as_of(over.start, over.end)
        came += sum(deal["status"] == Status.WON and deal["closed_on"] <= over.end for deal in stood)
        told.append((*_without_sway(row), won.get(row.start, 0)))
    worth = TRUST * RATE_ONE
    rate = divide_half_up((came * RATE_ONE + worth) * RATE_ONE, due + worth)
    return {"due": due, "came": came, "rate": min(rate, RATE_ONE), "sway": round(swayed(told) * RATE_ONE)}


def _won(first: dt.date, end: dt.date) -> dict[dt.date, int]:
    """The company's won amount of each month from a day to before another."""
    found = figures([WON_AMOUNT], Slice(first, end - dt.timedelta(days=1)), by=["month"])
    return {dt.date.fromisoformat(key[0]): found.exact(key, WON_AMOUNT.measure) for key in found.rows}


def _without_sway(row: Snapshot) -> tuple[int, int, int]:
    """The range of a month as independent deals alone would have made it."""
    spread = (NormalDist().inv_cdf(0.9) * row.sway / RATE_ONE * row.middle) ** 2
    half = round(sqrt(max(((row.high - row.low) / 2) ** 2 - spread, 0)))
    return row.middle - half, row.middle, row.middle + half


def _here() -> set[int]:
    return set(Person.objects.filter(is_active=True, deleted_at__isnull=True).values_list("pk", flat=True))


def known(month: Period, history: evidence.Evidence) -> tuple[Wins, Wins]:
    """Open deals with their probabilities and what may come, both as of the first day of a month."""
    deals = landing.as_of(month.start, month.end)
    found = evidence.on_day(month.start, deals)
    rates = _rates(found, history.before(month.start))
    by_deal = dict(zip(found.deals, rates, strict=True))
    rows = [(row["owner_id"], row["amount"] or 0, by_deal[row["pk"]]) for row in deals if row["pk"] in by_deal]
    return Wins.of_rows(rows), landing.fresh_deals(month, month.start)


def _rates(found: evidence.Evidence, history: evidence.Evidence) -> Sequence[int]:
    """What was to be learnt by then says of deals; the stages' own rates where that was not better."""
    if not found.deals:
        return []
    model, tried = learning.learn_from(history)
    better = learning.is_better(tried)
    rates: list[int] = (model if better else winprob.NOTHING).rates(found.columns, found.known).tolist()
    return rates
