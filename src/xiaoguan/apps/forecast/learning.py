"""Learning from closed deals at night, telling the open ones; a deal that moves is told again at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.forecast import evidence
from xiaoguan.apps.forecast.models import Chance, Lesson
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.calc import calibration, winprob
from xiaoguan.kit import clock, derived, feed
from xiaoguan.kit.access import everything

PORTION = 2_000
REASONS = 4
"""So many of what moved a probability are kept."""
SMALL = 0.05
"""Log odds below this are no reason worth telling."""
TOKEN = Chance._meta.label_lower
"""What caches ask the feed about."""
LESSON = 1


def lesson() -> Lesson | None:
    """What was last learnt; None before the first night."""
    return Lesson.objects.filter(pk=LESSON).first()


def learn() -> Lesson:
    """Learn from the latest closed deals and keep it, with how it fares on deals left out."""
    found = evidence.closed()
    model, tried = learn_from(found)
    report, before = _report(found, tried), lesson()
    if before is not None and "on_time" in before.report:
        report["on_time"] = before.report["on_time"]
    used = is_better(tried)
    row = Lesson(
        pk=LESSON, made_at=clock.now(), deals=model.deals, used=used, model=model.as_json(), report=report
    )  # fmt: skip
    row.save()
    return row


def learn_from(found: evidence.Evidence) -> tuple[winprob.Model, winprob.Tried]:
    """The model of some evidence."""
    return winprob.learn(
        found.columns, found.won, found.known, weights=found.weights, deals=found.deals, when=found.ended
    )


def is_better(tried: winprob.Tried) -> bool:
    """Whether what was learnt says more of deals left out than the defaults of their stages do."""
    if not len(tried.won):
        return False
    ours, known = (calibration.brier(said, tried.won, tried.weights) for said in (tried.said, tried.known))
    return ours < known


def _report(found: evidence.Evidence, tried: winprob.Tried) -> dict[str, Any]:
    """How good what was learnt is on deals it was not learnt from, beside the stages' defaults."""
    told = {
        "deals": len(set(found.deals)),
        "moments": len(found.deals),
        "first": min(found.ended).isoformat() if found.ended else None,
        "last": max(found.ended).isoformat() if found.ended else None,
    }
    if not len(tried.won):
        return told
    for name, said in (("ours", tried.said), ("known", tried.known)):
        bins = calibration.reliability(said, tried.won, tried.weights)
        told[name] = {
            "brier": calibration.brier(said, tried.won, tried.weights),
            "auc": calibration.auc(said, tried.won),
            "bins": [[each.count, each.said, each.came, each.low, each.high] for each in bins],
        }
    told["share"] = float(np.average(tried.won, weights=tried.weights))
    return told


def tell(ids: Sequence[int], row: Lesson) -> int:
    """Store the learnt probability of some open deals; returns how many. Nothing is stored of an unused lesson."""
    if not row.used or not ids:
        return 0
    today = clock.today()
    found = evidence.of_open(ids, today)
    if not found.deals:
        return 0
    model = winprob.from_json(row.model)
    rates = model.rates(found.columns, found.known).tolist()
    chances = [
        Chance(deal_id=deal, stage_id=int(stage), rate=rate, made_on=today, reasons=reasons)
        for deal, stage, rate, reasons in zip(
            found.deals, found.columns["stage"], rates, _reasons(model, found), strict=True
        )
    ]
    names = ["stage", "rate", "made_on", "reasons"]
    Chance.objects.bulk_create(chances, 500, update_conflicts=True, unique_fields=["deal"], update_fields=names)
    return len(chances)


def _reasons(model: winprob.Model, found: evidence.Evidence) -> Iterator[list[list[Any]]]:
    for moved in model.moves(found.columns, len(found.deals)):
        strong = sorted(moved.items(), key=lambda pair: -abs(pair[1]))[:REASONS]
        yield [[name, round(value, 2)] for name, value in strong if abs(value) >= SMALL]


def portions() -> Iterator[list[int]]:
    """The open deals by id, some thousands at a time."""
    rows = everything(Deal, because=evidence.BECAUSE).filter(status=Status.OPEN).order_by("pk")
    last = 0
    while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:PORTION]):
        yield ids
        last = ids[-1]


def forget_closed() -> int:
    """Drop what is told of deals that are not open any more, or of all while the lesson is not used."""
    rows = Chance.objects.exclude(deal__status=Status.OPEN, deal__deleted_at__isnull=True)
    row = lesson()
    if row is None or not row.used:
        rows = Chance.objects.all()
    return rows.delete()[0]


@derived.derived("forecast", _("Learnt win probabilities"))
def refresh() -> str:
    """Learn and tell everything in one go; the nightly job does the same in portions."""
    with transaction.atomic():
        row = learn()
        forget_closed()
        count = sum(tell(ids, row) for ids in portions())
        feed.stir(TOKEN)
    return f"{count}"
