"""The tabs above the list of customers, and what it says while it is empty."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Contact, Customer, CustomerKind
from xiaoguan.kit import access, nav, render, views
from xiaoguan.kit.pages import emptiness


def leads(actor: Any) -> bool:
    """Whether somebody looks after other people's customers too."""
    return access.grants(actor).scope("customers.customer", "view") == "team"


def sees_all(actor: Any) -> bool:
    """Whether somebody looks at the whole company."""
    return access.grants(actor).scope("customers.customer", "view") == "all"


def preview() -> SafeString:
    """What the list looks like with customers in it."""
    rows = [
        ("today", CustomerKind.names["design_institute"], render.step_word("today")),
        ("later", CustomerKind.names["steel_company"], render.step_word("later")),
        ("later", CustomerKind.names["contractor"], render.step_word("later")),
        ("none", CustomerKind.names["project_owner"], render.step_word("none")),
    ]
    items = format_html_join(
        "",
        '<li class="row-item">{}<span class="row-main">{}</span><span class="row-end">{}</span></li>',
        ((render.next_dot(state), name, word) for state, name, word in rows),
    )
    return format_html('<h3>{}</h3><ul class="rows">{}</ul>', gettext("With your customers it looks like this"), items)


emptiness.teach(
    Customer,
    title=_("No customers yet. Bring the table you have."),
    text=_(
        "Excel and CSV both work: where the header stands, whether amounts are in wan and how dates are written "
        "need no tidying. An import gone wrong can be taken back whole."
    ),
    preview=preview,
)
emptiness.teach(
    Contact,
    _(
        "The people at your customers: who decides, who recommends, who uses. "
        "A name and a phone number are a beginning."
    ),
)
emptiness.teach(
    CustomerKind,
    _("What sorts of companies you sell to. The kind says how a customer is looked after and how figures are split."),
)
views.view(Customer, "all", _("All"), "sort=next_due", position=5, shown=sees_all)
views.view(Customer, "team", _("My team"), "owner=team&sort=next_due", position=7, shown=leads)
views.view(Customer, "mine", _("Mine"), "owner=me&sort=next_due", position=10)
views.view(Customer, "overdue", _("Next step overdue"), "next_due=overdue&sort=next_due", position=20)
views.view(Customer, "idle", _("No next step"), "next_due=none&sort=last_contact_on", position=30)

nav.chapter("settings", _("Sales process"), "customers.customerkind", position=21)
