"""Where leads stand in the navigation, the tabs above them, their board, and what empty lists say."""

from __future__ import annotations

from html import escape
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.leads.models import Lead, Question, WebForm
from xiaoguan.apps.leads.models.lead import OPEN
from xiaoguan.kit import access, boards, nav, render, views
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages import emptiness


def leads_others(actor: Any) -> bool:
    """Whether somebody looks after other people's leads too."""
    return access.grants(actor).scope("leads.lead", "view") in ("team", "all")


STATUSES = ",".join(OPEN)
views.view(Lead, "waiting", _("To be taken"), f"owner=none&status={STATUSES}&sort=received_at", position=5)
views.view(Lead, "mine", _("My leads"), f"owner=me&status={STATUSES}&sort=-received_at", position=10)
views.view(
    Lead, "unanswered", _("Unanswered"), f"first_response_at=none&status={STATUSES}&sort=received_at", position=20
)
views.view(
    Lead, "team", _("My team's open"), f"owner=team&status={STATUSES}&sort=-received_at", position=30,
    shown=leads_others,
)  # fmt: skip
views.view(Lead, "converted", _("Converted this month"), "converted_on=this_month&sort=-converted_on", position=60)
views.view(Lead, "all", _("All"), "sort=-received_at", position=90)

nav.page(
    "customers",
    _("Answers to leads"),
    "lead_pages:response",
    icon="hourglass",
    position=61,
    shown=lambda actor: access.may(actor, "view", Lead),
)
nav.chapter("customers", _("Leads"), "leads.lead", "lead_pages:response", position=30)
nav.chapter("settings", _("Leads"), "leads.question", "leads.webform", position=23)


@boards.board(Lead, needs="called wants amount received_at first_response_at owner__name", order="received_at")
def card(row: Any, reading: Reading) -> str:
    """Who, what for, how much, and how long it has been there; nothing that is masked for the reader."""
    seen = reading.once(("leads", "card"), lambda: _seen(reading.actor))
    waits = "" if row.first_response_at else f'<span class="tag tag-amber">{escape(str(_("Unanswered")))}</span>'
    amount = render.amount(row.amount) if "amount" in seen and row.amount is not None else ""
    return (
        f'<a class="board-title" href="{Entity.of(Lead).url("detail", row.pk)}">{escape(row.called)}</a>'
        f'<span class="board-amount">{amount}</span>'
        f'<span class="board-sub">{escape(row.wants[:60]) if "wants" in seen else ""}</span>'
        f'<span class="board-when">{render.moment(row.received_at)}</span>'
        f'<div class="board-next">{escape(row.owner__name or "")} {waits}</div>'
    )


def _seen(actor: Any) -> frozenset[str]:
    entity = Entity.of(Lead)
    return frozenset(name for name in ("amount", "wants") if access.readable(actor, entity, name))


emptiness.teach(
    Lead,
    _(
        "Somebody asks, hands over a card or fills in the form on your site: that is a lead. "
        "Answer it soon, ask a few questions, and make it a customer in one step."
    ),
)
emptiness.teach(
    Question,
    _("What you ask before somebody counts as qualified. Each answer brings points; the sum stands on the lead."),
)
emptiness.teach(
    WebForm, _("A form for your site: whoever fills it in becomes a lead of a team, shared out in turn if you like.")
)
