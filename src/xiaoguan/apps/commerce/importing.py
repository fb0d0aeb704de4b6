"""How contracts and receipts are imported: their amounts may stand in another currency."""

from __future__ import annotations

from xiaoguan.apps.commerce.models import Contract, Receipt
from xiaoguan.apps.org.foreign import currency_word, take_foreign
from xiaoguan.transfer.importer import Draft, Importer, importer
from xiaoguan.transfer.values import choice_words


@importer(Receipt._meta.label_lower)
@importer(Contract._meta.label_lower)
class ForeignImporter(Importer):
    """One document per row; a currency in the amount's cell or in its own column is understood."""

    def reread(self, draft: Draft) -> None:
        """Put foreign amounts where they belong."""
        take_foreign(self, draft)


for model in (Contract, Receipt):
    choice_words[str(model._meta.get_field("currency"))] = currency_word
