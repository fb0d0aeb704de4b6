"""Pages of leads: entering one, asking the questions, converting, and how fast leads are answered."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.leads import queries, twins
from xiaoguan.apps.leads.actions import qualify
from xiaoguan.apps.leads.conversion import convert
from xiaoguan.apps.leads.models import Lead, Question, QuestionKind
from xiaoguan.apps.leads.panels import span
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import access, clock, guard, kinds, nav, problems, toasts
from xiaoguan.kit.controls import CHIPS, LONG, Input, chips
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, Refusal
from xiaoguan.kit.form import RecordForm, linked
from xiaoguan.kit.pages import answers, edit, late
from xiaoguan.kit.pages.list import flat

REASON = "_twin_reason"
LONGEST = 200
SPANS = (7, 30, 90)


# --- Entering -----------------------------------------------------------------------------------------------------


def new(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The form of a new lead; for one that is there already it asks why, and keeps what was typed."""
    data = flat(request.POST)
    reason = " ".join(data.get(REASON, "").split())[:LONGEST]
    try:
        with guard.saying(twins.CODE, reason):
            return edit.new(request, entity)
    except Refusal as problem:
        if problem.code != twins.CODE:
            raise
        form = RecordForm(entity, request.user, data=data)
        response = edit.show(request, form, [], status=409)
        assert isinstance(response, TemplateResponse)
        response.context_data = {**(response.context_data or {}), "refusal": problem, "reason": reason}
        return response


late.forms.add(new)


# --- Asking -------------------------------------------------------------------------------------------------------


def _lead(request: HttpRequest, pk: int, verb: str) -> Lead:
    lead: Lead = answers.get(Entity.of(Lead), request.user, pk)
    if not access.may(request.user, verb, lead):
        raise Denied(verb, lead)
    return lead


