"""The tabs above expenses, and where their kinds stand in the settings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.expenses.models import Expense, ExpenseKind
from xiaoguan.kit import access, nav, views
from xiaoguan.kit.pages import emptiness

views.view(Expense, "mine", _("My expenses"), "owner=me&sort=-spent_on", position=10)
views.view(Expense, "drafts", _("Not submitted"), "owner=me&status=draft,rejected&sort=-spent_on", position=20)
views.view(Expense, "waiting", _("Waiting for approval"), "status=waiting&sort=spent_on", position=30)
views.view(
    Expense, "to_pay", _("To be paid back"), "status=approved&sort=spent_on", position=5,
    shown=lambda actor: access.grants(actor).scope("expenses.expense", "pay") == "all",
)  # fmt: skip
views.view(Expense, "month", _("This month"), "status=approved,paid&spent_on=this_month&sort=-amount", position=50)

nav.page(
    "activities", _("Enter an expense"), "claims:claim", icon="camera", position=40,
    shown=lambda actor: access.may(actor, "create", Expense),
)  # fmt: skip
nav.chapter("settings", _("Sales process"), "expenses.expensekind", position=24)

emptiness.teach(Expense, _("What selling costs: travel, meals, samples. On the phone: kind, amount, photo, done."))
emptiness.teach(ExpenseKind, _("What money is spent on. Everybody chooses from these when he enters an expense."))
