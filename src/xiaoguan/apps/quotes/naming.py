"""Verbs of price books: which customers one is for, beside the one in its form."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.quotes.models import BookCustomer, PriceBook
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Invalid


def _known(book: PriceBook, customer: Customer) -> BookCustomer | None:
    return BookCustomer.objects.filter(book=book, customer=customer, deleted_at__isnull=True).first()


@action(PriceBook, _("Add a customer"), position=10, icon="user-plus")
def add_customer(work: Work, book: PriceBook, *, customer: Annotated[Customer, _("Customer")]) -> PriceBook:
    """The prices of this book are for this customer too; one that is named asks nothing of anybody else."""
    if customer.pk == book.customer_id or _known(book, customer):
        raise Invalid({"customer": [gettext("The book names this customer already.")]})
    work.create(BookCustomer, {"book": book, "customer": customer})
    return book


@action(PriceBook, _("Take a customer out"), position=20, icon="circle-minus")
def drop_customer(work: Work, book: PriceBook, *, customer: Annotated[Customer, _("Customer")]) -> PriceBook:
    """From now on this customer is not named any more; quotes that exist keep their prices."""
    row = _known(book, customer)
    if row is None:
        raise Invalid({"customer": [gettext("The book does not name this customer.")]})
    work.remove(row)
    return book
