"""What contracts and money hold in place: won deals, and the records that receipts were booked on."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.commerce.models import Contract, ContractStatus, Receipt, Refund
from xiaoguan.apps.opportunities.guards import refuse_in_use
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.kit import guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut

BECAUSE = "a contract or payment binds whether or not this person may see it"


def _refuse_with_contract(deals: Sequence[Deal]) -> None:
    if not deals:
        return
    in_force = (ContractStatus.ACTIVE, ContractStatus.COMPLETED)
    rows = everything(Contract, because=BECAUSE)
    bound = rows.filter(deal__in=[deal.pk for deal in deals], status__in=in_force)
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


@guard.register("opportunities.deal.update", code="deal.contract_in_force", label=_("No moving back under contract"))
def guard_editing(attempt: guard.Attempt) -> None:
    """The same for a stage changed in the form."""
    changed = [deal for deal in attempt.rows if "stage_id" in deal.changed_fields()]
    _refuse_with_contract([deal for deal in changed if deal._loaded["status"] == Status.WON and not deal.stage.wins])


@guard.register("opportunities.deal.delete", code="deal.has_contract", label=_("No deleting of deals with contracts"))
def keep_deals(attempt: guard.Attempt) -> None:
    """A deal with a contract or a receipt stays."""
    for model in (Contract, Receipt):
        refuse_in_use(
            gettext("This deal can't be deleted yet"), everything(model, because=BECAUSE), "deal", attempt.rows,
            code="deal.has_contract", rule=gettext("A deal is kept while contracts or money hang on it."),
        )  # fmt: skip


@guard.register(
    "customers.customer.delete", code="customer.has_contract", label=_("No deleting of customers with contracts")
)
def keep_customers(attempt: guard.Attempt) -> None:
    """A customer with contracts, receipts or refunds stays."""
    for model in (Contract, Receipt, Refund):
        refuse_in_use(
            gettext("This customer can't be deleted yet"), everything(model, because=BECAUSE), "customer", attempt.rows,
            code="customer.has_contract", rule=gettext("A customer is kept while contracts or money hang on it."),
        )  # fmt: skip


@guard.register("commerce.contract.delete", code="contract.has_money", label=_("No deleting of contracts with money"))
def keep_contracts(attempt: guard.Attempt) -> None:
    """A contract with receipts or refunds stays; it can be cancelled."""
    for model in (Receipt, Refund):
        refuse_in_use(
            gettext("This contract can't be deleted yet"), everything(model, because=BECAUSE), "contract", attempt.rows,
            code="contract.has_money", rule=gettext("A contract is kept while money hangs on it; cancel it instead."),
        )  # fmt: skip
