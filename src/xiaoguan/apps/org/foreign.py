"""Foreign money in imported sheets: a currency in the cell or in a column of its own makes the amount one of it."""

from __future__ import annotations

from decimal import Decimal

from xiaoguan.apps.org.models import Currency
from xiaoguan.lexicon import numerals
from xiaoguan.transfer.importer import Draft, Importer

HOME = "CNY"


def take_foreign(importer: Importer, draft: Draft, name: str = "amount") -> None:
    """Put an amount that is told in another currency where such amounts belong, and let yuan be yuan."""
    values = draft.values
    for problem in list(draft.problems):
        if problem.slot == "currency" and numerals.currency_of(problem.text) == HOME:
            draft.problems.remove(problem)
        elif problem.slot == name and problem.code == "foreign_currency":
            found = numerals.parse(problem.text, unit=importer.options.units.get(problem.column, ""))
            if found.value is not None and found.currency in Currency.values:
                draft.problems.remove(problem)
                values.setdefault("currency", found.currency)
                values.setdefault("original", round(found.value, 2))
    if values.get("currency") and values.get("original") is None and values.get(name) is not None:
        values["original"] = Decimal(values.pop(name)).scaleb(-2)


def currency_word(text: str) -> str:
    """The code of a currency that documents may be in, by any word for it; empty for yuan and for none."""
    code = numerals.currency_of(text)
    return code if code in Currency.values else ""
