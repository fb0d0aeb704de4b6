"""Contracts and money on the pages of customers, deals and contracts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.commerce import offers
from xiaoguan.apps.commerce.models import Amendment, Contract, Receipt, Refund
from xiaoguan.apps.commerce.papers import exact_sums
from xiaoguan.apps.commerce.queries import collected, received_within_a_year
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.quotes.models import Quote
from xiaoguan.apps.quotes.printing import money
from xiaoguan.calc.quote import times
from xiaoguan.kit import access, figures, related, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure
from xiaoguan.kit.panel import panel

CONTRACTS = "name number amount signed_on status owner"
RECEIPTS = "received_on contract amount method number"
REFUNDS = "refunded_on contract amount reason number"


def _sees(model: Any) -> Any:
    return lambda request, record: access.may(request.user, "view", model)


def _of(model: Any, link: str) -> Any:
    return lambda request, record: related.count(model, request.user, {link: record.pk})


def _contracts(request: HttpRequest, where: dict[str, Any], initial: dict[str, Any]) -> SafeString:
    return related.card(
        Contract, request.user, where, cols=CONTRACTS, sort="-signed_on", initial=initial,
        empty=_("Nothing is signed yet."),
    )  # fmt: skip


def _money(request: HttpRequest, where: dict[str, Any], initial: dict[str, Any], *, refunds: bool = True) -> SafeString:
    """Receipts, and refunds below them where there are any."""
    actor = request.user
    made = related.card(
        Receipt, actor, where, cols=RECEIPTS, sort="-received_on", initial=initial, empty=_("No money received yet.")
    )
    if refunds:
        made += related.card(Refund, actor, where, cols=REFUNDS, sort="-refunded_on", hide_empty=True)
    return made


# On a customer ------------------------------------------------------------------------------------------------------


@panel(
    Customer, "contracts", _("Contracts"), count=_of(Contract, "customer"), position=20, icon="file-text",
    shown=_sees(Contract),
)  # fmt: skip
def contracts_of_customer(request: HttpRequest, customer: Customer) -> SafeString:
    """What was signed with a customer."""
    where = {"customer": customer.pk}
    return _contracts(request, where, where)


@panel(
    Customer, "receipts", _("Receipts"), count=_of(Receipt, "customer"), position=25, icon="cash", shown=_sees(Receipt)
)
def receipts_of_customer(request: HttpRequest, customer: Customer) -> SafeString:
    """What a customer paid, and what it got back."""
    where = {"customer": customer.pk}
    return _money(request, where, where)


@figures.figure(Customer, position=30)
def received(customer: Customer, actor: Any) -> Figure | None:
    """What a customer paid within a year, less refunds."""
    if not access.may(actor, "view", Receipt):
        return None
    net, since = received_within_a_year(customer.pk, actor)
    query = urlencode({"customer": customer.pk, "received_on": f"{since:%Y-%m-%d}.."})
    return Figure(gettext("Received in 12 months"), render.money(net), url=f"{Entity.of(Receipt).url('list')}?{query}")


# On a deal ----------------------------------------------------------------------------------------------------------


def _about(deal: Deal) -> dict[str, Any]:
    found = {"deal": deal.pk}
    return found | ({"customer": deal.customer_id} if deal.customer_id else {})


@panel(Deal, "contracts", _("Contracts"), count=_of(Contract, "deal"), position=20, icon="file-text",
       shown=_sees(Contract))  # fmt: skip
def contracts_of_deal(request: HttpRequest, deal: Deal) -> SafeString:
    """What was signed for a deal."""
    return _contracts(request, {"deal": deal.pk}, _about(deal))


@panel(Deal, "receipts", _("Receipts"), count=_of(Receipt, "deal"), position=25, icon="cash", shown=_sees(Receipt))
def receipts_of_deal(request: HttpRequest, deal: Deal) -> SafeString:
    """What was paid for a deal."""
    return _money(request, {"deal": deal.pk}, _about(deal), refunds=False)


exact_sums(Receipt, "amount")
exact_sums(Refund, "amount")


# On a contract ------------------------------------------------------------------------------------------------------


@figures.figure(Contract, position=10)
def contract_amount(contract: Contract, actor: Any) -> Figure | None:
    """What the contract is worth."""
    if "amount" in access.masked(actor, Contract):
        return None
    return Figure(gettext("Contract amount"), render.money_exact(contract.amount))


@figures.figure(Contract, position=20)
def contract_received(contract: Contract, actor: Any) -> Figure | None:
    """What has been paid of it, and how much that is."""
    if not access.may(actor, "view", Receipt) or "amount" in access.masked(actor, Contract):
        return None
    net = collected(contract.pk, actor)
    share = render.percent(net * 100_000 // contract.amount) if contract.amount else ""
    return Figure(gettext("Received"), render.money_exact(net), share)


@figures.figure(Contract, position=30)
def contract_open(contract: Contract, actor: Any) -> Figure | None:
    """What is still to come."""
    if not contract.in_force or not access.may(actor, "view", Receipt) or "amount" in access.masked(actor, Contract):
        return None
    return Figure(gettext("Receivable"), render.money_exact(contract.amount - collected(contract.pk, actor)))


def _has_lines(request: HttpRequest, contract: Contract) -> bool:
    return contract.quote_id is not None and "amount" not in access.masked(request.user, Contract)


@panel(Contract, "lines", _("Lines"), position=3, icon="list", shown=_has_lines)
def lines_of_contract(request: HttpRequest, contract: Contract) -> SafeString:
    """What was agreed, line by line, as it was frozen with the accepted quote."""
    head = format_html_join("", '<th class="{}">{}</th>', (
        ("", gettext("Product or text")), ("num", gettext("Quantity")), ("num not-phone", gettext("Unit price")),
        ("num not-phone", gettext("Price reduction")), ("num", gettext("Amount, yuan")),
    ))  # fmt: skip
    lines = offers.lines_of(contract)
    body = format_html_join(
        "", '<tr><td>{}</td><td class="num">{} {}</td><td class="num not-phone">{}</td>'
        '<td class="num not-phone">{}</td><td class="num">{}</td></tr>', (_cells(line) for line in lines),
    )  # fmt: skip
    total = sum(line["net"] for line in lines)
    source = ""
    if access.may(request.user, "view", contract.quote):
        name = gettext("%(quote)s, version %(number)s") % {"quote": contract.quote, "number": contract.edition}
        source = format_html('<a class="more" href="{}">{}</a>', Entity.of(Quote).url("detail", contract.quote), name)
    return format_html(
        '<section class="card table-card"><header class="card-head"><h2>{}</h2>{}</header><div class="table-wrap" '
        'tabindex="0" role="region" aria-label="{}"><table class="table table-plain"><thead><tr>{}</tr></thead><tbody>'
        '{}</tbody><tfoot><tr class="sums"><td>{}</td><td></td><td class="not-phone"></td><td class="not-phone"></td>'
        '<td class="num">{}</td></tr></tfoot>'
        "</table></div></section>",
        gettext("As signed"), source, gettext("Lines"), head, body, gettext("Total, tax included"),
        money(total),
    )  # fmt: skip


def _cells(line: dict[str, Any]) -> tuple[Any, ...]:
    quantity = Decimal(line["quantity"])
    off = times(quantity, line["price"]) - line["net"]
    words = f"{quantity.normalize():f}"
    return line["name"], words, line["unit_name"], money(line["price"]), money(off) if off else "", money(line["net"])


@figures.part(Quote, "right", position=5)
def contracts_of_quote(quote: Quote, actor: Any) -> SafeString | str:
    """The contracts made of a quote, whichever version of it."""
    if not access.may(actor, "view", Contract):
        return ""
    return related.card(
        Contract, actor, {"quote": quote.pk}, cols="name amount signed_on status", sort="-signed_on",
        title=_("Contracts"), hide_empty=True,
    )  # fmt: skip


@panel(
    Contract, "amendments", _("Supplementary agreements"), count=_of(Amendment, "contract"), position=40,
    icon="file-plus", shown=_sees(Amendment),
)  # fmt: skip
def amendments_of_contract(request: HttpRequest, contract: Contract) -> SafeString:
    """What was changed about a contract since it was signed, and when both sides agreed to it."""
    return related.card(
        Amendment, request.user, {"contract": contract.pk}, cols="agreed_on delta previous_customer reason number",
        sort="agreed_on", empty=_("The contract stands as it was signed."),
    )  # fmt: skip


@panel(
    Contract, "receipts", _("Receipts"), count=_of(Receipt, "contract"), position=10, icon="cash", shown=_sees(Receipt)
)
def receipts_of_contract(request: HttpRequest, contract: Contract) -> SafeString:
    """What was paid for a contract."""
    where = {"contract": contract.pk}
    about = {"deal": contract.deal_id, "customer": contract.customer_id}
    return _money(request, where, where | {name: value for name, value in about.items() if value})
