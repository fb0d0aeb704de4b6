"""What a row of the dictionary holds in codes, in words: on its page, in lists and in its history."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from xiaoguan.apps.metrics import dimensions, formula, wording
from xiaoguan.apps.metrics.models.written import FactsField, NarrowedField
from xiaoguan.kit import kinds
from xiaoguan.kit.fact import facts


class FactsKind(kinds.Kind):
    """Facts: typed, filtered and exported as codes, read by their names."""

    def told(self, value: Any) -> str:
        """Each fact by its name; what this version doesn't know stays as it is."""
        codes = formula.codes(value)
        return wording.names(codes) if all(code in facts for code in codes) else str(value)


class NarrowedKind(kinds.Kind):
    """Conditions: typed, filtered and exported as codes, read as a sentence."""

    def told(self, value: Any) -> str:
        """«Tier: A, B; Source: tender»; what this version doesn't know stays as it is."""
        try:
            found = dict(formula.conditions(value))
        except ValueError:
            return str(value)
        return gettext("; ").join(dimensions.said(found))


kinds.register(FactsField, FactsKind())
kinds.register(NarrowedField, NarrowedKind())
