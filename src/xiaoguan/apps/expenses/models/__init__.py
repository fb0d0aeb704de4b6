"""Kinds of expenses and the claims themselves."""

from xiaoguan.apps.expenses.models.claim import Expense, Status
from xiaoguan.apps.expenses.models.kind import ExpenseKind

__all__ = ["Expense", "ExpenseKind", "Status"]
