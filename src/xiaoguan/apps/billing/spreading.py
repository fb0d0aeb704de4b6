"""Invoices over several instalments: asked for in one dialog, split to the fen, never over what one is worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any

from django.db.models import F, Sum
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.billing.invoicing import beyond
from xiaoguan.apps.billing.models import Instalment, Invoice, InvoiceKind, InvoicePart, InvoiceStatus, State
from xiaoguan.apps.billing.models.invoice import USUAL_RATE
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.kit import clock, kinds, render
from xiaoguan.kit.access import everything, masked, may
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, Refusal, WayOut
from xiaoguan.kit.param import Param

BECAUSE = "what was invoiced does not depend on who looks"
PREFIX = "instalment_"


def parts_of(invoices: Collection[int]) -> dict[int, list[InvoicePart]]:
    """The parts of some invoices, by invoice, in the order of the plan."""
    rows = InvoicePart.objects.filter(invoice__in=invoices, deleted_at__isnull=True).select_related("instalment")
    found: dict[int, list[InvoicePart]] = {}
    for part in rows.order_by("instalment__position", "pk"):
        found.setdefault(part.invoice_id, []).append(part)
    return found


def invoiced_on(instalments: Collection[int], *, issued: bool = False) -> dict[int, int]:
    """Fen invoiced on instalments, red invoices taken off; what was only asked for counts unless `issued`."""
    rows = InvoicePart.objects.filter(
        instalment__in=instalments, deleted_at__isnull=True, invoice__deleted_at__isnull=True
    )
    if issued:
        rows = rows.exclude(invoice__status=InvoiceStatus.DRAFT)
    return dict(rows.order_by().values_list("instalment").annotate(total=Sum("amount")))


def open_plan(contract: Contract) -> list[tuple[Instalment, int]]:
    """The instalments of a contract on which something is not invoiced yet, and how much, in their order."""
    rows = everything(Instalment, because=BECAUSE).filter(contract=contract, status__in=(State.OPEN, State.PAID))
    plan = list(rows.order_by("position", F("due_on").asc(nulls_last=True), "pk"))
    known = invoiced_on([row.pk for row in plan])
    return [(row, left) for row in plan if (left := row.amount - known.get(row.pk, 0)) > 0]


def billable(contract: Contract) -> bool:
    """Whether invoices are written on a contract."""
    return contract.in_force


def _asked(contract: Contract, sent: Mapping[str, Any], actor: Any) -> Sequence[Param]:
    """One amount for each instalment with something to invoice; what is due now or paid stands there already."""
    if {"amount", "outstanding"} & masked(actor, Instalment):
        return []
    found = []
    for row, left in open_plan(contract):
        due = row.status == State.PAID or (row.due_on is not None and row.due_on <= clock.today())
        day = str(render.day(row.due_on)) if row.due_on else row.get_milestone_display()
        help_ = gettext("%(day)s · not invoiced yet: %(sum)s") % {"day": day, "sum": _exact(left)}
        found.append(
            Param(f"{PREFIX}{row.pk}", int | None, row.get_kind_display(), False, left if due else None,
                  (kinds.MONEY,), help_)
        )  # fmt: skip
    return found


@action(Contract, _("Ask for an invoice"), name="invoice", position=42, icon="file-invoice", shown=billable,
        asks=_asked)  # fmt: skip
def ask_for_invoice(
    work: Work,
    contract: Contract,
    *,
    kind: Annotated[InvoiceKind, _("Kind")] = InvoiceKind.SPECIAL,
    rate: Annotated[int, _("Tax rate"), kinds.PERCENT] = USUAL_RATE,
    **more: Any,
) -> Invoice:
    """One invoice over one or several instalments, for finance to issue; its amount is the sum of what was typed."""
    if not may(work.actor, "create", Invoice):
        raise Denied("create", Invoice)
    wanted = {name: fen for name, fen in more.items() if name.startswith(PREFIX) and fen}
    left = {f"{PREFIX}{row.pk}": (row, rest) for row, rest in open_plan(contract)}
    if not left and not wanted:
        raise _nothing_left(contract)
    errors: dict[str, list[Any]] = {}
    for name, fen in wanted.items():
        if name not in left:
            errors[name] = [gettext("All of it is invoiced.")]
        elif not 0 < fen <= left[name][1]:
            errors[name] = [gettext("At most %(sum)s.") % {"sum": _exact(left[name][1])}]
    if errors:
        raise Invalid(errors)
    if not wanted:
        raise Invalid({"": [gettext("Type how much of which instalment the invoice is over.")]})
    rows = [(left[name][0], fen) for name, fen in wanted.items()]
    single = rows[0][0] if len(rows) == 1 else None
    invoice: Invoice = work.create(
        Invoice,
        {"contract": contract, "kind": kind, "rate": rate, "instalment": single,
         "amount": sum(fen for _row, fen in rows)},
    )  # fmt: skip
    if single is None:
        work.create(InvoicePart, [{"invoice": invoice, "instalment": row, "amount": fen} for row, fen in rows])
    return invoice


def _nothing_left(contract: Contract) -> Refusal:
    url = f"{Entity.of(contract).url('detail', contract)}?tab=plan"
    new = f"{Entity.of(Invoice).url('new')}?contract={contract.pk}"
    return Refusal(
        gettext("No instalment is left to invoice"),
        gettext("This contract has no payment plan, or all of it is invoiced."),
        code="invoice.no_instalment",
        rule=gettext("An invoice is asked for instalment by instalment."),
        ways_out=[
            WayOut(gettext("Look at the payment plan"), url=url, icon="calendar-due"),
            WayOut(gettext("Enter an invoice without an instalment"), url=new, icon="file-invoice"),
        ],
    )


@consequence(Invoice)
def follow(work: Work, invoices: Sequence[Invoice], fresh: bool) -> None:
    """The parts of an invoice are those of what it takes back, or its one instalment; they add up to its amount."""
    if work.reverting:
        return
    if fresh:
        taken = parts_of([row.red_of_id for row in invoices if row.red_of_id is not None])
        made = [
            {"invoice": row, "instalment": part.instalment, "amount": -part.amount}
            for row in invoices for part in taken.get(row.red_of_id or 0, ())
        ]  # fmt: skip
        made += [
            {"invoice": row, "instalment": row.instalment, "amount": row.amount}
            for row in invoices if row.red_of_id is None and row.instalment_id is not None
        ]  # fmt: skip
        if made:
            work.create(InvoicePart, made)
    else:
        _keep_whole(work, invoices)
    _refuse_over(invoices, fresh)


def _keep_whole(work: Work, invoices: Sequence[Invoice]) -> None:
    """A changed amount or instalment changes the one part; several are not guessed."""
    changed = [row for row in invoices if {"amount", "instalment_id"} & row.changed_fields().keys()]
    known = parts_of([row.pk for row in changed])
    for row in changed:
        parts = known.get(row.pk, [])
        if row.instalment_id is None and "instalment_id" not in row.changed_fields():
            if parts and sum(part.amount for part in parts) != row.amount:
                raise Invalid({"amount": [_split(parts)]})
            continue
        kept = next((part for part in parts if part.instalment_id == row.instalment_id), None)
        gone = [part for part in parts if part is not kept]
        if gone:
            work.remove(*gone)
        if kept is not None:
            kept.amount = row.amount
            work.save(kept)
        elif row.instalment is not None:
            work.create(InvoicePart, {"invoice": row, "instalment": row.instalment, "amount": row.amount})


def _split(parts: Sequence[InvoicePart]) -> str:
    words = {"count": len(parts), "sum": _exact(sum(part.amount for part in parts))}
    return gettext("It is over %(count)s instalments, %(sum)s in all; delete it and ask for another one.") % words


def _refuse_over(invoices: Sequence[Invoice], fresh: bool) -> None:
    """What is issued on an instalment is never more than it is worth."""
    issued = [
        row.pk for row in invoices
        if row.status == InvoiceStatus.ISSUED and row.amount > 0 and (fresh or "status" in row.changed_fields())
    ]  # fmt: skip
    if not issued:
        return
    rows = {part.instalment_id: part.instalment for parts in parts_of(issued).values() for part in parts}
    sums = invoiced_on(list(rows), issued=True)
    for pk, row in rows.items():
        over = sums.get(pk, 0) - row.amount
        if over > 0:
            raise _over(row, over)


def _over(row: Instalment, over: int) -> Refusal:
    words = {"what": row.get_kind_display(), "sum": _exact(row.amount), "over": _exact(over)}
    return beyond(
        row.contract_id,
        gettext("“%(what)s” is worth %(sum)s; with it %(over)s more would be invoiced.") % words,
        code="invoice.over_instalment",
        rule=gettext("Invoices never add up to more than the instalment they are over."),
        hint=gettext("Take one back by a red invoice, or ask for one over several instalments."),
    )


def _exact(fen: int) -> str:
    with render.money_in("yuan"):
        return render.money_text(fen)
