"""Pages of the audit: changes, readings, sign-ins, what is sensitive, and the log as a file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

from xiaoguan.apps.audit import exporting, queries, reading, searching, wording
from xiaoguan.apps.audit.models import AccessEntry, How
from xiaoguan.apps.org import signins
from xiaoguan.apps.org.models import Person, SignIn
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.apps.org.role_grid import fields_of, shown
from xiaoguan.kit import access, columns, toasts
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.form import fill_options
from xiaoguan.kit.pages.answers import recent_login_required

PAGE = 50


def _check(request: HttpRequest) -> None:
    if not queries.may_read(request.user):
        raise Http404


def log(request: HttpRequest) -> HttpResponse:
    """The changes, newest first, under filters."""
    _check(request)
    actor: Any = request.user
    filters = searching.filters_of(request.GET, actor)
    found = queries.search(filters, actor, queries.Cursor.parse(request.GET.get("before", "")))
    kept = {name: value for name, value in request.GET.items() if value and name not in ("before", "_format")}
    record = _record(filters, actor)
    context = {
        "page_title": _("Audit"),
        "page_fact": record,
        "tab": "log",
        "lines": wording.lines(found.changes, actor),
        "inputs": _inputs(request, filters),
        "next": f"?{urlencode({**kept, 'before': str(found.next)})}" if found.next else "",
        "looked_to": found.looked_to,
        "narrowed": bool(set(kept) - {"before"}),
        "export": urlencode(kept),
        "may_export": access.grants(actor).scope(reading.LOG, "export") == "all",
        "may_set": access.grants(actor).scope(reading.SETTINGS, "view") == "all",
    }
    return TemplateResponse(request, "audit/log.html", context)


def _record(filters: queries.Filters, actor: Any) -> str:
    """The record the log is narrowed to, by its name."""
    if filters.record is None or filters.entity not in queries.readable(actor):
        return ""
    entity = entities[filters.entity]
    row = entity.model._default_manager.filter(pk=filters.record).first()
    return entity.title_of(row) if row is not None else ""


def _inputs(request: HttpRequest, filters: queries.Filters) -> list[Input]:
    """The filters as a form; the field is offered once a record type is chosen."""
    actor: Any = request.user
    who = Input("person", _("Person"), "link", str(filters.person or ""))
    who.fill = lambda item: fill_options(item, Person, actor)
    sources = [(name, str(label)) for name, label in wording.SOURCES.items()]
    found = [
        who,
        Input("entity", _("Records"), "choice", filters.entity, choices=wording.kinds(actor)),
        Input("action", _("Action"), "choice", filters.action, choices=wording.actions()),
        Input("source", _("Source"), "choice", filters.source, choices=sources),
        Input("first", _("From"), "date", filters.first.isoformat() if filters.first else ""),
        Input("last", _("To"), "date", filters.last.isoformat() if filters.last else ""),
        Input("text", _("Words in values"), "text", filters.text),
    ]
    if choices := wording.fields(filters.entity, actor):
        found.insert(2, Input("field", _("Field"), "choice", filters.field, choices=choices))
    if filters.record is not None:
        found.insert(2, Input("record", _("Number of the record"), "text", str(filters.record)))
    return found


def export(request: HttpRequest) -> HttpResponse:
    """The filtered log as a file: at once where it is short, else by a job."""
    _check(request)
    actor: Any = request.user
    if access.grants(actor).scope(reading.LOG, "export") != "all":
        raise Denied("export")
    ending = "csv" if request.GET.get("_format") == "csv" else "xlsx"
    data = {name: value for name, value in request.GET.items() if name not in ("_format", "before")}
    return exporting.answer(request, searching.filters_of(data, actor), data, ending)


def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file a job has made, for who asked for it."""
    _check(request)
    return exporting.download(request, pk)


def readings(request: HttpRequest) -> HttpResponse:
    """Who opened, revealed, exported what is sensitive."""
    _check(request)
    entity = request.GET.get("entity", "")
    rows, who = _of_person(request, AccessEntry.objects.select_related("actor"), "actor_id")
    if entity in entities:
        rows = rows.filter(entity=entity)
    what = Input("entity", _("Records"), "choice", entity, choices=wording.kinds(request.user))
    found, following = _portion(request, rows)
    context = {
        "page_title": _("Readings"),
        "tab": "readings",
        "entries": [(each, _label(each), _about(each), _url(each)) for each in found],
        "inputs": [who, what],
        "next": following,
        "may_set": access.grants(request.user).scope(reading.SETTINGS, "view") == "all",
    }
    return TemplateResponse(request, "audit/entries.html", context)


