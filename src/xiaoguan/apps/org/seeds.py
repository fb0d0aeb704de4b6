"""The roles every installation starts with: built-in names and default grants, by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLE_NAMES: dict[str, Promise] = {
    "salesperson": _("salesperson"),
    "manager": _("sales manager"),
    "director": _("sales director"),
    "hr": _("human resources"),
    "finance": _("finance"),
    "service": _("after-sales service"),
    "administrator": _("administrator"),
    "auditor": _("auditor"),
}

Grants = dict[str, dict[str, str]]

READ = {"*": "none", "view": "all"}
"""To look up and nothing else, whatever the line of the whole app says."""

WORDS = (
    "billing.planpart",
    "billing.plantemplate",
    "customers.customerkind",
    "expenses.expensekind",
    "metrics.definition",
    "opportunities.criterion",
    "opportunities.duty",
    "opportunities.lossreason",
    "opportunities.pipeline",
    "opportunities.product",
    "opportunities.stage",
    "projects.protection",
)
"""The words of the sales process: kinds, stages, reasons, products, periods, metrics."""

PRICES = ("quotes.pricebook", "quotes.priceentry")
"""What is asked of whom: for everybody to look up, for the director to set."""

PLANS = ("billing.planpart", "billing.plantemplate")
"""How payment plans usually look: finance keeps them too."""

# What everybody with a role may look up: colleagues, teams, days, and the words of the sales process.
COMMON: Grants = {
    **dict.fromkeys(("org.company", "org.team", "org.membership", "org.calendarday", "org.exchangerate"), READ),
    "org.person": {**READ, "deputise": "self"},
    "org.deputy": {**READ, "delete": "self"},
    **dict.fromkeys((*WORDS, *PRICES), READ),
    **dict.fromkeys(WORDS, READ),
    "territories.territory": {**READ, "comment": "all"},
    "territories.assignment": READ,
    "collaboration.tag": READ,
    "pools.pool": READ,
    "pools.poolrule": READ,
    "api.token": {"*": "none", "view": "self", "create": "self", "revoke": "self"},
}

CONTACT_DATA = {
    "customers.customer": ["phone", "address", "latitude", "longitude", "invoice_address", "invoice_phone"],
    "customers.contact": ["phone", "mobile", "email", "wechat", "other_ways"],
}
"""How to get hold of a customer: hidden from who measures sellers but doesn't sell."""

OWN_BOARDS = {"*": "self", "publish": "none", "import": "none"}
"""Whoever reads figures builds dashboards for himself; showing them to others is for who leads."""

COSTS = {
    "opportunities.product": ["cost"],
    "quotes.quote": ["cost", "margin", "margin_rate"],
    "quotes.quoteline": ["cost"],
}
"""What is paid for the goods and what is left: for who decides about prices, not for who haggles about them."""


FIGURES_OF_SALES = {"metrics.figures": ["result", "deals", "offers", "money", "cost", "own"]}
"""Chapters of the dictionary that are about selling: after-sales service reads those about customers and activities."""


def _selling(scope: str) -> Grants:
    """All verbs of a seller on the records within a scope; receipts and refunds are finance's to write."""
    leading = "none" if scope == "self" else scope
    return {
        "customers.*": {"*": scope},
        "projects.*": {"*": scope},
        "projects.registration": {"*": scope, "confirm": leading},
        "projects.conflict": {"*": "none", "view": scope, "export": scope, "comment": scope, "rule": leading},
        "opportunities.*": {"*": scope},
        **COMMON,
        "org.person": {**READ, "deputise": scope},
        "org.deputy": {**READ, "delete": scope},
        "opportunities.stageentry": {"*": "none", "view": scope, "export": scope},
        "quotes.*": {"*": scope},
        "activities.*": {"*": scope},
        "commerce.contract": {"*": scope},
        "commerce.amendment": {"view": scope, "export": scope, "comment": scope},
        "leads.*": {"*": scope},
        "leads.question": READ,
        "leads.webform": READ,
        "commerce.receipt": {"view": scope, "export": scope, "comment": scope},
        "commerce.refund": {"view": scope, "export": scope, "comment": scope},
        "expenses.expense": {"*": scope, "pay": "none"},
        "billing.instalment": {"*": scope, "waive": "all" if scope == "all" else "none"},
        "billing.order": {"*": scope},
        "billing.orderline": {"*": scope},
        "billing.invoice": {"*": scope, "issue": "none"},
        "billing.allocation": {"view": scope, "export": scope, "comment": scope},
        "goals.target": {"view": "all" if scope == "all" else "team"},
        "metrics.figures": {"view": scope},
        "dashboards.dashboard": OWN_BOARDS if scope == "self" else {**OWN_BOARDS, "publish": "self"},
        "handover.handover": {"*": "none", "view": scope, "export": scope, "comment": scope, "create": leading},
    }


IN_THE_POOL: Grants = {"pools.poolentry": {"view": "self", "claim": "self"}}
"""Sellers see and claim what waits in the pools open to them; no seller keeps his own customers from the rules."""

SALESPERSON = {
    **_selling("self"),
    **IN_THE_POOL,
    "customers.customer": {"*": "self", "spare": "none"},
    "leads.lead": {"*": "self", "distribute": "none"},
}

MANAGER = {
    **_selling("team"),
    "metrics.marketsize": READ,
    "pools.poolentry": {"view": "team", "claim": "team", "assign": "team", "export": "team", "comment": "team"},
    "goals.target": {"*": "team"},
    "collaboration.tag": {**READ, "create": "all"},
}

