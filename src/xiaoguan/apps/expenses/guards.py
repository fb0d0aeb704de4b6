"""What was approved is frozen: another amount, day or purpose is a revision that is approved anew."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.expenses.models import Expense, Status
from xiaoguan.apps.opportunities.guards import refuse_in_use
from xiaoguan.kit import guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut

FROZEN = {"amount", "kind_id", "spent_on", "customer_id", "deal_id", "visit_id"}


def _refuse(expense: Expense) -> None:
    url = Entity.of(Expense).url("detail", expense)
    paid = expense.status == Status.PAID
    way = (
        WayOut(gettext("Enter another expense"), url=Entity.of(Expense).url("new"), icon="plus")
        if paid
        else WayOut(
            gettext("Revise it first"), url=url, hint=gettext("The new version is approved anew."), icon="pencil"
        )
    )
    raise Refusal(
        gettext("This expense can't be changed any more"),
        gettext("It has been paid back.") if paid else gettext("It has been approved as it stands."),
        code="expense.frozen",
        rule=gettext("What was approved stays as it was approved."),
        ways_out=[way],
    )


@guard.register("expenses.expense.update", code="expense.frozen", label=_("Approved expenses stay as they are"))
def keep_approved(attempt: guard.Attempt) -> None:
    """Amount, kind, day and purpose of an approved expense are frozen."""
    for row in attempt.rows:
        if row._loaded["status"] in (Status.APPROVED, Status.PAID) and FROZEN & row.changed_fields().keys():
            _refuse(row)


@guard.register("expenses.expense.delete", code="expense.paid", label=_("No deleting of expenses that were paid back"))
def keep_paid(attempt: guard.Attempt) -> None:
    """An expense that was paid back stays."""
    for row in attempt.rows:
        if row.status == Status.PAID:
            _refuse(row)


@guard.register(
    "customers.customer.delete", code="customer.has_expenses", label=_("No deleting of customers with expenses")
)
def keep_customers(attempt: guard.Attempt) -> None:
    """A customer for whom money was spent stays."""
    rows = everything(Expense, because="what was spent does not depend on who looks")
    refuse_in_use(
        gettext("This customer can't be deleted yet"), rows, "customer", attempt.rows,
        code="customer.has_expenses", rule=gettext("A customer is kept while expenses hang on it."),
    )  # fmt: skip
