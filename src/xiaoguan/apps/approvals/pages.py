"""«My approvals», one request with its verdict, and asking for a write that waits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.approvals import asking, deciding, queries, reading, resolving
from xiaoguan.apps.approvals.kinds import Kind, kinds
from xiaoguan.apps.approvals.models import Request, Seat
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, clock, kinds as kit_kinds, problems, render, toasts
from xiaoguan.kit.action import Work
from xiaoguan.kit.controls import Input
from xiaoguan.kit.errors import Invalid, KitError, Refusal
from xiaoguan.kit.form import fill_options, linked

PAGE = 50
TABS = ("decide", "mine", "decided")


@dataclass(frozen=True)
class Line:
    """One request in a list: its figures, and the seat it is looked at from."""

    request: Request
    seat: Seat | None
    figures: list[tuple[str, Any]]
    late: bool = False


@dataclass(frozen=True)
class Heap:
    """Requests of one kind: what can be approved together."""

    kind: Kind
    lines: list[Line]


def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me (`?tab=decide`), what I asked (`mine`), what I decided (`decided`)."""
    actor: Any = request.user
    waiting = queries.waiting(actor).filter(request__kind__in=kinds)
    count = waiting.count()
    tab = request.GET.get("tab", "")
    if tab not in TABS:
        tab = "decide" if count or not queries.asked(actor).exists() else "mine"
    rows = {"decide": waiting, "mine": queries.asked(actor), "decided": queries.decided(actor)}[tab]
    page = Paginator(_related(rows), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_title": _("Approvals"),
        "page_fact": ngettext("%(n)s to decide", "%(n)s to decide", count) % {"n": count} if count else "",
        "tab": tab,
        "tabs": [("decide", _("To decide"), count), ("mine", _("Asked by me"), None), ("decided", _("Decided"), None)],
        "heaps": list(_heaps([_line(each, actor) for each in page])),
        "page": page,
        "may_read_routes": queries.may_read_routes(actor),
    }
    return TemplateResponse(request, "approvals/inbox.html", context)


def _related(rows: Any) -> Any:
    if rows.model is Request:
        return rows.filter(kind__in=kinds).select_related("route", "owner__unit")
    return rows.filter(request__kind__in=kinds).select_related("request__route", "request__owner__unit", "person")


def _line(row: Any, actor: Any) -> Line:
    seat = row if isinstance(row, Seat) else None
    asked = row.request if seat else row
    late = seat is not None and not seat.verdict and seat.due_at <= clock.now()
    return Line(asked, seat, reading.figures(kinds[asked.kind], asked, actor)[:2], late)


def _heaps(lines: list[Line]) -> Any:
    order = list(kinds)
    lines.sort(key=lambda line: order.index(line.request.kind))
    for code, members in groupby(lines, key=lambda line: line.request.kind):
        yield Heap(kinds[code], list(members))


def bulk(request: HttpRequest) -> HttpResponse:
    """Approve the chosen requests, each by itself: one that can't be approved doesn't keep the others."""
    ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isascii() and pk.isdigit() and len(pk) < 19][:PAGE]
    actor: Any = request.user
    mine = set(queries.waiting(actor).filter(request__in=ids).values_list("request", flat=True))
    done, kept = 0, []
    for found in Request.objects.filter(pk__in=mine, kind__in=kinds).order_by("pk"):
        try:
            deciding.approve(found, actor=actor)
            done += 1
        except KitError as problem:
            kept.append(f"{found.title}: {getattr(problem, 'cause', problem)}")
    said = ngettext("%(n)s request approved", "%(n)s requests approved", done) % {"n": done}
    toasts.tell(request, " · ".join([said, *kept]))
    return redirect("approvals:inbox")


