"""How deals are imported: words for stages, the day of closing, and products by any spelling."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models import Deal, Outcome, Product, Stage
from xiaoguan.apps.org.foreign import currency_word, take_foreign
from xiaoguan.kit.access import everything
from xiaoguan.lexicon import companies, stages
from xiaoguan.transfer.finder import Spelling, spellings, synonyms
from xiaoguan.transfer.importer import Draft, Importer, importer
from xiaoguan.transfer.slots import Slot, free_slot
from xiaoguan.transfer.values import choice_words


def product_key(name: str) -> str:
    """The stored key of a product's name, as `Product.prepare` keeps it."""
    return companies.match_key(" ".join(name.split()))[:120]


spellings[Product._meta.label_lower] = Spelling("name", "name_key", product_key, alike=False)
synonyms[Stage._meta.label_lower] = stages.code_of
choice_words[str(Deal._meta.get_field("currency"))] = currency_word


@importer(Deal._meta.label_lower)
class DealImporter(Importer):
    """One deal per row; the stage, or else a column with the outcome, decides whether it is won, lost or open."""

    more = ("closed_on",)

    def make_slots(self) -> dict[str, Slot]:
        """The deal's fields and the outcome, for files that have no stages."""
        slots = super().make_slots()
        outcome = Deal._meta.get_field("stage")
        slots["status"] = free_slot("status", _("Outcome"), outcome)
        return slots

    def needed(self) -> list[str]:
        """A deal without a stage begins at the first one."""
        return [name for name in super().needed() if name != "stage"]

    def reread(self, draft: Draft) -> None:
        """Put foreign amounts where they belong."""
        take_foreign(self, draft)

    def complete(self, draft: Draft) -> None:
        """Settle the stage, and give the closing day the meaning that the stage calls for."""
        values = draft.values
        outcome = values.pop("status", None)
        stage: Stage | None = values.get("stage") or outcome
        if outcome is not None and not outcome.is_open and (stage is None or stage.is_open):
            stage = outcome
        if stage is None and "stage" not in draft.texts and "status" not in draft.texts:
            stage = self._assumed(values)
        if stage is not None:
            values["stage"] = stage
            self._place_dates(values, stage)

    def _assumed(self, values: dict[str, Any]) -> Stage | None:
        """Where a new deal of a file without stages goes: to won if it was closed on a day, else to the start."""
        if "stage" in self.used or "status" in self.used:
            return None
        if values.get("closed_on") or values.get("won_on"):
            return self._first(Outcome.AFTER, Outcome.WON)
        if values.get("lost_on"):
            return self._first(Outcome.LOST)
        return None

    def defaults(self, candidate: Any) -> dict[str, Any]:
        """A new deal stands at the start of the process unless the file says otherwise."""
        found = super().defaults(candidate)
        if candidate.values.get("stage") is None:
            found["stage"] = self._first(Outcome.OPEN)
        return found

    def _first(self, *outcomes: str) -> Stage:
        if not hasattr(self, "_stages"):
            rows = everything(Stage, because="the sales process is the same for whoever imports")
            self._stages = list(rows.select_related("pipeline").order_by("pipeline__position", "position", "pk"))
        return next(stage for wanted in outcomes for stage in self._stages if stage.outcome == wanted)

    def _place_dates(self, values: dict[str, Any], stage: Stage) -> None:
        """An open deal has no closing day: what the file calls so is when it is expected to close."""
        closed = values.get("closed_on")
        if stage.is_open and closed is not None:
            del values["closed_on"]
            values.setdefault("expected_on", closed)
        if not stage.is_open and closed is not None:
            name = {Outcome.LOST: "lost_on"}.get(stage.outcome, "won_on" if stage.wins else "")
            del values["closed_on"]
            if name:
                values.setdefault(name, closed)
