"""The next step at the head of customers and deals, the last contact, and tabs with tasks and follow-ups."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.activities.columns import plan_url
from xiaoguan.apps.activities.models import Feedback, FollowUp, Task, TaskKind, Voice
from xiaoguan.apps.activities.queries import next_task
from xiaoguan.apps.activities.sources import AUTHOR
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import access, clock, figures, related, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure
from xiaoguan.kit.panel import panel


def _dialog(url: str, label: str, *, primary: bool = False) -> SafeString:
    css = "btn btn-small btn-primary" if primary else "btn btn-small"
    return format_html(
        '<a class="{}" href="{}" hx-get="{}" hx-target="#dialogs" hx-swap="innerHTML">{}</a>', css, url, url, label
    )


def next_bar(record: Any, link: str, actor: Any) -> SafeString:
    """The next step of a record with the button that finishes it, or the offer to plan one."""
    model = type(record)
    state = render.step_state(record.next_due)
    if record.next_due is None:
        if not access.may(actor, "log", record) or not getattr(record, "is_open", True):
            return SafeString("")
        return format_html(
            '<div class="next-bar is-none push">{}<span>{}</span>{}</div>',
            render.next_dot(state),
            gettext("No next step"),
            _dialog(plan_url(model, record.pk), gettext("Plan one")),
        )
    task = next_task(record.pk, link, actor)
    time = f" {task.due_time:%H:%M}" if task and task.due_time else ""
    kind = f" {task.get_kind_display()}" if task and task.kind != TaskKind.TODO else ""
    finish = SafeString("")
    if task and access.may(actor, "change", task):
        finish = _dialog(Entity.of(Task).url("do", task, "complete"), gettext("Complete"))
    return format_html(
        '<div class="next-bar is-{} push">{}<span><b>{}{}{}</b> {}</span>{}</div>',
        state,
        render.next_dot(state),
        render.day(record.next_due),
        time,
        kind,
        record.next_note,
        finish,
    )


@figures.part(Customer, "head", position=50)
def next_of_customer(customer: Customer, actor: Any) -> SafeString:
    """What is done next with a customer."""
    return next_bar(customer, "customer", actor)


@figures.part(FollowUp, "warning")
def original_author(follow_up: FollowUp, actor: Any) -> str:
    """Who wrote an imported follow-up, where nobody here has that name."""
    author = "" if follow_up.credited_id else follow_up.extra.get(AUTHOR, "")
    return gettext("originally by %(name)s") % {"name": author} if author else ""


@figures.part(Deal, "head", position=5)
def next_of_deal(deal: Deal, actor: Any) -> SafeString:
    """What is done next for a deal."""
    return next_bar(deal, "deal", actor)


def _ago(record: Any) -> Figure:
    if record.last_contact_on is None:
        return Figure(gettext("Last contact"), render.NOTHING, gettext("never"))
    days = (clock.today() - record.last_contact_on).days
    if days <= 0:
        return Figure(gettext("Last contact"), format_html("{}", gettext("today")))
    said = ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    return Figure(gettext("Last contact"), format_html("{}", said))


@figures.figure(Customer, position=40)
def last_contact_of_customer(customer: Customer, actor: Any) -> Figure:
    """How long ago somebody was in touch with a customer."""
    return _ago(customer)


@figures.figure(Deal, position=40)
def last_contact_of_deal(deal: Deal, actor: Any) -> Figure | None:
    """How long ago somebody was in touch about an open deal."""
    return _ago(deal) if deal.is_open else None


def _sees(model: type[models.Model]) -> Any:
    return lambda request, record: access.may(request.user, "view", model)


def _of(model: type[models.Model], link: str, **more: str) -> Any:
    return lambda request, record: related.count(model, request.user, {link: record.pk, **more})


def _tasks(request: HttpRequest, where: dict[str, Any]) -> SafeString:
    return related.card(
        Task, request.user, where, cols="title due_on kind state owner", sort="-due_on", initial=where,
        empty=_("Nothing is planned."),
    )  # fmt: skip


def _talks(request: HttpRequest, where: dict[str, Any]) -> SafeString:
    return related.card(
        FollowUp, request.user, where, cols="happened_at kind subject contact result credited", sort="-happened_at",
        initial=where, empty=_("Nobody has been in touch yet."),
    )  # fmt: skip


@panel(Customer, "tasks", _("Tasks"), count=_of(Task, "customer", state="open"), position=50, icon="checkbox",
       shown=_sees(Task))  # fmt: skip
def tasks_of_customer(request: HttpRequest, customer: Customer) -> SafeString:
    """What is and was to be done for a customer."""
    return _tasks(request, {"customer": customer.pk})


@panel(Deal, "tasks", _("Tasks"), count=_of(Task, "deal", state="open"), position=50, icon="checkbox",
       shown=_sees(Task))  # fmt: skip
def tasks_of_deal(request: HttpRequest, deal: Deal) -> SafeString:
    """What is and was to be done for a deal."""
    return _tasks(request, {"deal": deal.pk})


@panel(Customer, "follow-ups", _("Follow-ups"), count=_of(FollowUp, "customer"), position=45, icon="message-2",
       shown=_sees(FollowUp))  # fmt: skip
def talks_of_customer(request: HttpRequest, customer: Customer) -> SafeString:
    """Who was in touch with a customer, when, with what result."""
    return _talks(request, {"customer": customer.pk})


@panel(Deal, "follow-ups", _("Follow-ups"), count=_of(FollowUp, "deal"), position=45, icon="message-2",
       shown=_sees(FollowUp))  # fmt: skip
def talks_of_deal(request: HttpRequest, deal: Deal) -> SafeString:
    """Who was in touch about a deal."""
    return _talks(request, {"deal": deal.pk})


@panel(Customer, "feedback", _("Feedback"), count=_of(Feedback, "customer"), position=55, icon="mood-smile",
       shown=_sees(Feedback))  # fmt: skip
def feedback_of_customer(request: HttpRequest, customer: Customer) -> SafeString:
    """How satisfied a customer is and what they complained about, with the ways to write down more in two taps."""
    made = related.card(
        Feedback, request.user, {"customer": customer.pk}, cols="on kind score body resolved_on owner", sort="-on",
        initial={"customer": customer.pk}, empty=_("Nothing was said yet."),
    )  # fmt: skip
    if not access.may(request.user, "create", Feedback):
        return made
    new = f"{Entity.of(Feedback).url('new')}?customer={customer.pk}"
    told = ((n, gettext("Satisfied: %(n)s of 5") % {"n": n}) for n in range(1, 6))
    buttons = format_html_join(
        "",
        '<a class="btn" href="{}" aria-label="{}">{}</a>',
        ((f"{new}&kind={Voice.SCORE}&score={score}", words, score) for score, words in told),
    )
    complaint = f"{new}&kind={Voice.COMPLAINT}"
    return format_html(
        '<div class="stack"><div class="row"><span class="muted">{}</span>{}<a class="btn" href="{}">{}{}</a></div>'
        "{}</div>",
        gettext("Satisfied, from 1 to 5"), buttons, complaint, render.icon("alert-circle"), gettext("Complaint"), made,
    )  # fmt: skip
