"""How expenses look in lists: to the fen, as claims are."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.expenses.models import Expense
from xiaoguan.kit import columns, render
from xiaoguan.kit.columns import Reading


@columns.cell(Expense, "amount", unit=_("yuan"))
def amount_cell(row: Expense, reading: Reading) -> str:
    """What was spent in yuan: in larger units a taxi vanishes."""
    with render.money_in("yuan"):
        return render.amount(row.amount)
