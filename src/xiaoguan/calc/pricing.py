"""Which price book applies to a customer on a day, and which of its entries to a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Book:
    """A price book: what it asks of a customer; None, and nobody named, asks nothing.

    `customers` are those it names; `region` is the beginning of a region's code.
    """

    id: int
    valid_from: date | None = None
    valid_until: date | None = None
    customers: frozenset[int] = frozenset()
    kind: int | None = None
    tier: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Buyer:
    """Who is quoted to, as far as price books ask."""

    customer: int | None = None
    kind: int | None = None
    tier: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Entry:
    """The price of a product from a quantity on, in fen; `floor` is the lowest price allowed."""

    product: int
    from_quantity: Decimal
    price: int
    floor: int | None = None


def applies(book: Book, buyer: Buyer, day: date) -> bool:
    """Whether a book is valid on the day and everything it asks of the customer is so."""
    if (book.valid_from and day < book.valid_from) or (book.valid_until and day > book.valid_until):
        return False
    if book.region and not (buyer.region or "").startswith(book.region):
        return False
    if book.customers and buyer.customer not in book.customers:
        return False
    asked = ((book.kind, buyer.kind), (book.tier, buyer.tier))
    return all(wanted is None or wanted == given for wanted, given in asked)


def choose(books: Sequence[Book], buyer: Buyer, day: date) -> Book | None:
    """The book that says most about this customer: one for him by name, then the one that asks most of him,
    then the closer region, the later start, the higher id. None: the list prices of the products apply.
    """
    return max((book for book in books if applies(book, buyer, day)), key=_weight, default=None)


def _weight(book: Book) -> tuple[bool, int, int, date, int]:
    asked = sum(each is not None for each in (book.kind, book.tier, book.region))
    return (bool(book.customers), asked, len(book.region or ""), book.valid_from or date.min, book.id)


def price_of(entries: Sequence[Entry], product: int, quantity: Decimal) -> Entry | None:
    """The entry of the largest break the quantity reaches; below all breaks the book has no price for it."""
    reached = [each for each in entries if each.product == product and each.from_quantity <= quantity]
    return max(reached, key=lambda each: each.from_quantity, default=None)
