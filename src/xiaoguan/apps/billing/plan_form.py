"""The editor of a payment plan: one row per instalment, a few empty ones, and whether they make the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.billing.actions import Line, lines_of
from xiaoguan.apps.billing.models import Instalment, PlanTemplate
from xiaoguan.apps.billing.queries import OPEN, plan_of
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.calc import dues
from xiaoguan.kit import controls
from xiaoguan.kit.controls import raw_of
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.form import RecordForm

NAMES = ["kind", "rate", "amount", "milestone", "days", "due_on", "forecast_on", "note"]
LEAST, SPARE, MOST = 4, 1, 40


@dataclass
class Row:
    """One line as the page draws it."""

    form: RecordForm
    number: int
    row: Instalment | None

    @property
    def prefix(self) -> str:
        """What the names of its inputs begin with."""
        return f"l{self.number}_"

    @property
    def inputs(self) -> list[controls.Input]:
        """Its inputs in the order of the columns."""
        return [self.form.inputs[name] for name in NAMES]

    @property
    def errors(self) -> list[str]:
        """What is wrong with it."""
        return [*self.form.errors, *(text for item in self.form.inputs.values() for text in item.errors)]

    @property
    def blank(self) -> bool:
        """Whether nobody asks for an instalment here: neither a share nor an amount."""
        return not self.form.inputs["rate"].raw.strip() and not self.form.inputs["amount"].raw.strip()

    def line(self) -> Line:
        """The line as typed; an amount that stands beside a share is what the share made."""
        values = self.form.values
        rate, amount = values.get("rate"), values.get("amount")
        return Line(
            kind=values["kind"],
            rate=rate,
            amount=None if rate is not None else amount,
            milestone=values.get("milestone") or "",
            days=values.get("days") or 0,
            due_on=values.get("due_on"),
            forecast_on=values.get("forecast_on"),
            reached_on=self.row.reached_on if self.row and values.get("milestone") == self.row.milestone else None,
            note=values.get("note") or "",
            pk=self.row.pk if self.row else None,
        )


@dataclass
class PlanForm:
    """All lines of a contract's plan, from what is stored, a template, or what was posted."""

    contract: Contract
    actor: Any
    data: Mapping[str, str] | None = None
    template: PlanTemplate | None = None
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        stored = plan_of(self.contract)
        self.fixed = [row for row in stored if row.status not in OPEN]
        """What is waived or cancelled stands beside the lines and counts in the sum."""
        known: list[Instalment] = [row for row in stored if row.status in OPEN]
        self.stored = known
        if self.data is not None:
            self.rows = self._posted({str(row.pk): row for row in known})
        else:
            begun = lines_of(self.template) if self.template is not None and not known else []
            self.rows = self._shown(known, begun)

    def _posted(self, known: Mapping[str, Instalment]) -> list[Row]:
        assert self.data is not None
        raw = self.data.get("lines", "")
        count = min(int(raw), MOST) if raw.isascii() and raw.isdigit() else 0
        return [self._row(number, known.get(self.data.get(f"l{number}_pk", "")), self.data) for number in range(count)]

    def _shown(self, known: Sequence[Instalment], begun: Sequence[Line]) -> list[Row]:
        rows = [self._row(number, row) for number, row in enumerate(known)]
        amounts = dues.instalments(self.contract.amount, [(line.rate, line.amount) for line in begun])
        for line, amount in zip(begun, amounts, strict=True):
            row = self._row(len(rows), None)
            for name in ("kind", "rate", "milestone", "days"):
                row.form.inputs[name].raw = raw_of(row.form.entity.column(name).kind, getattr(line, name))
            row.form.inputs["amount"].raw = raw_of(row.form.entity.column("amount").kind, amount)
            rows.append(row)
        while len(rows) < max(LEAST, len(known) + len(begun) + SPARE):
            rows.append(self._row(len(rows), None))
        return rows

    def _row(self, number: int, row: Instalment | None, data: Mapping[str, str] | None = None) -> Row:
        form = RecordForm(Instalment.entity, self.actor, row=row, data=data, prefix=f"l{number}_", names=NAMES)
        for item in form.inputs.values():
            item.required = False
        return Row(form, number, row)

    def valid(self) -> bool:
        """Read every line that is asked for; False with errors beside them."""
        valid = [row.form.valid() for row in self.rows if not row.blank]
        return all(valid)

    def lines(self) -> list[Line]:
        """The lines as typed, after `valid`."""
        return [row.line() for row in self.rows if not row.blank]

    def take(self, problem: Invalid) -> None:
        """Show what a refused write said above the table."""
        self.errors += [str(text) for texts in problem.errors.values() for text in texts]

    @property
    def heads(self) -> list[str]:
        """The column headers."""
        return [
            _("For what"), _("Share %"), _("Amount, yuan"), _("Counts from"), _("Days"), _("Due on"),
            _("Expected on"), _("Note"),
        ]  # fmt: skip
