"""The metrics of what was done and what came of it: deals, contracts, money, customers, activities, quotes, cost."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics.catalogue import count as _count, ship
from xiaoguan.apps.metrics.spec import Measure, Metric

CONTRACTS = ("contract_signed", "contract_amended", "contract_cancelled")
MONEY_IN = ("receipt", "refund")
AGAIN = (("turn", ("again",)),)


# Results ------------------------------------------------------------------------------------------------------------

WON_AMOUNT = ship(
    Metric(
        "won_amount",
        _("won amount"),
        _("Amount of the deals won, on the day they were won."),
        Measure(("won",)),
        seen_by="all",
    )
)
CONTRACT_AMOUNT = ship(
    Metric(
        "contract_amount",
        _("contract amount"),
        _("Amount of the contracts signed less those cancelled, tax included, on the day it happened."),
        Measure(CONTRACTS),
        seen_by="all",
    )
)
RECEIPTS = ship(
    Metric(
        "receipts",
        _("receipts"),
        _("Money received less money refunded, on the day it moved."),
        Measure(MONEY_IN),
        seen_by="all",
    )
)
WON_COUNT = ship(
    Metric(
        "won_count",
        _("deals won"),
        _("Number of deals won; a shared deal counts once."),
        _count("won"),
        unit="count",
        seen_by="all",
    )
)
ship(
    Metric(
        "contract_count",
        _("contracts signed"),
        _("Number of contracts signed, on the day they were signed; one cancelled later stays counted."),
        _count("contract_signed"),
        unit="count",
        seen_by="all",
    )
)
ship(
    Metric(
        "order_amount",
        _("order amount"),
        _("Amount of the orders that are not cancelled, on the day they were placed."),
        Measure(("ordered",)),
    )
)
ship(
    Metric(
        "order_count",
        _("orders placed"),
        _("Number of orders that are not cancelled, on the day they were placed."),
        _count("ordered"),
        unit="count",
    )
)

# Winning deals ------------------------------------------------------------------------------------------------------

WIN_RATE = ship(
    Metric(
        "win_rate",
        _("win rate"),
        _("Deals won among those closed, won or lost, in the period."),
        _count("won"),
        _count("won", "lost"),
        unit="rate",
        seen_by="all",
        category="deals",
    )
)
ship(
    Metric(
        "win_rate_amount",
        _("win rate by amount"),
        _("Amount of the deals won among that of those closed, won or lost, in the period."),
        Measure(("won",)),
        Measure(("won", "lost")),
        unit="rate",
        category="deals",
    )
)
ship(
    Metric(
        "opened_count",
        _("deals opened"),
        _("Number of deals opened, on the day they were opened; those found invalid don't count."),
        _count("opened"),
        unit="count",
        category="deals",
    )
)
ship(
    Metric(
        "opened_amount",
        _("amount of deals opened"),
        _("Amount of the deals opened, as it is known today, on the day they were opened."),
        Measure(("opened",)),
        category="deals",
    )
)
ship(
    Metric(
        "lost_count",
        _("deals lost"),
        _("Number of deals lost, on the day they were lost."),
        _count("lost"),
        unit="count",
        higher_is_better=False,
        category="deals",
    )
)
ship(
    Metric(
        "lost_amount",
        _("lost amount"),
        _("Amount of the deals lost, on the day they were lost."),
        Measure(("lost",)),
        higher_is_better=False,
        category="deals",
    )
)
ship(
    Metric(
        "average_deal",
        _("average deal"),
        _("Amount of the deals won for each of them."),
        Measure(("won",)),
        _count("won"),
        category="deals",
    )
)
ship(
    Metric(
        "average_contract",
        _("average contract"),
        _("Amount of the contracts as signed for each of them."),
        Measure(("contract_signed",)),
        _count("contract_signed"),
        category="deals",
    )
)
ship(
    Metric(
        "average_order",
        _("average order"),
        _("Amount of the orders placed for each of them; cancelled ones don't count."),
        Measure(("ordered",)),
        _count("ordered"),
        category="deals",
    )
)
ship(
    Metric(
        "sales_cycle",
        _("sales cycle"),
        _("Average days from opening a deal to winning it, of the deals won in the period."),
        Measure(("won_cycle",)),
        _count("won_cycle"),
        unit="days",
        higher_is_better=False,
        category="deals",
    )
)
ship(
    Metric(
        "pushed_days",
        _("days put off"),
        _("Average days by which the expected close was put off, of the deals won in the period."),
        Measure(("won_pushed",)),
        _count("won_pushed"),
        unit="days",
        higher_is_better=False,
        category="deals",
    )
)

# Customers ----------------------------------------------------------------------------------------------------------

NEW_CUSTOMERS = ship(
    Metric(
        "new_customers",
        _("new customers"),
        _("Customers entered for the first time, on the day they became one."),
        _count("new_customer"),
        unit="count",
        seen_by="all",
        category="customers",
    )
)
LEADS = ship(
    Metric(
        "leads",
        _("leads received"),
        _("Number of leads that came, on the day they came, for whoever has them."),
        _count("lead_received"),
        unit="count",
        category="customers",
    )
)
FIRST_RESPONSE = ship(
    Metric(
        "first_response",
        _("time to the first answer"),
        _("Average working hours from a lead's coming to its first answer, on the day it was answered."),
        Measure(("lead_answered",)),
        _count("lead_answered"),
        unit="minutes",
        higher_is_better=False,
        category="customers",
    )
)
LEADS_CONVERTED = ship(
    Metric(
        "leads_converted",
        _("leads converted"),
        _("Number of leads made customers, on the day it happened."),
        _count("lead_converted"),
        unit="count",
        category="customers",
    )
)
ship(
    Metric(
        "lead_conversion",
        _("lead conversion"),
        _("Leads made customers in the period for those that came in it."),
        _count("lead_converted"),
        _count("lead_received"),
        unit="rate",
        category="customers",
    )
)
ship(
    Metric(
        "customers_won",
        _("customers who bought"),
        _("Different customers with a deal won in the period."),
        Measure(("won",), "customers"),
        unit="count",
        category="customers",
    )
)
ship(
    Metric(
        "customers_again",
        _("customers who bought again"),
        _("Different customers with a deal won in the period who had bought before it."),
        Measure(("won",), "customers", AGAIN),
        unit="count",
        category="customers",
    )
)
ship(
    Metric(
        "repurchase_rate",
        _("repurchase rate"),
        _("Of the customers with a deal won in the period, the share with one that was not their first."),
        Measure(("won",), "customers", AGAIN),
        Measure(("won",), "customers"),
        unit="rate",
        category="customers",
    )
)
ship(
    Metric(
        "repurchase_amount",
        _("repurchase amount"),
        _("Amount of the deals won that were not the customer's first, on the day they were won."),
        Measure(("won",), "sum", AGAIN),
        category="customers",
    )
)
ship(
    Metric(
        "customers_reached",
        _("customers reached"),
        _("Different customers somebody was in touch with in the period, notes aside."),
        Measure(("followup",), "customers"),
        unit="count",
        category="customers",
    )
)

# Activities ---------------------------------------------------------------------------------------------------------

for _code, _fact, _label, _text in (
    ("followups", "followup", _("follow-ups"), _("Contacts with customers of every kind; a note is none.")),
    ("calls", "call", _("calls"), _("Calls with customers, on the day they were made.")),
    ("visits", "visit", _("visits"), _("Visits to customers.")),
    ("meetings", "meeting", _("meetings"), _("Meetings with customers, on the day they were held.")),
    ("mails", "mail", _("e-mails"), _("E-mails with customers, on the day they were written.")),
    ("tasks_done", "task_done", _("tasks done"), _("Tasks finished, on the day they were finished.")),
):
    ship(Metric(_code, _label, _text, _count(_fact), unit="count", category="activity"))
ship(
    Metric(
        "tasks_on_time",
        _("tasks on time"),
        _("Tasks finished by the day they were due among all that were finished in the period."),
        _count("task_on_time"),
        _count("task_done"),
        unit="rate",
        category="activity",
    )
)

ship(
    Metric(
        "report_on_time",
        _("reports on time"),
        _("Of the calls, visits and meetings, the share written down by the end of the next working day. What was"
          " imported or written down by somebody else counts as on time."),
        _count("report_on_time"),
        _count("call", "visit", "meeting"),
        unit="rate",
        category="activity",
    )
)  # fmt: skip

# Quotes and prices --------------------------------------------------------------------------------------------------

ship(
    Metric(
        "quotes_sent",
        _("quotes sent"),
        _("Number of quotes, on the day their latest version went to the customer."),
        _count("quote_sent"),
        unit="count",
        category="offers",
    )
)
ship(
    Metric(
        "quoted_amount",
        _("amount quoted"),
        _("Amount of the quotes, on the day their latest version went to the customer."),
        Measure(("quote_sent",)),
        category="offers",
    )
)
ship(
    Metric(
        "quote_acceptance",
        _("quotes accepted"),
        _("Quotes accepted among those answered, accepted or declined, in the period."),
        _count("quote_accepted"),
        _count("quote_answered"),
        unit="rate",
        category="offers",
    )
)
ship(
    Metric(
        "discount",
        _("discount given"),
        _("What the quotes sent in the period are below list prices, for what they would be at list prices."),
        Measure(("quote_discount",)),
        Measure(("quote_listed",)),
        unit="rate",
        higher_is_better=False,
        category="offers",
    )
)
ship(
    Metric(
        "quote_margin",
        _("margin of quotes"),
        _("Margin of the quotes accepted in the period whose cost is known, for their amount without tax."),
        Measure(("quote_margin",)),
        Measure(("quote_net",)),
        unit="rate",
        category="offers",
    )
)

# Getting paid -------------------------------------------------------------------------------------------------------

ship(
    Metric(
        "invoiced",
        _("amount invoiced"),
        _("Amount of the invoices issued less those taken back, on the day of each."),
        Measure(("invoiced",)),
        category="money",
    )
)
ship(
    Metric(
        "collection",
        _("collection rate"),
        _("Money received less money refunded, for what was invoiced in the same period."),
        Measure(MONEY_IN),
        Measure(("invoiced",)),
        unit="rate",
        category="money",
    )
)
ship(
    Metric(
        "receivable_days",
        _("days until paid"),
        _("Average days from when an instalment was due to when it was paid in full; early ones count below zero."),
        Measure(("instalment_paid",)),
        _count("instalment_paid"),
        unit="days",
        higher_is_better=False,
        category="money",
    )
)

# Cost ---------------------------------------------------------------------------------------------------------------

SALES_EXPENSE = ship(
    Metric(
        "sales_expense",
        _("sales expense"),
        _("Approved expenses for selling, on the day the money was spent."),
        Measure(("expense",)),
        higher_is_better=False,
        category="cost",
    )
)
COST_OF_SALE = ship(
    Metric(
        "cost_of_sale",
        _("cost of sale"),
        _("Sales expense for what was received less refunds, in the period."),
        Measure(("expense",)),
        Measure(MONEY_IN),
        unit="rate",
        higher_is_better=False,
        category="cost",
    )
)
ship(
    Metric(
        "expense_per_customer",
        _("expense per new customer"),
        _("Approved expenses for selling, for each customer won as new in the period."),
        Measure(("expense",)),
        _count("new_customer"),
        higher_is_better=False,
        category="cost",
    )
)
ship(
    Metric(
        "expense_share",
        _("expense share"),
        _("Sales expense for the amount of contracts signed less those cancelled, in the period."),
        Measure(("expense",)),
        Measure(CONTRACTS),
        unit="rate",
        higher_is_better=False,
        category="cost",
    )
)