def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions with the answers given so far; saving them qualifies the lead."""
    lead = _lead(request, pk, qualify.verb)
    data = flat(request.POST) if request.method == "POST" else None
    asked = queries.questions()
    inputs = [_question(each, lead, data) for each in asked]
    errors: list[str] = []
    if data is not None:
        said = {str(each.pk): data.get(f"q{each.pk}", "") for each in asked}
        try:
            done = qualify(lead, actor=request.user, answers=json.dumps(said))
        except Invalid as problem:
            errors = [str(text) for texts in problem.errors.values() for text in texts]
        else:
            words = {"lead": lead.called, "score": lead.score or 0}
            toasts.tell(request, _("%(lead)s: qualified with %(score)s points") % words, done.change)
            return answers.go(request, lead.entity.url("detail", lead))
    context = {
        "page_title": _("Qualify"),
        "lead": lead,
        "inputs": inputs,
        "errors": errors,
        "back": lead.entity.url("detail", lead),
        "may_set": access.may(request.user, "create", Question),
        "most": sum(each.best() for each in asked),
    }
    return TemplateResponse(request, "leads/qualify.html", context, status=422 if errors else 200)


def _question(question: Question, lead: Lead, data: dict[str, str] | None) -> Input:
    name = f"q{question.pk}"
    before = lead.answers.get(str(question.pk), {}).get("answer", "")
    raw = before if data is None else data.get(name, "")
    if question.kind == QuestionKind.TEXT:
        return Input(name, question.text, kind=LONG, raw=raw)
    pairs = [("yes", _("yes")), ("no", _("no"))]
    if question.kind == QuestionKind.CHOICE:
        pairs = [(label, label) for label, _points in question.choices()]
    return Input(name, question.text, kind=CHIPS, raw=raw, choices=chips(pairs))


# --- Converting ---------------------------------------------------------------------------------------------------


@dataclass
class ConvertForm:
    """What converting asks: which customer and contact, whether with a deal, and how much it may bring."""

    lead: Lead
    actor: Any
    data: dict[str, str] | None
    given: dict[str, str]

    def __post_init__(self) -> None:
        self.errors: list[str] = []
        said = {"company": self.lead.company, "mobile": self.lead.mobile, "phone": self.lead.phone,
                "city": self.lead.city, "province": self.lead.province}  # fmt: skip
        self.twins = twins.customers_like(said, self.actor)
        self.customer = self._found()
        wants = self.lead.wants.strip().splitlines()
        name = wants[0][:120] if wants else self.lead.company
        amount = "" if self.lead.amount is None else f"{self.lead.amount / 100:.2f}".rstrip("0").rstrip(".")
        self.inputs = {
            "customer": self._customers(),
            "contact": self._contacts(),
            "deal": Input("deal", _("With a deal"), kind=CHIPS, raw=self._raw("deal", "yes"),
                          choices=[("yes", _("yes")), ("no", _("no"))]),
            "deal_name": Input("deal_name", _("Name of the deal"), raw=self._raw("deal_name", name), max_length=160),
            "amount": Input("amount", _("Amount"), kind="money", raw=self._raw("amount", amount)),
        }  # fmt: skip
        self.asked = Input("reason", _("Why a new customer, though one like it is there"), raw=self._raw("reason"))

    def _raw(self, name: str, default: str = "") -> str:
        if self.data is not None:
            return self.data.get(name, "")
        return self.given.get(name, default)

    def _found(self) -> Customer | None:
        """The customer chosen; at first the one that is surely the same, if the reader may add to it."""
        seen = [twin.row["pk"] for twin in self.twins if twin.row is not None and twin.sure]
        raw = self._raw("customer", str(seen[0]) if seen else "")
        try:
            return linked(Customer, raw, self.actor) if raw.isdecimal() else None
        except kinds.Unparsable:
            return None

    def _customers(self) -> Input:
        pairs = [("", _("A new customer"))]
        known = {twin.row["pk"]: twin.row["name"] for twin in self.twins if twin.row is not None}
        if self.customer is not None:
            known.setdefault(self.customer.pk, self.customer.name)
        pairs += [(str(pk), name) for pk, name in known.items()]
        raw = str(self.customer.pk) if self.customer else ""
        return Input("customer", _("Customer"), kind=CHIPS, raw=raw, choices=pairs)

    def _contacts(self) -> Input:
        pairs = [("", _("A new contact"))]
        if self.customer is not None and access.may(self.actor, "view", Contact):
            rows = access.visible(Contact, self.actor).filter(customer=self.customer, left=False).order_by("pk")[:8]
            pairs += [(str(row.pk), row.name) for row in rows]
        return Input("contact", _("Contact"), kind=CHIPS, raw=self._raw("contact"), choices=pairs)

    def values(self) -> dict[str, Any] | None:
        """The arguments of the verb; None with errors beside the inputs."""
        found: dict[str, Any] = {
            "customer": self.customer,
            "deal": self.inputs["deal"].raw == "yes",
            "deal_name": self.inputs["deal_name"].raw.strip()[:160],
            "reason": self.asked.raw.strip()[:LONGEST],
        }
        if self._raw("customer") and self.customer is None:
            self.inputs["customer"].errors.append(problems.sentence("not_a_choice"))
        try:
            raw = self.inputs["contact"].raw
            found["contact"] = linked(Contact, raw, self.actor) if raw and self.customer else None
        except kinds.Unparsable as problem:
            self.inputs["contact"].errors.append(problems.sentence(problem.code))
        try:
            raw = self.inputs["amount"].raw.strip()
            found["amount"] = kinds.MONEY.parse(raw, Lead._meta.get_field("amount")) if raw else None
        except kinds.Unparsable as problem:
            self.inputs["amount"].errors.append(problems.sentence(problem.code, "money"))
        return None if any(item.errors for item in self.inputs.values()) else found


def make_customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose or make customer and contact, say whether there is a deal, and do all of it in one step."""
    lead = _lead(request, pk, convert.verb)
    data = flat(request.POST) if request.method == "POST" else None
    form = ConvertForm(lead, request.user, data, flat(request.GET))
    problem: Refusal | None = None
    if data is not None and (values := form.values()) is not None:
        try:
            done = convert(lead, actor=request.user, **values)
        except Invalid as refused:
            form.errors = [str(text) for texts in refused.errors.values() for text in texts]
        except Refusal as refused:
            problem = refused
        else:
            assert lead.customer is not None
            toasts.tell(request, _("%(lead)s is the customer %(customer)s now")
                        % {"lead": lead.called, "customer": lead.customer.name}, done.change)  # fmt: skip
            target = lead.customer if access.may(request.user, "view", lead.customer) else lead
            return answers.go(request, target.entity.url("detail", target))
    context = {
        "page_title": _("Make it a customer"),
        "lead": lead,
        "form": form,
        "refusal": problem,
        "hidden": any(twin.row is None for twin in form.twins),
        "may_deal": access.may(request.user, "create", Deal),
        "back": lead.entity.url("detail", lead),
        "url": reverse("lead_pages:convert", args=[lead.pk]),
    }
    status = 409 if problem else 422 if data is not None else 200
    return TemplateResponse(request, "leads/convert.html", context, status=status)


# --- How fast -----------------------------------------------------------------------------------------------------


def response(request: HttpRequest) -> HttpResponse:
    """Median time to the first answer by person, what still waits, and how many became customers."""
    actor: Any = request.user
    if not access.may(actor, "view", Lead):
        raise Denied("view", Lead)
    raw = request.GET.get("days", "30")
    days = int(raw) if raw in {str(each) for each in SPANS} else 30
    last = clock.today()
    first = last - dt.timedelta(days=days - 1)
    people, whole = queries.speeds(actor, first, last)
    listed = f"{Entity.of(Lead).url('list')}?view=all&received_on={first.isoformat()}..{last.isoformat()}"
    context = {
        "page_title": _("Answers to leads"),
        "siblings": nav.siblings(Lead.entity, request.user, request.path),
        "chapters": nav.others(Lead.entity, request.user),
        "page_fact": _("received in the last %(n)s days; working time only") % {"n": days},
        "people": [_row(each, listed) for each in people],
        "whole": _row(whole, listed),
        "spans": [(each, each == days) for each in SPANS],
        "leads": listed,
    }
    return TemplateResponse(request, "leads/response.html", context)


def _row(speed: queries.Speed, listed: str) -> dict[str, Any]:
    """One line of the table: each number opens its leads."""
    whose = f"{listed}&owner={speed.person}" if speed.person else f"{listed}&owner=none"
    share = f"{speed.converted * 100 // speed.received}%" if speed.received else "—"
    return {
        "speed": speed,
        "name": speed.name or _("Nobody yet"),
        "median": span(speed.median) if speed.median is not None else "—",
        "share": share,
        "url": whose,
        "waiting_url": f"{whose}&first_response_at=none",
    }
