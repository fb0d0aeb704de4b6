"""Plans on contracts, what is owed on customers, allocations on receipts and instalments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Min, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.approvals import cards
from xiaoguan.apps.billing import invoicing, ledger, queries, spreading
from xiaoguan.apps.billing.actions import may_plan, plannable
from xiaoguan.apps.billing.models import Allocation, Instalment, Invoice, Order, State
from xiaoguan.apps.billing.waiving import WAIVER
from xiaoguan.apps.commerce.models import Contract, Receipt
from xiaoguan.apps.commerce.papers import exact_sums
from xiaoguan.apps.commerce.queries import collected
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.customers.risks import Risk, risk
from xiaoguan.apps.quotes.models import Quote
from xiaoguan.kit import access, clock, figures, related, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure
from xiaoguan.kit.panel import panel

PLAN = "kind rate amount paid outstanding due_on forecast_on status note"
OWED = "contract kind amount outstanding due_on forecast_on status"
CHOICES = 12
"""So many open instalments are offered to a receipt."""
ORDERS = "number amount ordered_on delivery_on delivered_on status note"
INVOICES = "number kind amount tax issued_on status"


SOON = dt.timedelta(days=7)


def _sees(model: Any) -> Any:
    return lambda request, record: access.may(request.user, "view", model)


def _of(model: Any, link: str) -> Any:
    return lambda request, record: related.count(model, request.user, {link: record.pk})


@panel(
    Contract, "plan", _("Payment plan"), count=_of(Instalment, "contract"), position=5, icon="calendar-due",
    shown=_sees(Instalment),
)  # fmt: skip
def plan_of_contract(request: HttpRequest, contract: Contract) -> SafeString:
    """The instalments of a contract, whether they make it whole, and the way to change them."""
    actor = request.user
    with render.money_in("yuan"):
        made = related.card(
            Instalment, actor, {"contract": contract.pk}, cols=PLAN, sort="position", title=_("Payment plan"),
            empty=_("No payment plan yet: nobody sees what is due when."),
        )  # fmt: skip
    if not plannable(contract) or not may_plan(actor, contract):
        return made
    found = queries.whole(contract)
    label = gettext("Change the plan") if found.count else gettext("Make the plan")
    button = format_html(
        '<a class="btn{}" href="{}">{}{}</a>', "" if found.count else " btn-primary",
        reverse("billing:plan", args=[contract.pk]), render.icon("pencil"), label,
    )  # fmt: skip
    return format_html('<div class="stack">{}<div class="row">{}{}</div></div>', made, button, _check(found))


def _check(found: queries.Whole) -> SafeString:
    """Whether the instalments make the contract, in words and a sign."""
    if not found.count:
        return SafeString("")
    if not found.gap:
        return format_html(
            '<span class="muted">{} {}</span>', render.icon("check"), gettext("Makes the whole contract")
        )
    with render.money_in("yuan"):
        words = gettext("short by %(gap)s") if found.gap > 0 else gettext("over by %(gap)s")
        return format_html('<span class="red">{}</span>', words % {"gap": render.money_text(abs(found.gap))})


@panel(
    Instalment, "allocations", _("Allocations"), count=_of(Allocation, "instalment"), position=10,
    icon="arrows-split", shown=_sees(Allocation),
)  # fmt: skip
def entries_of_instalment(request: HttpRequest, instalment: Instalment) -> SafeString:
    """What paid an instalment, entry by entry."""
    return related.card(
        Allocation, request.user, {"instalment": instalment.pk}, cols="on receipt amount reason", sort="on",
        empty=_("Nothing has been paid on it yet."),
    )  # fmt: skip


@panel(
    Receipt, "allocations", _("Allocations"), count=_of(Allocation, "receipt"), position=10, icon="arrows-split",
    shown=_sees(Allocation),
)  # fmt: skip
def entries_of_receipt(request: HttpRequest, receipt: Receipt) -> SafeString:
    """Which instalments a receipt has paid, and where the rest of it may go."""
    made = related.card(
        Allocation, request.user, {"receipt": receipt.pk}, cols="on instalment amount reason", sort="on",
        empty=_("Not allocated: it stands as an advance of the customer."),
    )  # fmt: skip
    if not access.may(request.user, "change", receipt):
        return made
    return format_html('<div class="stack">{}{}</div>', made, _open_to(request.user, receipt))


def _open_to(actor: Any, receipt: Receipt) -> SafeString:
    """The open instalments of the customer, the oldest first, each with a button that gives it what is left."""
    left = ledger.net_of([receipt]).get(receipt.pk, 0) - ledger.balance([receipt.pk]).of(receipt.pk)
    if left <= 0 or receipt.customer_id is None:
        return SafeString("")
    rows = access.visible(Instalment, actor).filter(customer=receipt.customer_id, status=State.OPEN)
    found = access.covered(actor, *rows.select_related("contract").order_by("due_on", "pk")[:CHOICES])
    url = Entity.of(receipt).url("do", receipt, "allocate")
    items = format_html_join(
        "",
        '<li><span class="row-main"><b>{}</b><small>{}</small></span><span class="row-end">{}</span>'
        '<a class="btn btn-small" href="{}?to={}">{}</a></li>',
        (
            (row, render.day(row.due_on), render.money_exact(row.outstanding), url, row.pk, gettext("Allocate"))
            for row in found
        ),
    )
    words = gettext("%(sum)s waits to be allocated") % {"sum": _exact(left)}
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2></header><ul class="rows">{}</ul></section>',
        words, items or format_html('<li class="muted">{}</li>', gettext("Nothing is outstanding.")),
    )  # fmt: skip


def _exact(fen: int) -> str:
    """A sum to the fen, for sentences."""
    with render.money_in("yuan"):
        return render.money_text(fen)


@panel(
    Customer, "owed", _("Receivables"), count=lambda request, customer: related.count(
        Instalment, request.user, {"customer": customer.pk, "status": State.OPEN}
    ),
    position=23, icon="calendar-due", shown=_sees(Instalment),
)  # fmt: skip
def owed_by_customer(request: HttpRequest, customer: Customer) -> SafeString:
    """What a customer still has to pay, the oldest first."""
    where = {"customer": customer.pk, "status": State.OPEN}
    return related.card(
        Instalment, request.user, where, cols=OWED, sort="due_on", empty=_("Nothing is outstanding."),
        title=_("Receivables"),
    )  # fmt: skip


@panel(
    Contract, "invoices", _("Invoices"), count=_of(Invoice, "contract"), position=15, icon="file-invoice",
    shown=_sees(Invoice),
)  # fmt: skip
def invoices_of_contract(request: HttpRequest, contract: Contract) -> SafeString:
    """What was invoiced on a contract, beside what it is worth and what came in."""
    actor = request.user
    about = {"contract": contract.pk}
    with render.money_in("yuan"):
        made = related.card(
            Invoice, actor, about, cols=INVOICES, sort="-issued_on", initial=about, empty=_("No invoice yet.")
        )
    if "amount" in access.masked(actor, Contract) | access.masked(actor, Invoice):
        return made
    words = {
        gettext("Contract amount"): contract.amount,
        gettext("Invoiced"): (invoiced := invoicing.invoiced([contract.pk]).get(contract.pk, 0)),
        gettext("Not invoiced yet"): contract.amount - invoiced,
    }
    if access.may(actor, "view", Receipt):
        words[gettext("Received")] = collected(contract.pk, actor)
    figure = '<div class="kpi figure"><span class="figure-label">{}</span><span class="figure-value">{}</span></div>'
    kpis = format_html_join("", figure, ((label, render.money_exact(fen)) for label, fen in words.items()))
    return format_html('<div class="stack"><section class="card kpis">{}</section>{}</div>', kpis, made)


for _model, _names in (
    (Instalment, ("amount", "paid", "outstanding")), (Invoice, ("amount", "net", "tax")), (Order, ("amount",)),
):  # fmt: skip
    exact_sums(_model, *_names)


@figures.part(Invoice, "right", position=5)
def instalments_of_invoice(invoice: Invoice, actor: Any) -> SafeString | str:
    """Which instalments an invoice is over, and how much of each."""
    parts = spreading.parts_of([invoice.pk]).get(invoice.pk, [])
    if not parts or not access.may(actor, "view", Instalment) or "amount" in access.masked(actor, Instalment):
        return ""
    rows = format_html_join(
        "", '<li class="row-item"><a class="row-main" href="{}">{}<small>{}</small></a><span class="row-end">{}</span>'
        "</li>",
        ((Entity.of(Instalment).url("detail", part.instalment), part.instalment.get_kind_display(),
          render.day(part.instalment.due_on), render.money_exact(part.amount)) for part in parts),
    )  # fmt: skip
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2></header><ul class="rows">{}</ul></section>',
        gettext("Over these instalments"), rows,
    )  # fmt: skip


@figures.part(Instalment, "right", position=10)
def waiver_card(instalment: Instalment, actor: Any) -> SafeString | str:
    """How far the latest request to waive it is."""
    return cards.latest(instalment, WAIVER, gettext("Waiver"))


@figures.figure(Instalment, position=40)
def invoiced_of_instalment(instalment: Instalment, actor: Any) -> Figure | None:
    """What of an instalment has been invoiced."""
    if not access.may(actor, "view", Invoice) or "amount" in access.masked(actor, Instalment):
        return None
    fen = spreading.invoiced_on([instalment.pk], issued=True).get(instalment.pk, 0)
    return Figure(gettext("Invoiced"), render.money_exact(fen))


@panel(Contract, "orders", _("Orders"), count=_of(Order, "contract"), position=13, icon="package", shown=_sees(Order))
def orders_of_contract(request: HttpRequest, contract: Contract) -> SafeString:
    """What is delivered on a contract."""
    about = {"contract": contract.pk}
    return related.card(
        Order, request.user, about, cols=ORDERS, sort="delivery_on", initial=about, empty=_("Nothing is ordered yet.")
    )


@figures.part(Quote, "right", position=6)
def orders_of_quote(quote: Quote, actor: Any) -> SafeString | str:
    """The orders made of a quote."""
    if not access.may(actor, "view", Order):
        return ""
    return related.card(
        Order, actor, {"quote": quote.pk}, cols="number amount delivery_on status", sort="-ordered_on",
        title=_("Orders"), hide_empty=True,
    )  # fmt: skip


def _late(actor: Any, **where: Any) -> int:
    rows = access.visible(Instalment, actor).filter(status=State.OPEN, due_on__lt=clock.today(), **where)
    return rows.aggregate(total=Sum("outstanding"))["total"] or 0


def _figure(actor: Any, query: str, **where: Any) -> Figure | None:
    if not access.may(actor, "view", Instalment) or "outstanding" in access.masked(actor, Instalment):
        return None
    late = _late(actor, **where)
    if not late:
        return None
    shown = format_html('<span class="red">{}</span>', render.money(late))
    return Figure(gettext("Overdue"), shown, url=f"{Entity.of(Instalment).url('list')}?is=overdue&{query}")


@figures.figure(Customer, position=25)
def late_of_customer(customer: Customer, actor: Any) -> Figure | None:
    """What a customer should have paid by now."""
    return _figure(actor, f"customer={customer.pk}", customer=customer)


@risk
def money(customer: Customer, actor: Any) -> Risk | None:
    """Money that should be here by now outweighs every other risk; what is due within a week is told too."""
    hidden = access.masked(actor, Instalment) & {"outstanding", "due_on", "status", "customer"}
    if hidden or not access.may(actor, "view", Instalment):
        return None
    today = clock.today()
    rows = access.visible(Instalment, actor).filter(customer=customer, status=State.OPEN)
    late = Q(due_on__lt=today)
    found = rows.filter(due_on__lte=today + SOON).aggregate(
        late=Sum("outstanding", filter=late), since=Min("due_on", filter=late),
        soon=Sum("outstanding", filter=~late), day=Min("due_on", filter=~late),
    )  # fmt: skip
    url = f"{Entity.of(Customer).url('detail', customer)}?tab=owed"
    if found["late"]:
        words = {"amount": render.money_text(found["late"]), "day": render.day(found["since"])}
        return Risk(95, gettext("%(amount)s overdue, the oldest since %(day)s") % words, url)
    if found["soon"]:
        words = {"amount": render.money_text(found["soon"]), "day": render.day(found["day"])}
        return Risk(25, gettext("%(amount)s due by %(day)s") % words, url)
    return None


@figures.part(Customer, "right", position=8)
def owed_card(customer: Customer, actor: Any) -> SafeString:
    """What a customer still has to pay, beside its timeline; nothing where nothing is owed."""
    return related.card(
        Instalment, actor, {"customer": customer.pk, "status": State.OPEN}, cols="kind outstanding due_on",
        sort="due_on", title=_("Receivables"), most=6, hide_empty=True,
    )  # fmt: skip


@figures.figure(Contract, position=35)
def late_of_contract(contract: Contract, actor: Any) -> Figure | None:
    """What should have been paid on a contract by now."""
    return _figure(actor, f"contract={contract.pk}", contract=contract)
