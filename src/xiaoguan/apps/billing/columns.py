"""How instalments and invoices look in lists: what is late says by how many days."""

from __future__ import annotations

from html import escape

from django.utils.translation import gettext as _

from xiaoguan.apps.billing.models import Instalment, Invoice, State
from xiaoguan.kit import columns, render
from xiaoguan.kit.columns import Reading


@columns.cell(Instalment, "status", needs="status due_on paid amount")
def status_cell(row: Instalment, reading: Reading) -> str:
    """Open instalments say what is true of them today: not due, due, overdue, partly paid."""
    if row.status != State.OPEN:
        tone: render.Tone = "green" if row.status == State.PAID else ""
        return render.tag(State(row.status).label, tone)
    if row.due_on is None or row.due_on > reading.today:
        return render.tag(_("partly paid"), "accent") if row.paid else escape(_("not due yet"))
    late = (reading.today - row.due_on).days
    if late == 0:
        return render.tag(_("due today"), "amber")
    return render.tag(render.days_overdue(late), "red")


@columns.cell(Invoice, "issued_on", needs="issued_on")
def issued_cell(row: Invoice, reading: Reading) -> str:
    """The day it was issued; before it a phone shows nothing, as no head explains a dash there."""
    if row.issued_on is not None:
        return str(render.day(row.issued_on))
    return f'<span class="not-phone">{render.NOTHING}</span>'
