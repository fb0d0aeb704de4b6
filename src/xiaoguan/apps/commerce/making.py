"""Make the contract of an accepted quote: its amount to the fen, its lines as they were accepted, the deal won."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.commerce import offers
from xiaoguan.apps.commerce.actions import signing_day, win_on
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.quotes.models import Quote, Status
from xiaoguan.kit.access import everything, masked, may
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Refusal, WayOut
from xiaoguan.kit.param import Param


def is_accepted(quote: Quote) -> bool:
    """Whether the customer has agreed to a quote as it stands."""
    return quote.status == Status.ACCEPTED


def refuse_unaccepted(quote: Quote) -> None:
    """Raise a Refusal for a quote that the customer has not accepted."""
    if is_accepted(quote):
        return
    raise Refusal(
        gettext("This can't be done with this quote now"),
        gettext("The quote is: %(status)s.") % {"status": quote.get_status_display()},
        code="quote.not_accepted",
        rule=gettext("Contracts and orders are made of what the customer has accepted."),
        ways_out=[WayOut(gettext("Look at the quote"), url=Entity.of(quote).url("detail", quote), icon="file-dollar")],
    )


def _prefilled(quote: Quote, sent: Mapping[str, Any], actor: Any) -> Sequence[Param]:
    """The heading of the quote and the day of the answer stand in the dialog already."""
    hidden = masked(actor, Quote)
    given = {name: None if name in hidden else getattr(quote, name) for name in ("name", "answered_on")}
    return [
        Param("name", str, _("name"), False, given["name"]),
        Param("signed_on", dt.date | None, _("Signed on"), False, given["answered_on"]),
    ]


@action(Quote, _("Make the contract"), name="contract", position=12, icon="file-text", shown=is_accepted,
        asks=_prefilled)  # fmt: skip
def make_contract(
    work: Work,
    quote: Quote,
    *,
    contract_number: Annotated[str, _("Contract number")] = "",
    name: Annotated[str, _("name")] = "",
    signed_on: Annotated[dt.date | None, _("Signed on")] = None,
    ends_on: Annotated[dt.date | None, _("Runs until")] = None,
) -> Contract:
    """Record the contract over just what was accepted; an open deal is won by it."""
    if not may(work.actor, "create", Contract):
        raise Denied("create", Contract)
    refuse_unaccepted(quote)
    _refuse_second(quote)
    day = signing_day(signed_on)
    work.change.entity = Contract._meta.label_lower  # taking it back is taking the contract back
    if quote.deal_id is not None:
        deal = everything(Deal, because="the deal of a quote one may change").get(pk=quote.deal_id)
        if deal.is_open:
            if not may(work.actor, "change", deal):
                raise Denied("change", deal)
            win_on(deal, day)
            work.save(deal)
    contract: Contract = work.create(
        Contract,
        {
            "number": contract_number, "name": name or quote.name, "customer_id": quote.customer_id,
            "deal_id": quote.deal_id, "quote": quote, "edition": quote.edition,
            "amount": offers.agreed(quote, quote.edition)["amount"],
            "signed_on": day, "ends_on": ends_on, "owner_id": quote.owner_id,
        },
    )  # fmt: skip
    work.emit("contract.signed", contract, source=work.source)
    return contract


def _refuse_second(quote: Quote) -> None:
    known = offers.contract_of(quote)
    if known is None:
        return
    raise Refusal(
        gettext("This quote has its contract already"),
        gettext("%(contract)s was made of it.") % {"contract": known},
        code="quote.has_contract",
        rule=gettext("An accepted quote becomes one contract."),
        ways_out=[
            WayOut(
                gettext("Look at the contract"), url=Entity.of(known).url("detail", known),
                hint=gettext("Change it by a supplementary agreement, or cancel it to make another one."),
                icon="file-text",
            ),
        ],
    )  # fmt: skip
