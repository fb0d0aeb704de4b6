"""How customers are found and imported: by the stored key of their name, with their contacts in the same sheet."""

from __future__ import annotations

from xiaoguan.apps.customers import nearest  # noqa: F401  what rows are like is registered on import
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.lexicon import companies
from xiaoguan.transfer.finder import Spelling, spellings
from xiaoguan.transfer.importer import Importer, importer
from xiaoguan.transfer.parts import Part


def name_key(name: str) -> str:
    """The stored key of a name, as `Customer.prepare` keeps it."""
    return companies.core(" ".join(name.split()))[:120]


spellings[Customer._meta.label_lower] = Spelling("name", "name_key", name_key)


@importer(Customer._meta.label_lower)
class CustomerImporter(Importer):
    """One customer per row, or per several, and the people there that its columns name."""

    parts = (
        Part(
            "contact",
            Contact,
            link="customer",
            title="name",
            fields=(
                "title",
                "department",
                "role",
                "attitude",
                "power",
                "mobile",
                "phone",
                "email",
                "wechat",
                "birthday",
                "lunar_birthday",
                "note",
            ),
        ),
    )
