"""Which customers and contacts may be the same: what merging proposes, and what follows by itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers import twins
from xiaoguan.apps.customers.models import Apart, Contact, Customer, CustomerKey, Pair
from xiaoguan.apps.merging import declaring, links
from xiaoguan.apps.merging.alike import Rule
from xiaoguan.apps.merging.declaring import mergeable
from xiaoguan.kit import access
from xiaoguan.kit.access import visible
from xiaoguan.kit.entity import Entity

for _model in (CustomerKey, Pair, Apart):
    links.leave(_model)


def customers(customer: Customer, actor: Any) -> list[tuple[Customer, str]]:
    """The customers that are perhaps the same company, as far as the actor may change them."""
    said = {name: getattr(customer, name) for name in twins.FIELDS}
    found = [twin for twin in twins.find(said, actor, most=twins.MOST + 1) if twin.row is not None]
    rows = visible(Customer, actor).select_related("kind").in_bulk([twin.row["pk"] for twin in found if twin.row])
    pairs = [(rows[twin.row["pk"]], twin.reasons) for twin in found if twin.row and twin.row["pk"] != customer.pk]
    return [(row, why) for row, why in pairs if access.may(actor, "change", row)]


def contacts(contact: Contact, actor: Any) -> list[tuple[Contact, str]]:
    """People of the same name at the same company."""
    rows = visible(Contact, actor).filter(customer=contact.customer_id, name=contact.name).exclude(pk=contact.pk)
    return [(row, "") for row in rows.select_related("customer").order_by("pk")[: twins.MOST]]


mergeable(Customer, suggest=customers)
declaring.elsewhere.append((Entity.of(Customer), "twins:pairs"))
mergeable(
    Contact,
    suggest=contacts,
    rules=(
        Rule(("mobile",), _("same mobile number")),
        Rule(("wechat",), _("same WeChat")),
        Rule(("email",), _("same e-mail")),
        Rule(("name", "customer"), _("same name at the same customer")),
    ),
)
