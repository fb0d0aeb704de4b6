"""What must be true of any company's records, generated or imported: asked of the database, set-wise."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise

from django.db.models import F, Sum

from xiaoguan.apps.billing.models import Allocation, Instalment
from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.opportunities.models import Deal, DealLine, StageEntry
from xiaoguan.apps.opportunities.models.deal import STATUS_OF
from xiaoguan.calc.aim import assigned
from xiaoguan.kit.entity import entities
from xiaoguan.kit.models.credit import Credit

PART = 2000


def check_invariants() -> list[str]:
    """One sentence per kind of fault, with how many records it concerns; empty when all is well."""
    return [*_deals(), *_histories(), *_lines(), *_money(), *_plans(), *_credits(), *_targets()]


def _said(count: int, words: str) -> Iterator[str]:
    if count:
        yield f"{count} {words}"


def _deals() -> Iterator[str]:
    """Status and stage agree, closing dates follow the status, nothing closes before it opens."""
    living = Deal.objects.filter(deleted_at__isnull=True)
    for outcome, status in STATUS_OF.items():
        yield from _said(living.filter(stage__outcome=outcome).exclude(status=status).count(), f"deals not {status}")
    yield from _said(living.filter(status="won", won_on__isnull=True).count(), "won deals without a day")
    yield from _said(
        living.exclude(status="won").filter(won_on__isnull=False).count(), "deals won on a day but not won"
    )
    yield from _said(living.filter(closed_on__lt=F("opened_on")).count(), "deals closed before they were opened")


def _histories() -> Iterator[str]:
    """Each stay begins when the one before ends; the last one is open and is the deal's stage."""
    rows = StageEntry.objects.filter(deleted_at__isnull=True).order_by("deal_id", "entered_at", "pk")
    gaps = wrong = 0
    stages = dict(Deal.objects.filter(deleted_at__isnull=True).values_list("pk", "stage_id"))
    seen = set()
    values = rows.values_list("deal_id", "stage_id", "entered_at", "left_at").iterator(chunk_size=PART)
    for deal, group in groupby(values, key=lambda row: row[0]):
        stays = list(group)
        seen.add(deal)
        gaps += any(one[3] != two[2] for one, two in pairwise(stays))
        wrong += deal in stages and (stays[-1][3] is not None or stays[-1][1] != stages[deal])
    yield from _said(gaps, "stage histories with a gap")
    yield from _said(wrong, "stage histories that end elsewhere than the deal")
    yield from _said(len(stages.keys() - seen), "deals without a stage history")


def _lines() -> Iterator[str]:
    """A deal with products is worth their sum."""
    sums = DealLine.objects.filter(deleted_at__isnull=True).values("deal").annotate(whole=Sum("amount"))
    found = dict(sums.values_list("deal", "whole"))
    amounts = dict(Deal.objects.filter(pk__in=DealLine.objects.values("deal")).values_list("pk", "amount"))
    yield from _said(sum(amounts.get(deal) != whole for deal, whole in found.items()), "deals unlike their products")


def _money() -> Iterator[str]:
    """Nobody has paid more than a contract is worth."""
    living = Contract.objects.filter(deleted_at__isnull=True, receipts__deleted_at__isnull=True)
    paid = living.annotate(paid=Sum("receipts__amount")).filter(paid__gt=F("amount"))
    yield from _said(paid.count(), "contracts paid more than once over")


def _plans() -> Iterator[str]:
    """Instalments make their contract, nothing is paid that did not come, and both know the ledger's sums."""
    rows = Instalment.objects.filter(deleted_at__isnull=True)
    sums = rows.order_by().values("contract").annotate(whole=Sum("amount")).values_list("contract", "whole")
    amounts = dict(Contract.objects.filter(pk__in=rows.values("contract")).values_list("pk", "amount"))
    yield from _said(sum(amounts[pk] != whole for pk, whole in sums), "payment plans unlike their contracts")
    entries = Allocation.objects.filter(deleted_at__isnull=True).order_by()
    paid = dict(entries.values_list("instalment").annotate(whole=Sum("amount")))
    stored = dict(rows.values_list("pk", "paid"))
    wrong = sum(paid.get(pk, 0) != whole for pk, whole in stored.items())
    yield from _said(wrong + len(paid.keys() - stored.keys()), "instalments unlike their allocations")
    given = entries.values_list("receipt").annotate(whole=Sum("amount"))
    came = dict(Receipt.objects.filter(deleted_at__isnull=True).values_list("pk", "amount"))
    for pk, whole in Refund.objects.filter(deleted_at__isnull=True, receipt__isnull=False).values_list(
        "receipt", "amount"
    ):
        came[pk] = came.get(pk, 0) - whole
    yield from _said(sum(not 0 <= whole <= came.get(pk, 0) for pk, whole in given), "receipts that gave too much")


def _credits() -> Iterator[str]:
    """The credits stored are those the records would give today, to the fen."""
    for name, entity in entities.items():
        if not entity.facts:
            continue
        stored: dict[tuple[str, int], tuple[int, int]] = {}
        rows = Credit.objects.filter(entity=name).values_list("fact", "object_id", "amount", "split")
        for fact, pk, amount, split in rows.iterator(chunk_size=PART):
            known = stored.get((fact, pk), (0, 0))
            stored[fact, pk] = (known[0] + amount, known[1] + split)
        wrong = 0
        for row in entity.model._base_manager.iterator(chunk_size=PART):
            for fact in entity.facts:
                made = fact.credits(row)
                whole = (sum(credit.amount for credit in made), sum(credit.split for credit in made))
                wrong += stored.pop((fact.code, row.pk), (0, 0)) != whole
        yield from _said(wrong + len(stored), f"credits of {name} unlike their records")


def _targets() -> Iterator[str]:
    """In every month the people of the company make its target, and what is given on top."""
    rows = Target.objects.filter(deleted_at__isnull=True, kind="month").filter(level__in=("company", "team", "person"))
    found: dict[tuple[str, object], dict[str, tuple[int, int]]] = {}
    for row in rows.values("metric", "start", "level").annotate(money=Sum("amount"), count=Sum("number")):
        found.setdefault((row["metric"], row["start"]), {})[row["level"]] = (row["money"] or 0, row["count"] or 0)
    overs = rows.filter(level="company", over__gt=0).values_list("metric", "start", "over")
    over = {(metric, start): rate for metric, start, rate in overs}
    wrong = 0
    for key, levels in found.items():
        if len(levels) == 3:
            told = tuple(assigned(value, over.get(key, 0)) for value in levels.pop("company"))
            wrong += set(levels.values()) != {told}
    yield from _said(wrong, "months whose targets don't add up")
