"""What an invoice to a customer is written to, complete where the fields say less."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit import access, figures


@figures.part(Customer, "left", position=60)
def invoice_card(customer: Customer, actor: Any) -> SafeString:
    """Title, tax number and bank, where anything but the name is known."""
    hidden = access.masked(actor, Customer)
    said = {name: text for name, text in customer.invoiced_as.items() if text and name not in hidden}
    if not set(said) - {"invoice_title"}:
        return SafeString("")
    fields = ((capfirst(str(Customer._meta.get_field(name).verbose_name)), text) for name, text in said.items())
    rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", fields)
    html = (
        '<section class="card"><header class="card-head"><h2>{}</h2></header>'
        '<div class="card-body"><dl class="facts">{}</dl></div></section>'
    )
    return format_html(html, gettext("For the invoice"), rows)
