"""The day of one person, and the quick form to log what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.activities.actions import log_on_customer, log_on_deal
from xiaoguan.apps.activities.models import FollowUp, Kind, Result, Task, TaskKind
from xiaoguan.apps.activities.queries import day_of, people_of, tally
from xiaoguan.apps.activities.sources import ICONS
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import access, clock, kinds, problems, render, toasts
from xiaoguan.kit.controls import CHIPS, LONG, Input, chips
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.form import fill_options, linked
from xiaoguan.kit.pages import answers

DAY = dt.timedelta(days=1)
PEOPLE = 8
OTHER = "other"


@dataclass(frozen=True)
class Line:
    """One task of a list: its icon, how late it is in words, whether finishing it calls for words."""

    task: Task
    icon: str
    late: str
    in_touch: bool


def lines(tasks: Sequence[Task]) -> list[Line]:
    """Tasks as the page shows them."""
    today = clock.today()
    return [
        Line(
            task,
            ICONS.get(task.kind, "checkbox"),
            render.days_overdue((today - task.due_on).days) if task.due_on < today else "",
            task.kind != TaskKind.TODO,
        )
        for task in tasks
    ]


def day(request: HttpRequest) -> HttpResponse:
    """What is overdue, due today and coming; a form to log beside it. `?person=` shows somebody of the team."""
    actor: Any = request.user
    others = people_of(actor)
    chosen = next((one for one in others if str(one.pk) == request.GET.get("person", "")), actor)
    mine = chosen.pk == actor.pk
    found = day_of(chosen, actor)
    form = LogForm(actor, data=None, given=request.GET) if mine and access.may(actor, "create", FollowUp) else None
    context = {
        "page_title": _("My day") if mine else _("%(name)s: the day") % {"name": chosen.name},
        "page_fact": render.day_heading(clock.today()),
        "person": chosen,
        "mine": mine,
        "others": others if len(others) > 1 else [],
        "overdue": lines(found.overdue),
        "today": lines(found.today),
        "ahead": lines(found.ahead),
        "more": found.more,
        "tally": tally(chosen, actor),
        "tomorrow": clock.today() + DAY,
        "may_change": mine,
        "form": form,
        "next_url": reverse("activities:day"),
    }
    return TemplateResponse(request, "activities/day.html", context)


def log(request: HttpRequest) -> HttpResponse:
    """The quick form on a page of its own, and what it posts to."""
    actor: Any = request.user
    if not access.may(actor, "create", FollowUp):
        raise Denied("create", FollowUp)
    back = answers.wanted(request)
    if request.method != "POST":
        return _show(request, LogForm(actor, data=None, given=request.GET), back)
    form = LogForm(actor, data=request.POST, given=request.POST)
    about = form.about()
    if about is None or not form.valid():
        return _show(request, form, back, status=422)
    verb = log_on_deal if isinstance(about, Deal) else log_on_customer
    try:
        done = verb(about, actor=actor, **form.values)
    except Invalid as problem:
        form.take(problem)
        return _show(request, form, back, status=422)
    toasts.tell(request, _("%(name)s: logged") % {"name": about}, done.change)
    return answers.go(request, back or about.entity.url("detail", about))


def _show(request: HttpRequest, form: LogForm, back: str, *, status: int = 200) -> HttpResponse:
    context = {"page_title": _("Log a follow-up"), "form": form, "next_url": back}
    return TemplateResponse(request, "activities/log.html", context, status=status)


def days_ahead(today: dt.date) -> list[tuple[str, str]]:
    """The days people choose most for a next step: tomorrow, Friday, next Monday, in a week."""
    friday = today + DAY * ((4 - today.weekday()) % 7)
    monday = today + DAY * (7 - today.weekday())
    named = {today + DAY: _("Tomorrow"), friday: "", monday: "", today + 7 * DAY: ""}
    return [
        (each.isoformat(), word or str(render.day_plan(each))) for each, word in sorted(named.items()) if each > today
    ]


def _days_to_choose() -> list[tuple[str, str]]:
    return [("", _("No day yet")), *days_ahead(clock.today()), (OTHER, _("Another day"))]


@dataclass
class LogForm:
    """The quick form: about whom, what kind, what was said, what it led to, what comes next."""

    actor: Any
    data: Any
    given: Any
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deal: Deal | None = self._found(Deal, "deal")
        self.customer: Customer | None = self._found(Customer, "customer")
        if self.customer is None and self.deal is not None:
            self.customer = self._seen_customer()
        names = {
            "customer": self._link("customer", _("Customer"), Customer),
            "deal": self._link("deal", _("Deal"), Deal),
            "kind": self._chips("kind", _("Kind"), Kind.choices, default=Kind.CALL),
            "contact": self._people(),
            "body": Input("body", _("What was said"), kind=LONG, raw=self._raw("body")),
            "result": self._chips("result", _("Result"), Result.choices, unsaid=True),
            "next_title": Input("next_title", _("Next step"), raw=self._raw("next_title"), max_length=200),
            "next_kind": self._chips("next_kind", _("How"), TaskKind.choices, default=TaskKind.TODO),
            "next_when": self._chips("next_when", _("When"), _days_to_choose()),
            "next_on": Input("next_on", _("Another day"), kind="date", raw=self._raw("next_on")),
        }
        self.inputs = {name: item for name, item in names.items() if item is not None}

    def _raw(self, name: str, default: str = "") -> str:
        return self.given.get(name, default) if self.data is not None or name in self.given else default

    def _found(self, model: Any, name: str) -> Any:
        try:
            return linked(model, self._raw(name), self.actor) if self._raw(name) else None
        except kinds.Unparsable:
            return None

    def _seen_customer(self) -> Customer | None:
        customer = self.deal.customer if self.deal else None
        return customer if customer is not None and access.may(self.actor, "view", customer) else None

    def _link(self, name: str, label: str, model: Any) -> Input:
        chosen = getattr(self, name)
        item = Input(name, label, kind="link", raw=str(chosen.pk) if chosen else "")
        fill_options(item, model, self.actor)
        return item

    def _chips(self, name: str, label: str, choices: Any, *, default: str = "", unsaid: bool = False) -> Input:
        pairs = [(str(code), str(text)) for code, text in choices]
        return Input(name, label, kind=CHIPS, raw=self._raw(name, default), choices=chips(pairs) if unsaid else pairs)

    def _people(self) -> Input | None:
        """Whom somebody met, where the customer is known."""
        if self.customer is None or not access.may(self.actor, "view", Contact):
            return None
        rows = access.visible(Contact, self.actor).filter(customer=self.customer, left=False).order_by("pk")[:PEOPLE]
        pairs = [(row.pk, row.name) for row in rows]
        return self._chips("contact", _("Met whom"), pairs, unsaid=True) if pairs else None

    # Reading -----------------------------------------------------------------------------------------------------

    def about(self) -> Customer | Deal | None:
        """The record this is about: the deal where one is named."""
        found = self.deal or self.customer
        if found is None:
            self.inputs["customer"].errors.append(_("Choose a customer or a deal."))
        return found

    def valid(self) -> bool:
        """Read what was posted; False with errors beside the inputs."""
        self.values = {"body": self.inputs["body"].raw.strip(), "next_title": self.inputs["next_title"].raw.strip()}
        self._choice("kind", Kind)
        self._choice("result", Result)
        self._choice("next_kind", TaskKind)
        self._contact()
        self._due()
        return not any(item.errors for item in self.inputs.values())

    def _choice(self, name: str, kind: Any) -> None:
        raw = self.inputs[name].raw
        if raw and raw not in kind.values:
            self.inputs[name].errors.append(problems.sentence("not_a_choice"))
        elif raw:
            self.values[name] = kind(raw)

    def _contact(self) -> None:
        item = self.inputs.get("contact")
        if item is not None and item.raw:
            try:
                self.values["contact"] = linked(Contact, item.raw, self.actor)
            except kinds.Unparsable as problem:
                item.errors.append(problems.sentence(problem.code))

    def _due(self) -> None:
        """A chip names a day; «another day» and a plain date field name any."""
        when = self.inputs["next_when"].raw
        raw = self.inputs["next_on"].raw if when in ("", OTHER) else when
        try:
            self.values["next_on"] = dt.date.fromisoformat(raw) if raw else None
        except ValueError:
            self.inputs["next_on"].errors.append(problems.sentence("not_a_date"))

    def take(self, problem: Invalid) -> None:
        """Put the messages of a refused write beside their inputs; the rest above the form."""
        for name, texts in problem.errors.items():
            if name in self.inputs:
                self.inputs[name].errors += [str(text) for text in texts]
            else:
                self.errors += [str(text) for text in texts]
