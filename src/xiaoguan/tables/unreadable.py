"""Why a file, or one row of it, can't be read: every reason has a code and an English sentence with named gaps."""

from __future__ import annotations

from typing import Any


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; who shows it translates it."""
    return sentence


#: File level: the whole file is refused.
FILE_MESSAGES: dict[str, str] = {
    "empty": _("The file is empty."),
    "no_rows": _("The file has no row with content."),
    "too_large": _("The file is %(size)s MB; the limit is %(limit)s MB. Split it, or import it with the command line."),
    "too_many_cells": _(
        "Sheet “%(sheet)s” reaches to row %(rows)s and column %(column)s, more than can be read at once. "
        "Delete the stray cells at its far end, or split it."
    ),
    "zip_bomb": _("The file unpacks to far more than it should (%(size)s MB) and was not opened."),
    "encrypted": _("The workbook is protected by a password. Remove the password in Excel, save, and choose it again."),
    "legacy_xls": _("The old .xls workbook could not be read. Open it in Excel and save it as .xlsx."),
    "damaged": _("The workbook is damaged or incomplete. Open it in Excel and save it again."),
    "html_table": _("The file is a web page with the name of a workbook. Open it in Excel and save it as .xlsx."),
    "xml_table": _("The file is XML, not a workbook. Open it in Excel and save it as .xlsx."),
    "not_a_table": _("The file is no table: it looks like %(kind)s. Choose a CSV or Excel file."),
    "binary": _("The file is not text and not a workbook. Choose a CSV or Excel file."),
    "wrong_encoding": _("The text can't be read as %(encoding)s. Choose another encoding."),
    "no_sheet": _("The workbook has no sheet named “%(sheet)s”. It has: %(sheets)s."),
    "no_header": _("There is no row %(row)s to take as the header; the sheet has %(rows)s rows."),
    "missing": _("The file is gone. Choose it again."),
}

#: Row level: this one row can't be read as it stands, the others go on.
ROW_MESSAGES: dict[str, str] = {
    "bad_encoding": _("This row is written in another encoding than the rest of the file."),
    "nul_bytes": _("This row holds NUL characters: the file is damaged here."),
    "open_quote": _("A quotation mark opens in this row and is never closed."),
    "too_many_cells_in_row": _(
        "This row has %(found)s cells but the header has %(expected)s: probably a comma without quotation marks."
    ),
    "too_few_cells": _("This row has %(found)s cells but the header has %(expected)s: part of it is missing."),
    "cell_too_long": _("A cell of this row is longer than can be read."),
    "formula_error": _("The cell holds the error %(text)s of a formula."),
    "formula_without_result": _(
        "The cell holds a formula that was never calculated. Open the file in Excel, save it, and choose it again."
    ),
}


class Unreadable(Exception):
    """A file that can't be read at all: `code` names the reason, `sentence` has gaps for `params`."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)

    @property
    def sentence(self) -> str:
        """The reason in English with its gaps unfilled, as the catalogue knows it."""
        return FILE_MESSAGES[self.code]

    def __str__(self) -> str:
        return self.sentence % self.params