def sign_ins(request: HttpRequest) -> HttpResponse:
    """Who signed in, went, or tried in vain: the book at the door."""
    _check(request)
    outcome, kind = request.GET.get("outcome", ""), request.GET.get("kind", "")
    rows, who = _of_person(request, SignIn.objects.select_related("person"), "person_id")
    if outcome in Outcome.values:
        rows = rows.filter(outcome=outcome)
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    found, following = _portion(request, rows)
    context = {
        "page_title": _("Sign-ins"),
        "tab": "sign_ins",
        "events": [(each, signins.device(each.agent)) for each in found],
        "inputs": [
            who,
            Input("kind", pgettext("sign-in", "By"), "choice", kind, choices=_named(Kind)),
            Input("outcome", _("Outcome"), "choice", outcome, choices=_named(Outcome)),
        ],
        "next": following,
        "may_set": access.grants(request.user).scope(reading.SETTINGS, "view") == "all",
    }
    return TemplateResponse(request, "audit/sign_ins.html", context)


def _named(choices: type[Kind] | type[Outcome]) -> list[tuple[str, str]]:
    return [(value, capfirst(str(label))) for value, label in choices.choices]


def _of_person(request: HttpRequest, rows: QuerySet[Any], column: str) -> tuple[QuerySet[Any], Input]:
    """The rows of the person that is asked for, if one is, and the input that asks."""
    person = searching.number(request.GET.get("person", ""))
    who = Input("person", _("Person"), "link", str(person or ""))
    who.fill = lambda item: fill_options(item, Person, request.user)
    return (rows if person is None else rows.filter(**{column: person})), who


def _portion(request: HttpRequest, rows: QuerySet[Any]) -> tuple[list[Any], str]:
    """One page of rows, newest first, and the address of the next; empty at the end."""
    cursor = queries.Cursor.parse(request.GET.get("before", ""))
    if cursor is not None:
        rows = rows.filter(at__lte=cursor.at).exclude(at=cursor.at, pk__gte=cursor.pk)
    found = list(rows.order_by("-at", "-pk")[: PAGE + 1])
    if len(found) <= PAGE:
        return found, ""
    kept = {name: value for name, value in request.GET.items() if value and name != "before"}
    last = found[PAGE - 1]
    return found[:PAGE], f"?{urlencode({**kept, 'before': str(queries.Cursor(last.at, last.pk))})}"


def _label(entry: AccessEntry) -> str:
    return str(dict(How.choices).get(entry.how, entry.how))


def _about(entry: AccessEntry) -> str:
    """What was read: the record type, which fields, how many."""
    if entry.entity not in entities:
        return ""
    entity = entities[entry.entity]
    names = [name for name in entry.fields.split(",") if name]
    shown_names = [columns.heading(entity.column(name)) for name in names if name in _known(entity)]
    said = _("%(records)s: %(fields)s") % {"records": entity.plural, "fields": ", ".join(shown_names[:8])}
    return said if shown_names else entity.plural


def _known(entity: Any) -> set[str]:
    return {each.name for each in entity.model._meta.concrete_fields}


def _url(entry: AccessEntry) -> str:
    """The record, or the list that was exported."""
    if entry.entity not in entities:
        return ""
    entity = entities[entry.entity]
    if entry.object_id is not None:
        return entity.url("detail", entry.object_id)
    return f"{entity.url('list')}?{entry.query.replace('_format=xlsx', '').replace('_format=csv', '')}"


@recent_login_required
def watched(request: HttpRequest) -> HttpResponse:
    """What is sensitive: record types, their fields, when opened, when exported."""
    actor: Any = request.user
    if access.grants(actor).scope(reading.SETTINGS, "view") != "all":
        raise Http404
    may_change = access.grants(actor).scope(reading.SETTINGS, "change") == "all"
    if request.method == "POST":
        entity = request.POST.get("entity", "")
        if entity not in entities:
            raise Http404
        allowed = fields_of(entities[entity])
        reading.watch(
            entity,
            fields=[name for name in request.POST.getlist("field") if name in allowed],
            opening="opening" in request.POST,
            exporting="exporting" in request.POST,
            actor=actor,
        )
        toasts.tell(request, _("%(records)s: what is logged is saved") % {"records": entities[entity].plural})
        return redirect("audit:watched")
    rules = reading.rules()
    rows = []
    for entity in shown():
        rule = rules.get(entity.name, reading.Rule(exporting=False))
        fields = [(name, columns.heading(entity.column(name)), name in rule.fields) for name in fields_of(entity)]
        rows.append((entity, rule, fields))
    rows.sort(key=lambda row: row[0].name not in rules)
    context = {"page_title": _("What is sensitive"), "tab": "watched", "rows": rows}
    context |= {"may_change": may_change, "may_set": True}
    return TemplateResponse(request, "audit/watched.html", context)
