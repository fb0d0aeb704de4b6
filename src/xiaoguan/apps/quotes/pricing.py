"""What a line costs: price book, product, quantity; read for many lines in a few queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.quotes.models import BookCustomer, PriceBook, PriceEntry
from xiaoguan.calc.pricing import Buyer, Entry, choose, price_of
from xiaoguan.kit.access import everything

BECAUSE = "a price does not depend on who looks"


@dataclass(frozen=True)
class Price:
    """The list price of a product for a customer and a quantity, its floor, its cost and its tax rate."""

    listed: int | None
    floor: int | None
    cost: int | None
    tax_rate: int


def book_for(customer: Customer | None, day: dt.date) -> PriceBook | None:
    """The price book that applies to a customer on a day; None: the list prices of the products."""
    books = {book.pk: book for book in everything(PriceBook, because=BECAUSE).filter(active=True)}
    named = customers_of(books)
    found = choose([book.asked(named[pk]) for pk, book in books.items()], buyer(customer), day)
    return books[found.id] if found else None


def customers_of(books: Iterable[int]) -> dict[int, list[int]]:
    """Book → the further customers it names."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = BookCustomer.objects.filter(book__in=list(books), deleted_at__isnull=True)
    for book, customer in rows.order_by("pk").values_list("book", "customer"):
        found[book].append(customer)
    return found


def buyer(customer: Customer | None) -> Buyer:
    """A customer as price books ask about him."""
    if customer is None:
        return Buyer()
    return Buyer(customer.pk, customer.kind_id, customer.tier or None, customer.region or None)


def entries_of(book: PriceBook | None, products: Iterable[int]) -> dict[int, list[Entry]]:
    """The breaks of some products in a book."""
    found: dict[int, list[Entry]] = defaultdict(list)
    if book is not None:
        rows = everything(PriceEntry, because=BECAUSE).filter(book=book, product__in=set(products))
        for row in rows:
            found[row.product_id].append(Entry(row.product_id, row.from_quantity, row.price, row.floor_price))
    return found


def price(product: Product, quantity: Decimal, entries: Iterable[Entry]) -> Price:
    """The price of a quantity of a product, by a book's entries or by its list price."""
    entry = price_of(list(entries), product.pk, quantity)
    listed = entry.price if entry else product.price
    floor = entry.floor if entry and entry.floor is not None else product.floor_price
    return Price(listed, floor, product.cost, product.tax_rate)
