"""The accepted quote behind a contract: which version it was, and its lines as they were frozen then."""

from __future__ import annotations

from typing import Any

from xiaoguan.apps.commerce.models import Contract, ContractStatus
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.quotes import content
from xiaoguan.apps.quotes.models import Quote, QuoteVersion, Status
from xiaoguan.kit.access import everything

BECAUSE = "what was agreed does not depend on who looks"


def offer_of(deal: Deal, amount: int) -> dict[str, Any]:
    """The latest accepted quote of a deal where it is over just this amount, as fields of its contract."""
    rows = everything(Quote, because=BECAUSE).filter(deal=deal, status=Status.ACCEPTED, amount=amount)
    signed = everything(Contract, because=BECAUSE).filter(quote__isnull=False).exclude(status=ContractStatus.CANCELLED)
    quote = rows.exclude(pk__in=signed.filter(deal=deal).values("quote")).order_by("-answered_on", "-pk").first()
    return {"quote": quote, "edition": quote.edition} if quote is not None else {}


def contract_of(quote: Quote) -> Contract | None:
    """The contract made of a quote, whichever version of it, that was not cancelled."""
    rows = everything(Contract, because=BECAUSE).filter(quote=quote)
    return rows.exclude(status=ContractStatus.CANCELLED).order_by("pk").first()


def agreed(quote: Quote, edition: int) -> dict[str, Any]:
    """The content of a version: `amount` in fen, `lines` with quantity, price, discount and net amount.

    One that was accepted before versions were kept says what it says now.
    """
    found = QuoteVersion.objects.filter(quote=quote, edition=edition).first()
    told: dict[str, Any] = found.content if found is not None else content.of(quote)
    return told


def lines_of(contract: Contract) -> list[dict[str, Any]]:
    """The lines a contract was signed for, in their order; none where it was not made of a quote."""
    if contract.quote is None or contract.edition is None:
        return []
    return list(agreed(contract.quote, contract.edition)["lines"])
