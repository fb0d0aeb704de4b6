"""How customers are found and imported: by the stored key of their name, never guessed."""

from __future__ import annotations

from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit.transfer.finder import Spelling, spellings
from xiaoguan.lexicon import companies


def name_key(name: str) -> str:
    """The stored key of a name, as `Customer.prepare` keeps it."""
    return companies.core(" ".join(name.split()))[:120]


spellings[Customer._meta.label_lower] = Spelling("name", "name_key", name_key)
