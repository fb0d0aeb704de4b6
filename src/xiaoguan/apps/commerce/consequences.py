"""What must hold between payments and contracts: no refund beyond its receipt, amendments go with their contract."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Sum
from django.utils.translation import gettext

from xiaoguan.apps.commerce.models import Amendment, Contract, Receipt, Refund
from xiaoguan.kit import render
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.fact import write_credits


@consequence(Refund)
def hold_refunds(work: Work, refunds: Sequence[Refund], fresh: bool) -> None:
    """All refunds of a receipt together never exceed it."""
    ids = {refund.receipt_id for refund in refunds} - {None}
    if not ids:
        return
    rows = everything(Refund, because="a limit holds for refunds nobody here can see as well")
    given = dict(rows.filter(receipt__in=ids).values_list("receipt").annotate(total=Sum("amount")))
    for receipt in everything(Receipt, because="a limit does not depend on who looks").filter(pk__in=given):
        if given[receipt.pk] > receipt.amount:
            text = gettext("More than was received: the receipt is over %(sum)s.")
            raise Invalid({"amount": [text % {"sum": render.money_text(receipt.amount)}]})


@consequence(Contract)
def follow_customer(work: Work, contracts: Sequence[Contract], fresh: bool) -> None:
    """What was agreed later counts for the customer its contract has now."""
    moved = [] if fresh else [row.pk for row in contracts if {"customer", "customer_id"} & set(row.changed_fields())]
    if moved:
        rows = everything(Amendment, because="credit follows the contract whoever looks")
        if found := list(rows.filter(contract__in=moved).select_related("contract")):
            write_credits(found, fresh=False)
