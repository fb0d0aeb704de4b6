"""Who stands in for whom, from when to when, and what that opens."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.org.actions import end_deputy, set_deputy
from xiaoguan.apps.org.models import Deputy, Person, Reach
from xiaoguan.kit import access, clock, draft, kinds, nav, problems, recent, toasts
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.form import fill_options, linked
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.answers import recent_login_required
from xiaoguan.kit.verbs import VerbForm

PAST = dt.timedelta(days=90)
SHOWN = 200


@dataclass(frozen=True)
class Line:
    """One standing-in with what it opens."""

    row: Deputy
    state: str
    roles: list[str]
    people: int
    may_end: bool


def deputies(request: HttpRequest) -> HttpResponse:
    """Everybody who stands in now or soon, those of the last months below; a form to name one beside it."""
    actor: Any = request.user
    if not access.may(actor, "view", Deputy):
        raise Denied("view", Deputy)
    data = request.POST if request.method == "POST" else draft.take(request)
    person, who, form = _form(request, data)
    if request.method == "POST":
        recent.require(request)
        made = _set(request, person, form)
        if made is not None:
            return made
    lines = _lines(actor)
    context = {
        "page_title": _("Stand-ins"),
        "now": [line for line in lines if line.state != "over"],
        "past": [line for line in lines if line.state == "over"],
        "who": who,
        "form": form,
        "may_set": access.may(actor, "deputise", Person),
    }
    return TemplateResponse(request, "org/deputies.html", context, status=422 if request.method == "POST" else 200)


def _form(request: HttpRequest, data: Any) -> tuple[Person | None, Input, VerbForm]:
    """Whom it is about (oneself unless said otherwise) and the arguments of the verb."""
    actor: Any = request.user
    raw = (data or request.GET).get("person", "") or str(actor.pk)
    who = Input("person", _("Person"), "link", raw, True)
    who.fill = lambda item: fill_options(item, Person, actor)
    person = None
    try:
        person = linked(Person, raw, actor)
    except kinds.Unparsable as problem:
        who.errors.append(problems.sentence(problem.code))
    form = VerbForm(set_deputy, actor, row=person, data=data)
    for each in form.arguments:
        if data is None:
            each.input.raw = request.GET.get(each.param.name, each.input.raw)
    return person, who, form


def _set(request: HttpRequest, person: Person | None, form: VerbForm) -> HttpResponse | None:
    values = form.values()
    if person is None or values is None:
        return None
    try:
        done = set_deputy(person, actor=request.user, **values)
    except Invalid as problem:
        form.take(problem)
        return None
    words = {"deputy": values["deputy"], "person": person}
    toasts.tell(request, _("%(deputy)s stands in for %(person)s") % words, done.change)
    return redirect("org:deputies")


def _lines(actor: Any) -> list[Line]:
    """Rows that hold now, will hold, or ended lately, with roles and reach in a fixed number of queries."""
    today = clock.today()
    rows = access.visible(Deputy, actor).filter(Q(end__isnull=True) | Q(end__gte=today - PAST))
    found = list(rows.select_related("person", "deputy").order_by("-end", "-pk")[:SHOWN])
    people = {row.person_id for row in found}
    reach = Counter(dict(_reached(people)))
    held: dict[int, list[str]] = {}
    for person in Person.objects.filter(pk__in=people).prefetch_related("roles"):
        held[person.pk] = [str(role) for role in person.roles.all() if role.deleted_at is None]
    lines = [
        Line(
            row,
            state_of(row, today),
            held.get(row.person_id, []),
            reach[row.person_id],
            state_of(row, today) != "over" and access.may(actor, "delete", row),
        )
        for row in found
    ]
    access.covered(actor, *found)
    return lines


def _reached(people: set[int]) -> Any:
    rows = Reach.objects.filter(viewer__in=people).values("viewer_id").annotate(count=Count("person_id"))
    return rows.values_list("viewer_id", "count")


def state_of(row: Deputy, today: dt.date) -> str:
    """Whether it holds `now`, `later`, or is `over`."""
    if row.end is not None and row.end < today:
        return "over"
    return "later" if row.start is not None and row.start > today else "now"


@recent_login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a standing-in end yesterday; one that has not begun is taken away."""
    row = answers.get(Entity.of(Deputy), request.user, pk)
    done = end_deputy(row, actor=request.user)
    words = {"deputy": row.deputy, "person": row.person}
    toasts.tell(request, _("%(deputy)s no longer stands in for %(person)s") % words, done.change)
    return redirect("org:deputies")


nav.page(
    "settings",
    gettext_lazy("Stand-ins"),
    "org:deputies",
    icon="user-share",
    position=30,
    shown=lambda actor: access.may(actor, "view", Deputy),
)
