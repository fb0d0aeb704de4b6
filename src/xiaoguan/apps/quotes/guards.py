"""What stays as it was: accepted quotes, and what quotes hang on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.opportunities.guards import refuse_in_use
from xiaoguan.apps.quotes.models import PriceEntry, Quote, QuoteVersion, Status
from xiaoguan.kit import guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut

BECAUSE = "what depends on a record binds whether or not this person may see it"


def _refuse_accepted(ids: Iterable[Any]) -> None:
    rows = everything(Quote, because=BECAUSE).filter(pk__in=set(ids), status=Status.ACCEPTED)
    quote = rows.order_by("pk").first()
    if quote is None:
        return
    raise Refusal(
        gettext("This quote can't be changed any more"),
        gettext("The customer has accepted it: %(quote)s.") % {"quote": quote},
        code="quote.accepted",
        rule=gettext("What was accepted stays as it is."),
        ways_out=[
            WayOut(gettext("Make a new version"), url=f"{Entity.of(quote).url('detail', quote)}do/revise/", icon="copy")
        ],
    )


@guard.register("quotes.quote.update", code="quote.accepted", label=_("No changing of accepted quotes"))
def keep_accepted(attempt: guard.Attempt) -> None:
    """An accepted quote is not edited."""
    _refuse_accepted(row.pk for row in attempt.rows)


@guard.register("quotes.quoteline.update", code="quote.accepted", label=_("No changing of accepted quotes"))
@guard.register("quotes.quoteline.delete", code="quote.accepted", label=_("No changing of accepted quotes"))
@guard.register("quotes.quoteline.restore", code="quote.accepted", label=_("No changing of accepted quotes"))
def keep_lines(attempt: guard.Attempt) -> None:
    """Nor are its lines."""
    _refuse_accepted([row.quote_id for row in attempt.rows] + [row._loaded["quote_id"] for row in attempt.rows])


@guard.register("quotes.quoteline.create", code="quote.accepted", label=_("No changing of accepted quotes"))
def keep_out(attempt: guard.Attempt) -> None:
    """Nor does it get more of them."""
    many = [attempt.values] if isinstance(attempt.values, dict) else attempt.values
    found = [each.get("quote_id") or getattr(each.get("quote"), "pk", None) for each in many]
    _refuse_accepted(pk for pk in found if pk)


@guard.register("quotes.quote.delete", code="quote.kept", label=_("No deleting of quotes a customer has"))
def keep_quotes(attempt: guard.Attempt) -> None:
    """What was approved or sent is kept."""
    rows = QuoteVersion.objects.filter(quote__in=[row.pk for row in attempt.rows]).select_related("quote")
    kept = rows.order_by("pk").first()
    if kept is not None:
        raise Refusal(
            gettext("This quote can't be deleted"),
            gettext("A version of it was approved or sent: %(quote)s.") % {"quote": kept.quote},
            code="quote.kept",
            rule=gettext("What was approved or sent stays readable."),
            ways_out=[WayOut(gettext("Look at the quote"), url=Entity.of(kept.quote).url("detail", kept.quote))],
        )


def _hold(action: str, code: str, label: Any, title: Any, model: Any, link: str, rule: Any) -> None:
    @guard.register(action, code=code, label=label)
    def hold(attempt: guard.Attempt) -> None:
        refuse_in_use(str(title), everything(model, because=BECAUSE), link, attempt.rows, code=code, rule=str(rule))


KEPT = _("It is kept while quotes hang on it.")
_hold("customers.customer.delete", "customer.has_quotes", _("No deleting of customers with quotes"),
      _("This customer can't be deleted yet"), Quote, "customer", KEPT)  # fmt: skip
_hold("opportunities.deal.delete", "deal.has_quotes", _("No deleting of deals with quotes"),
      _("This deal can't be deleted yet"), Quote, "deal", KEPT)  # fmt: skip
_hold(
    "quotes.pricebook.delete", "pricebook.has_prices", _("No deleting of price books with prices"),
    _("This price book can't be deleted yet"), PriceEntry, "book", _("A price book is kept while it has prices."),
)  # fmt: skip
