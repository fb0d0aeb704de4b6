"""Forecasts kept: each month as it was told when it began; earlier ones are told from what was known then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from xiaoguan.apps.forecast import evidence, landing, learning
from xiaoguan.apps.forecast.landing import Subject, Wins
from xiaoguan.apps.forecast.models import Snapshot
from xiaoguan.apps.goals.queries import COMPANY, calendar, person_key
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Person
from xiaoguan.calc import winprob
from xiaoguan.calc.period import Period
from xiaoguan.kit import clock
from xiaoguan.kit.access import everything

MONTHS = 6
"""So many months that were over before forecasts were kept are told afterwards."""
SETTLED = dt.timedelta(days=5)
"""A month that began no longer ago is told as of its first day and counts as told in time."""


def missing(back: int = MONTHS) -> list[Period]:
    """The running month and the few before it that have no forecast yet, while there were deals to go by."""
    month = calendar().month(clock.today())
    first = everything(Deal, because=evidence.BECAUSE).order_by("opened_on").values_list("opened_on", flat=True).first()
    wanted = [month.shift(-before) for before in range(back + 1)]
    wanted = [each for each in wanted if first is not None and first < each.previous().start]
    kept = set(Snapshot.objects.filter(start__in=[each.start for each in wanted]).values_list("start", flat=True))
    return [each for each in wanted if each.start not in kept]


def keep(month: Period, history: evidence.Evidence) -> int:
    """Tell where a month lands as of its first day, for the company and everybody with business in it.

    ``history`` is what ``evidence.closed`` gives: only deals closed before that day are learnt from.
    """
    today = clock.today()
    open_wins, fresh = known(month, history)
    people = sorted({owner for owner in (*open_wins.owners, *fresh.owners) if owner is not None} & _here())
    subjects = {COMPANY: Subject(0, None, None)} | {person_key(one): Subject(0, None, [one]) for one in people}
    found = landing.landings(month, list(subjects.values()), open_wins, fresh)
    later = today - month.start > SETTLED
    rows = [
        Snapshot(
            subject=subject,
            start=month.start,
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
