"""The one error family of the pure floor: a code and the facts, never a sentence for people."""

from __future__ import annotations


class CalcError(ValueError):
    """A refused calculation: ``code`` names the rule, ``facts`` the values a message may quote."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code + "".join(f" {name}={value!r}" for name, value in facts.items()))


class MoneyError(CalcError):
    """Codes: unknown_currency, not_a_number, too_precise, too_large, divided_by_zero."""


class PeriodError(CalcError):
    """Codes: bad_period_code, bad_start_month, not_a_period_start, does_not_tile, ends_before_start,
    no_working_days.
    """


class ShareError(CalcError):
    """Codes: zero_weights, negative_weight, too_large, wrong_shape, locked_exceeds, nothing_unlocked, bad_tree."""
