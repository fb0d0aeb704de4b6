"""What must hold between money and deals: no refund beyond the receipt, no signed deal taken back in silence."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Sum
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.commerce.models import Contract, ContractStatus, Receipt, Refund
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.kit import guard, render
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal, WayOut


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


def _refuse_with_contract(deals: Sequence[Deal]) -> None:
    if not deals:
        return
    rows = everything(Contract, because="a contract binds whether or not this person may see it")
    bound = rows.filter(
        deal__in=[deal.pk for deal in deals], status__in=(ContractStatus.ACTIVE, ContractStatus.COMPLETED)
    )
    contract = bound.select_related("deal").order_by("pk").first()
    if contract is None:
        return
    raise Refusal(
        gettext("This deal can't be taken back yet"),
        gettext("Its contract of %(day)s is in force.") % {"day": f"{contract.signed_on:%Y-%m-%d}"},
        code="deal.contract_in_force",
        rule=gettext("A won deal stays won while its contract is in force."),
        ways_out=[
            WayOut(
                gettext("Cancel the contract first"),
                url=Entity.of(contract).url("detail", contract),
                hint=gettext("The amount is taken back on the day of the cancellation."),
                icon="circle-x",
            ),
        ],
    )


@guard.register("opportunities.deal.reopen", code="deal.contract_in_force", label=_("No reopening under contract"))
def guard_reopening(attempt: guard.Attempt) -> None:
    """A won deal with a contract in force is not reopened."""
    _refuse_with_contract([deal for deal in attempt.rows if deal.status == Status.WON])


@guard.register("opportunities.deal.move", code="deal.contract_in_force", label=_("No moving back under contract"))
def guard_moving(attempt: guard.Attempt) -> None:
    """A won deal with a contract in force moves among winning stages only."""
    if not attempt.values["to"].wins:
        _refuse_with_contract([deal for deal in attempt.rows if deal.status == Status.WON])