def _get(request: HttpRequest, pk: int) -> Request:
    found = Request.objects.select_related("owner__unit", "route").filter(pk=pk, kind__in=kinds).first()
    if found is None or not queries.may_see(request.user, found):
        raise Http404
    return found


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is to be approved as it was frozen, why, who decides, what happened."""
    return _page(request, _get(request, pk))


def _page(request: HttpRequest, found: Request, errors: Any = None, raw: Any = None) -> HttpResponse:
    actor: Any = request.user
    kind = kinds[found.kind]
    may = deciding.may_decide(found, actor)
    seat = deciding.seat_of(found, actor) if may else None
    to = Input("to", _("Colleague"), "link", (raw or {}).get("to", ""), False)
    to.fill = lambda item: fill_options(item, Person, actor)
    context = {
        "page_title": found.title, "page_fact": kind.label, "asked": found, "kind": kind,
        "facts": reading.facts(kind, found, actor), "why": reading.why(kind, found, actor),
        "figures": reading.figures(kind, found, actor), "steps": reading.steps(found),
        "earlier": list(range(1, found.step + 1)) if found.pending else [],
        "trail": reading.trail(found), "url": reading.subject_url(kind, found, actor),
        "intact": queries.is_intact(found), "may_decide": may, "mine": found.owner_id == actor.pk, "to": to,
        "instead": seat.person if seat and seat.person_id != actor.pk else None,
        "errors": [str(text) for texts in (errors or {}).values() for text in texts],
        "note": (raw or {}).get("note", ""),
    }  # fmt: skip
    return TemplateResponse(request, "approvals/request.html", context, status=422 if errors else 200)


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a verdict (`approve`, `return`, `reject`, `delegate`, `withdraw`, `remind`) with its note."""
    found = _get(request, pk)
    data = request.POST
    verdict, note = data.get("verdict", ""), data.get("note", "").strip()[:2000]
    try:
        said = _decide(found, verdict, note, data, request.user)
    except Invalid as problem:
        return _page(request, found, problem.errors, data)
    toasts.tell(request, said)
    return redirect("approvals:request", found.pk) if verdict in ("remind", "withdraw") else redirect("approvals:inbox")


def _decide(found: Request, verdict: str, note: str, data: Any, actor: Any) -> str:
    words = {"record": found.title}
    if verdict == "approve":
        deciding.approve(found, actor=actor, note=note)
        return _("“%(record)s” approved") % words
    if verdict == "return":
        step = data.get("to_step", "")
        deciding.send_back(found, actor=actor, note=note, to_step=int(step) - 1 if step in set("123456") else None)
        return _("“%(record)s” returned") % words
    if verdict == "reject":
        deciding.reject(found, actor=actor, note=note)
        return _("“%(record)s” rejected") % words
    if verdict == "delegate":
        to = colleague(data.get("to", ""), actor)
        deciding.delegate(found, actor=actor, to=to, note=note)
        return _("%(person)s decides about “%(record)s” now") % {**words, "person": to}
    if verdict == "withdraw":
        deciding.withdraw(found, actor=actor, note=note)
        return _("“%(record)s” withdrawn") % words
    if verdict == "remind":
        count = deciding.remind(found, actor=actor)
        return ngettext("%(n)s person reminded", "%(n)s people reminded", count) % {"n": count}
    raise Invalid({"verdict": [_("Choose what to do.")]})


def colleague(raw: str, actor: Any) -> Person:
    """The chosen person as the actor may see him; raises Invalid."""
    try:
        found: Person | None = linked(Person, raw, actor) if raw else None
    except kit_kinds.Unparsable as problem:
        raise Invalid({"to": [problems.sentence(problem.code)]}) from problem
    if found is None:
        raise Invalid({"to": [_("Choose a colleague.")]})
    return found


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for approval of a write that was refused: its signed token says what it was."""
    actor: Any = request.user
    told = asking.read_token(request.POST.get("write", "") or request.GET.get("write", ""), actor)
    kind = kinds.get(told["kind"]) if told else None
    row = access.visible(kind.subject, actor).filter(pk=told["id"]).first() if kind and told else None
    if told is None or kind is None or row is None:
        raise Http404
    if row.version != told["version"]:
        raise Refusal(
            _("This can't be sent for approval any more"), _("The record was changed meanwhile."),
            code="approval_outdated",
        )  # fmt: skip
    if request.method == "POST":
        note = request.POST.get("note", "").strip()[:2000]
        with transaction.atomic():
            work = Work(actor, "ask", Request._meta.label_lower, undoable=False)
            made = asking.ask_write(work, kind, row, told, note=note)
            work.finish()
        if made is not None:
            toasts.tell(request, _("“%(record)s” waits for approval") % {"record": row})
            return redirect("approvals:request", made.pk)
        toasts.tell(request, _("No approval is needed any more: do it again."))
        return redirect(row.entity.url("detail", row))
    route = asking.choose(kind, told["measures"])
    planned = resolving.plan(route, actor, getattr(row, "owner_id", None)) if route else []
    people = {pk for step in planned for pk in step["people"]}
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    context = {
        "page_title": _("Ask for approval"), "page_fact": kind.label, "row": row, "write": request.GET.get("write", ""),
        "facts": [(str(label), value) for label, value in kind.show(told["snapshot"], reading.hidden(kind, actor))],
        "steps": [render.listed([names[pk] for pk in step["people"] if pk in names]) for step in planned],
        "back": reverse(f"{row.entity.slug}:detail", args=[row.pk]),
    }  # fmt: skip
    return TemplateResponse(request, "approvals/ask.html", context)
