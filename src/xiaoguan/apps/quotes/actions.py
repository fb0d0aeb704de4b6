"""Verbs of quotes: submit, send, accept, decline, the next version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.approvals import asking
from xiaoguan.apps.customers.actions import along
from xiaoguan.apps.opportunities.actions import along_with_deals
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.quotes import accepting, content
from xiaoguan.apps.quotes.approval import QUOTE
from xiaoguan.apps.quotes.models import Quote, Status
from xiaoguan.kit import clock, event
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal, WayOut

event.declare("quote.sent", _("A quote was sent"))
event.declare("quote.accepted", _("A quote was accepted"))
event.declare("quote.declined", _("A quote was declined"))

OUT = (Status.APPROVED, Status.SENT)


def _is(*states: Status) -> object:
    return lambda quote: quote.status in states


@action(Quote, _("Submit"), position=10, icon="rubber-stamp", undoable=False, shown=_is(Status.DRAFT))
def submit(work: Work, quote: Quote, *, note: Annotated[str, _("Why it is needed")] = "") -> Quote:
    """Ask for approval where a rule calls for it; otherwise the quote is approved at once."""
    if quote.status != Status.DRAFT:
        raise _not_now(quote)
    if not quote.lines.filter(deleted_at__isnull=True).exists():
        raise Refusal(
            gettext("This quote can't be submitted yet"),
            gettext("It has no lines."),
            code="quote.empty",
            rule=gettext("A quote offers at least one thing."),
            ways_out=[WayOut(gettext("Add lines"), url=Entity.of(quote).url("edit", quote), icon="plus")],
        )
    request = asking.ask(work, QUOTE, quote, note=note)
    quote.status = Status.APPROVING if request else Status.APPROVED
    work.save(quote)
    if request is None:
        content.keep(work, quote)
    return quote


@action(Quote, _("Mark as sent"), position=20, icon="arrow-right", undoable=False, shown=_is(Status.APPROVED))
def send(work: Work, quote: Quote, *, on: Annotated[dt.date | None, _("Sent on")] = None) -> Quote:
    """The customer has this version now."""
    if quote.status != Status.APPROVED:
        raise _not_now(quote)
    quote.status, quote.sent_on = Status.SENT, _day(on, "on")
    work.save(quote)
    work.emit("quote.sent", quote)
    return quote


@action(Quote, _("Accepted"), name="accept", position=30, icon="circle-check", undoable=False, shown=_is(*OUT))
def accept(work: Work, quote: Quote, *, on: Annotated[dt.date | None, _("Accepted on")] = None) -> Quote:
    """The customer agrees: amount and products of the deal follow the quote."""
    if quote.status not in OUT:
        raise _not_now(quote)
    quote.status, quote.answered_on = Status.ACCEPTED, _day(on, "on")
    quote.sent_on = quote.sent_on or quote.answered_on
    work.save(quote)
    accepting.follow(work, quote)
    work.emit("quote.accepted", quote)
    return quote


@action(Quote, _("Declined"), name="decline", position=40, icon="circle-x", shown=_is(*OUT))
def decline(work: Work, quote: Quote, *, reason: Annotated[str, _("What the customer says")]) -> Quote:
    """The customer does not agree."""
    if quote.status not in OUT:
        raise _not_now(quote)
    quote.status, quote.answered_on, quote.answer = Status.DECLINED, clock.today(), " ".join(reason.split())[:200]
    work.save(quote)
    work.emit("quote.declined", quote)
    return quote


@action(Quote, _("New version"), position=50, icon="copy", undoable=False,
        shown=lambda quote: quote.status not in (Status.DRAFT, Status.APPROVING))  # fmt: skip
def revise(work: Work, quote: Quote) -> Quote:
    """Go on with a draft of the next version; this one stays readable as it is."""
    if quote.status in (Status.DRAFT, Status.APPROVING):
        raise _not_now(quote)
    content.keep(work, quote)
    quote.edition += 1
    quote.status, quote.sent_on, quote.answered_on, quote.answer = Status.DRAFT, None, None, ""
    work.save(quote)
    return quote


def _day(on: dt.date | None, name: str) -> dt.date:
    day = on or clock.today()
    if day > clock.today():
        raise Invalid({name: [gettext("This day is still to come.")]})
    return day


def _not_now(quote: Quote) -> Refusal:
    return Refusal(
        gettext("This can't be done with this quote now"),
        gettext("The quote is: %(status)s.") % {"status": quote.get_status_display()},
        code="quote.status",
        ways_out=[WayOut(gettext("Look at the quote"), url=Entity.of(quote).url("detail", quote), icon="file-dollar")],
    )


@along
def hand_over_with_customers(work: Work, previous: Mapping[int, int | None], to: Person) -> None:
    """The previous owner's quotes to a customer follow the customer."""
    _hand_over(work, "customer", previous, to)


@along_with_deals
def hand_over_with_deals(work: Work, previous: Mapping[int, int | None], to: Person) -> None:
    """Quotes follow their deal."""
    _hand_over(work, "deal", previous, to)


def _hand_over(work: Work, link: str, previous: Mapping[int, int | None], to: Person) -> None:
    rows = everything(Quote, because="quotes change hands with what they were made for")
    rows = rows.filter(**{f"{link}__in": previous})
    found = [row for row in rows if row.owner_id == previous[getattr(row, f"{link}_id")]]
    for row in found:
        row.owner = to
    work.save(*found)
