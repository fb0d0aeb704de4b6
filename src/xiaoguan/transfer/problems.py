"""What may be wrong with a row or a cell: codes with sentences; the planner collects, pages and command line show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.kit import problems as kit_problems
from xiaoguan.tables.unreadable import ROW_MESSAGES, Unreadable

ERROR, WARNING, SKIPPED = "error", "warning", "skipped"

SENTENCES = {
    "no_such_month": _("There is no such month."),
    "no_such_day": _("This month has no such day."),
    "no_such_time": _("There is no such time of day."),
    "not_a_date": _("This is not a date."),
    "not_a_number": _("This is not a number."),
    "undecided": _("This is not a number yet."),
    "unknown_unit": _("The unit of this amount is not known."),
    "foreign_currency": _("This amount is in another currency."),
    "bad_grouping": _("The commas of this number are in the wrong places."),
    "not_whole": _("This must be a whole number."),
    "too_long": _("This is longer than the field can hold (%(limit)s characters)."),
    "not_a_choice": _("This is not one of the possible values."),
    "required": _("This is needed and the cell is empty."),
    "required_column": _("This is needed, but no column is put into it."),
    "not_found": _("Nothing with this name was found."),
    "not_found_like": _("Nothing has this name; it looks like “%(like)s”."),
    "no_such_person": _("There is no such person."),
    "no_such_person_like": _("There is no such person; it looks like %(like)s."),
    "several": _("%(count)s records have this name."),
    "not_yours": _("A record with this name exists, but you can't see it."),
    "may_not_create": _("You may not create this record."),
    "may_not_change": _("You may not change this record."),
    "invalid": _("%(reason)s"),
    "refused": _("%(reason)s"),
    "stale": _("Somebody else changed this record just now."),
    "taken": _("Another record already has this value."),
    "part_without_name": _("%(what)s without a name; it is left out."),
    "part_missing": _("%(what)s: not there yet, and only updates were asked for."),
    "ambiguous": _("%(count)s records match: %(names)s."),
    "exists": _("It exists already, and only new records were asked for."),
    "missing": _("It doesn't exist, and only updates were asked for."),
    "same_as_row": _("Row %(row)s has the same key."),
    "twin": _("The row is the same as row %(row)s."),
    "repeat": _("The header again."),
    "subtotal": _("A total of other rows."),
    "note": _("A remark, not a record."),
    "title": _("A heading, not a record."),
    "unit": _("A note on the unit."),
    "total_gap": _("The periods add up to %(sum)s, but the row says %(total)s."),
    "alike": _("It is surely the existing “%(like)s” (%(why)s)."),
    "perhaps_alike": _("It is perhaps the existing “%(like)s” (%(why)s)."),
    "alike_hidden": _("One much like it belongs to a colleague (%(why)s)."),
    "alike_skipped": _("One much like it exists; it is left out as you chose."),
    "similar": _("It is much like the existing “%(like)s”."),
}


STORED = ("level", "code", "column", "slot", "text", "params", "fix")


@dataclass(frozen=True)
class Problem:
    """One finding: `level` error, warning or skipped; `column` is the header, `slot` where it was to go.

    `fix` is a decision that settles it for every row with the same text, ready for `Options.values`:
    {"id": 5, "label": "…"} or {"blank": true}.
    """

    level: str
    code: str
    row: int
    column: str = ""
    slot: str = ""
    text: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    fix: dict[str, Any] | None = None

    @property
    def message(self) -> str:
        """The sentence in the active language."""
        if self.code in ROW_MESSAGES:
            return gettext(ROW_MESSAGES[self.code]) % self.params
        if found := SENTENCES.get(self.code):
            return str(found) % self.params
        return kit_problems.sentence(self.code)

    def stored(self) -> dict[str, Any]:
        """For the staging row: everything but the sentence, which is made when it is shown."""
        return {name: getattr(self, name) for name in STORED}


def said(problem: Exception) -> str:
    """Why a whole file was refused, in the active language."""
    return gettext(problem.sentence) % problem.params if isinstance(problem, Unreadable) else str(problem)