DIRECTOR = {
    **_selling("all"),
    "metrics.marketsize": {"*": "all"},
    "org.team": {"view": "all", "change": "all"},
    **{name: {"*": "all"} for name in (*WORDS, *PRICES)},
    **{name: {"*": "all"} for name in WORDS},
    "territories.territory": {"*": "all"},
    "territories.assignment": {"*": "all"},
    "collaboration.tag": {**READ, "create": "all"},
    "goals.target": {"*": "all"},
    "leads.question": {"*": "all"},
    "leads.webform": {"*": "all"},
    "pools.pool": {"*": "all"},
    "pools.poolrule": {"*": "all"},
    "pools.poolentry": {"view": "all", "claim": "all", "assign": "all", "export": "all", "comment": "all"},
}

HR = {
    **COMMON,
    "org.team": {"*": "all"},
    "org.person": {"*": "all", "set_roles": "none"},
    "org.membership": {"*": "all"},
    "org.deputy": {**READ, "delete": "all"},
    "org.calendarday": {"*": "all"},
    "org.role": {"view": "all"},
    "customers.customer": {"view": "all", "comment": "all"},
    "projects.*": {"view": "all", "comment": "all"},
    "opportunities.*": {"view": "all", "comment": "all"},
    "activities.*": {"view": "all", "comment": "all"},
    "quotes.*": {"view": "all", "comment": "all"},
    "commerce.*": {"view": "all", "comment": "all"},
    "billing.*": {"view": "all", "comment": "all"},
    "expenses.*": {"view": "all", "comment": "all"},
    "goals.target": {"view": "all"},
    "handover.handover": {"view": "all", "comment": "all"},
    "metrics.figures": {"view": "all"},
    "dashboards.dashboard": {**OWN_BOARDS, "publish": "self"},
}

FINANCE = {
    **COMMON,
    "metrics.marketsize": READ,
    "customers.*": {"view": "all", "export": "all", "comment": "all"},
    "projects.*": {"view": "all", "export": "all", "comment": "all"},
    "opportunities.*": {"view": "all", "export": "all", "comment": "all"},
    "quotes.*": {"view": "all", "export": "all", "comment": "all"},
    "commerce.*": {"*": "all"},
    "billing.*": {"*": "all"},
    "expenses.*": {"*": "all"},
    "expenses.expensekind": {"*": "all"},
    "org.exchangerate": {"*": "all"},
    **{name: {"*": "all"} for name in PLANS},
    "goals.target": {"view": "all"},
    "metrics.figures": {"view": "all"},
    "dashboards.dashboard": {**OWN_BOARDS, "publish": "self"},
}

SERVICE = {
    **COMMON,
    "customers.*": {"view": "all", "comment": "all"},
    "customers.customer": {"view": "all", "log": "all", "comment": "all"},
    "activities.*": {"*": "self"},
    "activities.feedback": {"*": "all"},
    "billing.order": {"view": "all", "comment": "all", "deliver": "all"},
    "billing.orderline": {"view": "all"},
    "expenses.expense": {"*": "self", "pay": "none"},
    "metrics.figures": {"view": "all"},
    "dashboards.dashboard": OWN_BOARDS,
}

ADMINISTRATOR = {
    "org.*": {"*": "all"},
    "customers.*": {"*": "all"},
    "territories.*": {"*": "all"},
    "projects.*": {"*": "all"},
    "projects.conflict": {"*": "none", "view": "all", "export": "all", "comment": "all"},
    "opportunities.*": {"*": "all"},
    "activities.*": {"*": "all"},
    "quotes.*": {"*": "all"},
    "commerce.*": {"*": "all"},
    "leads.*": {"*": "all"},
    "pools.*": {"*": "all"},
    "pools.poolentry": {"*": "none", "view": "all", "assign": "all", "export": "all", "comment": "all"},
    "billing.*": {"*": "all"},
    "expenses.*": {"*": "all"},
    "goals.*": {"*": "all"},
    "handover.handover": {"*": "none", "view": "all", "export": "all", "comment": "all", "create": "all"},
    "metrics.*": {"*": "all"},
    "metrics.figures": {"view": "all"},
    "dashboards.*": {"*": "all"},
    "kit.*": {"*": "all"},
    "api.token": {"*": "all", "import": "none", "change": "none", "delete": "none", "share": "none"},
    "audit.*": {"*": "all"},
    "approvals.*": {"*": "all"},
    "notices.*": {"*": "all", "import": "none"},
    "webhooks.*": {"*": "all", "import": "none"},
    "intake.*": {"*": "all", "import": "none"},
    "collaboration.*": {"*": "all"},
}
"""Settings, people and everything an import may bring; pay and scores are other apps and stay out."""

AUDITOR = {"*": {"view": "all", "export": "all"}}

ROLES: Mapping[str, Mapping[str, Any]] = {
    "salesperson": {"grants": SALESPERSON, "masks": COSTS},
    "manager": {"grants": MANAGER},
    "director": {"grants": DIRECTOR},
    "hr": {"grants": HR, "masks": {**CONTACT_DATA, **COSTS}},
    "finance": {"grants": FINANCE},
    "service": {"grants": SERVICE, "masks": {**COSTS, **FIGURES_OF_SALES}},
    "administrator": {"grants": ADMINISTRATOR},
    "auditor": {"grants": AUDITOR},
}

BASELINE: Grants = {"org.person": {"profile": "self"}}
"""What every active person may do even without a role: look after his own preferences."""
