"""The tabs above the list of customers, and what it says while it is empty."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Contact, Customer, CustomerFact, CustomerKind, FactState
from xiaoguan.apps.customers.models.birthday import coming
from xiaoguan.kit import access, clock, filters, nav, render, views
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
emptiness.teach(
    CustomerFact,
    _(
        "What a customer needs, likes and never wants again, with who said it and when. "
        "A fact with a day to verify it comes back here by itself."
    ),
)


@filters.condition(CustomerFact, "due", _("to be verified"), reads="state verify_by")
def due(_actor: Any) -> Q:
    """What somebody should ask again."""
    return Q(state=FactState.HOLDS, verify_by__lte=clock.today())


@filters.condition(Contact, "birthday", _("birthday within 30 days"), reads="birthday lunar_birthday")
def birthday(_actor: Any) -> Q:
    """Whoever has birthday soon, by the sun or by the moon, and still works there."""
    return Q(birthday_key__in=list(coming(clock.today(), SOON)), left=False)


SOON = 30
"""Days within which a birthday is near."""
views.view(CustomerFact, "due", _("To verify"), "is=due&sort=verify_by", position=10)
views.view(CustomerFact, "holds", _("Holds"), "state=holds&sort=-heard_on", position=20)
views.view(Contact, "here", _("At work there"), "left=0&sort=name", position=10)
views.view(Contact, "birthdays", _("Birthdays"), "is=birthday&sort=name", position=20)
views.view(Customer, "all", _("All"), "sort=next_due", position=5, shown=sees_all)
views.view(Customer, "team", _("My team"), "owner=team&sort=next_due", position=7, shown=leads)
views.view(Customer, "mine", _("Mine"), "owner=me&sort=next_due", position=10)
views.view(Customer, "overdue", _("Next step overdue"), "next_due=overdue&sort=next_due", position=20)
views.view(Customer, "idle", _("No next step"), "next_due=none&sort=last_contact_on", position=30)

nav.chapter(
    "customers", _("Customers"), "customers.customer", "customers.contact", "customers.customerfact", "twins:pairs",
    position=10,
)  # fmt: skip
nav.chapter("settings", _("Sales process"), "customers.customerkind", position=21)
