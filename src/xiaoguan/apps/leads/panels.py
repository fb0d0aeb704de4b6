"""What a lead's page shows: how long it has waited, the answers to the questions, and what it became."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.apps.leads import queries
from xiaoguan.apps.leads.models import Lead, QuestionKind, Status, WebForm
from xiaoguan.kit import access, clock, figures, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure
from xiaoguan.kit.panel import panel

LATE = 60
"""Working minutes after which an unanswered lead is late."""


def span(minutes: int) -> str:
    """Working minutes in words: 45 min, 2 h 05, or working days."""
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    hours, rest = divmod(minutes, 60)
    day = queries.workday()
    if minutes < 2 * day:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": f"{rest:02}"}
    days = minutes // day
    return ngettext("%(n)s working day", "%(n)s working days", days) % {"n": days}


@figures.figure(Lead, position=10)
def response(lead: Lead, actor: Any) -> Figure | None:
    """The time to the first answer, or how long it has waited by now."""
    if lead.response_minutes is not None:
        return Figure(_("First answer after"), SafeString(span(lead.response_minutes)), _("working time"))
    if not lead.is_open or lead.received_at is None:
        return None
    waited = queries.waited(lead.received_at, clock.now())
    tone = "red" if waited > LATE else "amber"
    return Figure(_("Waits for an answer"), format_html('<span class="{}">{}</span>', tone, span(waited)), "")


@figures.figure(Lead, position=20)
def estimated(lead: Lead, actor: Any) -> Figure | None:
    """What it may be worth."""
    if lead.amount is None or "amount" in access.masked(actor, Lead):
        return None
    return Figure(_("Estimated amount"), render.money(lead.amount))


@figures.figure(Lead, position=30)
def points(lead: Lead, actor: Any) -> Figure | None:
    """The points of its answers, of those there are to be had."""
    if lead.score is None or "score" in access.masked(actor, Lead):
        return None
    most = sum(each["of"] for each in lead.answers.values())
    return Figure(_("Score"), render.number(lead.score), _("of %(n)s") % {"n": most})


@figures.part(Lead, "right", position=10)
def answers(lead: Lead, actor: Any) -> SafeString | str:
    """The questions with their answers."""
    if not lead.answers and not lead.is_open:
        return ""
    act = SafeString("")
    if lead.is_open and access.may(actor, "change", lead):
        url = lead.entity.url("do", lead, "qualify")
        act = format_html('<a class="more" href="{}">{}{}</a>', url, render.icon("clipboard-check"), _("Qualify"))
    lines = format_html_join(
        "",
        '<li><span class="row-main">{} <b>{}</b></span><span class="row-end num">{}</span></li>',
        ((each["question"], _said(each), each["points"]) for each in lead.answers.values()),
    )
    body = (
        format_html('<ul class="rows rows-bare">{}</ul>', lines)
        if lead.answers
        else format_html('<p class="empty-small">{}</p>', _("No question is answered yet."))
    )
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2>{}</header>{}</section>',
        _("Qualification"),
        act,
        body,
    )


def _said(answer: dict[str, Any]) -> str:
    if answer["kind"] == QuestionKind.YESNO:
        return _("yes") if answer["answer"] == "yes" else _("no")
    return str(answer["answer"])


@figures.part(Lead, "warning")
def became(lead: Lead, actor: Any) -> SafeString | str:
    """The customer, contact and deal it became, or why it was let go."""
    if lead.status == Status.DISCARDED:
        return format_html('<div class="notice">{}<p>{}</p></div>', render.icon("circle-x"), lead.reason)
    if lead.status != Status.CONVERTED:
        if lead.reason and lead.owner_id is None:
            words = _("Returned: %(reason)s") % {"reason": lead.reason}
            return format_html('<div class="notice notice-amber">{}<p>{}</p></div>', render.icon("inbox"), words)
        return ""
    links = [
        format_html('<a href="{}">{}</a>', row.entity.url("detail", row), row)
        for row in (lead.customer, lead.contact, lead.deal)
        if row is not None and access.may(actor, "view", row)
    ]
    return format_html(
        '<div class="notice notice-green">{}<p>{} {}</p></div>',
        render.icon("circle-check"),
        _("Converted on %(day)s.") % {"day": render.day(lead.converted_on)},
        SafeString(" · ".join(links)),
    )


@panel(WebForm, "embed", gettext_lazy("On your site"), position=10, icon="code")
def embed(request: HttpRequest, form: WebForm) -> SafeString:
    """The address of the form, and the lines to put into a page."""
    address = request.build_absolute_uri(reverse("lead_form:show", args=[form.token]))
    may_change = access.may(request.user, "change", form)
    known = "campaign" not in access.masked(request.user, WebForm)
    query = urlencode({"view": "all", "campaign": form.campaign})
    context = {
        "form": form,
        "address": address,
        "may_change": may_change,
        "token_url": reverse("lead_form:fresh_address", args=[form.pk]),
        "csrf_token": get_token(request),
        "leads": f"{Entity.of(Lead).url('list')}?{query}" if known else "",
    }
    return SafeString(render_to_string("leads/embed.html", context, request))
