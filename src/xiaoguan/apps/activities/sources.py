"""What people said and did, on the timelines of customers, deals and contacts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.activities.models import FollowUp, Kind, Result, State, Task
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import access, render, timeline
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.timeline import Item

ICONS = {
    Kind.CALL: "phone",
    Kind.VISIT: "map-pin",
    Kind.MEETING: "users",
    Kind.MESSAGE: "message",
    Kind.MAIL: "mail",
    Kind.NOTE: "note",
}
PERSON = ("credited__name", "credited__system")
"""What a timeline says of a person; loading whole people costs more than all else about it."""
AUTHOR = "import_owner"
"""Where an import keeps the name of an author whom nobody here is called by."""
TONES = {Result.FORWARD: "green", Result.PROBLEM: "amber"}


WAYS: dict[str, tuple[Any, tuple[Kind, ...]]] = {
    "visit": (gettext_lazy("Visits"), (Kind.VISIT, Kind.MEETING)),
    "call": (gettext_lazy("Calls"), (Kind.CALL,)),
    "mail": (gettext_lazy("Mails and messages"), (Kind.MAIL, Kind.MESSAGE)),
    "note": (gettext_lazy("Notes"), (Kind.NOTE,)),
}
"""What the timeline of a customer tells apart: by code its words and the kinds of follow-ups."""
WAY_OF: dict[str, str] = {kind: way for way, (_label, kinds) in WAYS.items() for kind in kinds}


def _talks(
    link: str, ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None, ways: Collection[str] = ()
) -> Iterator[Item]:
    """Follow-ups, of all kinds, or told apart by WAYS and only of some of them."""
    if not access.may(actor, "view", FollowUp):
        return
    rows = access.visible(FollowUp, actor).filter(**{f"{link}__in": ids})
    if ways and len(ways) < len(WAYS):
        rows = rows.filter(kind__in=[kind for kind, way in WAY_OF.items() if way in ways])
    if before is not None:
        rows = rows.filter(happened_at__lte=before)
    entity = Entity.of(FollowUp)
    rows = rows.select_related("credited", "contact", "deal").only(
        "kind", "happened_at", "subject", "body", "result", "extra", *PERSON, "contact__name", "deal__name"
    )
    for row in rows.order_by("-happened_at", "-pk")[:limit]:
        when = row.happened_at
        access.covered(actor, row)
        yield Item(
            when=when,
            icon=ICONS.get(row.kind, "message"),
            title=" · ".join(part for part in (str(row.get_kind_display()), row.subject) if part),
            kind=WAY_OF.get(row.kind, "talk") if ways else "talk",  # a hidden kind is none of them
            body=_body(row, link),
            person=row.credited,
            url=entity.url("detail", row),
            key=f"followup-{row.pk}",
        )


def _body(row: FollowUp, link: str) -> SafeString:
    """Who was met and about which deal, what was said, what it led to."""
    about = [row.contact.name if row.contact and link != "contact" else ""]
    about.append(row.deal.name if row.deal and link != "deal" else "")
    if row.credited_id is None and (author := row.extra.get(AUTHOR)):
        about.append(_("originally by %(name)s") % {"name": author})
    lead = " · ".join(part for part in about if part)
    said = row.body if row.body.strip() != row.subject else ""
    text = SafeString(linebreaks(said, autoescape=True)) if said else SafeString("")
    tag = render.tag(row.get_result_display(), TONES.get(Result(row.result), "")) if row.result else ""
    return format_html("{}{}{}", format_html("<p>{}</p>", lead) if lead else "", text, tag)


def _done(link: str, ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None) -> Iterator[Item]:
    if not access.may(actor, "view", Task):
        return
    rows = access.visible(Task, actor).filter(**{f"{link}__in": ids}, state=State.DONE, done_at__isnull=False)
    if before is not None:
        rows = rows.filter(done_at__lte=before)
    entity = Entity.of(Task)
    for row in rows.select_related("owner").order_by("-done_at", "-pk")[:limit]:
        yield Item(
            when=row.done_at,
            icon="check",
            title=row.title,
            kind="task",
            person=row.owner,
            url=entity.url("detail", row),
            key=f"task-{row.pk}",
        )


def talks_with_customers(
    model: type[models.Model],
    ids: Sequence[int],
    actor: Any,
    limit: int,
    before: dt.datetime | None,
    ways: Collection[str],
) -> Iterator[Item]:
    """The follow-ups of a customer, whichever deal they were about."""
    return _talks("customer", ids, actor, limit, before, ways)


for _place, (_way, (_label, _kinds)) in enumerate(WAYS.items(), 10):
    timeline.source(Customer, _way, _label, position=_place, joint=True)(talks_with_customers)


@timeline.source(Deal, "talk", gettext_lazy("Follow-ups"))
def talks_about_deals(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """The follow-ups about a deal."""
    return _talks("deal", ids, actor, limit, before)


@timeline.source(Contact, "talk", gettext_lazy("Follow-ups"))
def talks_with_contacts(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """When one person was met or called."""
    return _talks("contact", ids, actor, limit, before)


@timeline.source(Customer, "task", gettext_lazy("Tasks done"), position=15)
def done_for_customers(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """What was finished for a customer."""
    return _done("customer", ids, actor, limit, before)


@timeline.source(Deal, "task", gettext_lazy("Tasks done"))
def done_for_deals(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """What was finished for a deal."""
    return _done("deal", ids, actor, limit, before)
