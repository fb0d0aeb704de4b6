"""«Why can, or can't, she see this?»: one page for administrators, and for managers about the people they lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.org import explaining, role_grid
from xiaoguan.apps.org.models import Person, Role
from xiaoguan.apps.org.queries import leads_anybody
from xiaoguan.kit import access, columns, figures, nav, render
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.form import fill_options
from xiaoguan.kit.pages import answers


def may_ask(actor: Any) -> bool:
    """Whether somebody may ask about others at all: who may read the roles, and leaders."""
    return access.may(actor, "view", Role) or leads_anybody(actor)


def may_ask_about(actor: Any, person: Person) -> bool:
    """Whether somebody may ask about this person: anybody for who reads the roles, else himself and whom he leads."""
    if access.may(actor, "view", Role) or person.pk == actor.pk:
        return True
    return access.policy().reaches(actor, person.pk, None, leading=True)


def why(request: HttpRequest) -> HttpResponse:
    """Choose a person, a record, a verb and perhaps a field; the answer stands beside it."""
    actor: Any = request.user
    if not may_ask(actor):
        raise Http404
    asked = {name: request.GET.get(name, "").strip() for name in ("person", "kind", "record", "verb", "field")}
    entity = entities.get(asked["kind"])
    entity = entity if entity in _kinds(actor) else None
    person = _person(actor, asked["person"])
    number = asked["record"] if len(asked["record"]) < 19 else ""
    record = answers.get(entity, actor, int(number)) if entity and number.isdecimal() else None
    found = None
    if person is not None and entity is not None and (record is not None or asked["verb"] in ("create", "import")):
        found = _explain(actor, person, entity, record, asked)
    context = {
        "page_title": _("Why can, or can't, somebody do this?"),
        "inputs": _inputs(actor, asked, entity, person, record),
        "found": found,
        "entity": entity,
        "record": record,
        "record_title": entity.title_of(record) if entity and record is not None else "",
    }
    return TemplateResponse(request, "org/why.html", context)


def _explain(actor: Any, person: Person, entity: Entity, record: Any, asked: dict[str, str]) -> explaining.Explanation:
    verb = asked["verb"] if asked["verb"] in dict(explaining.reaching_verbs(entity)) else "view"
    name = asked["field"] if asked["field"] in _fields(actor, entity) and verb == "view" else ""
    subject = entity.model if record is None else record
    return explaining.explain(person, verb, subject, name=name, asker=actor)


def _person(actor: Any, text: str) -> Person | None:
    """The person asked about; «not found» for somebody out of reach."""
    if not text.isdecimal() or len(text) > 18:
        return None
    person = access.visible(Person, actor).filter(pk=int(text)).first()
    if person is None or not may_ask_about(actor, person):
        raise Http404
    return person


def _kinds(actor: Any) -> list[Entity]:
    return [entity for entity in role_grid.shown() if access.may(actor, "view", entity.model)]


def _fields(actor: Any, entity: Entity) -> list[str]:
    """The fields the asker himself may see."""
    return [name for name in role_grid.fields_of(entity) if access.readable(actor, entity, name)]


def _inputs(actor: Any, asked: dict[str, str], entity: Entity | None, person: Any, record: Any) -> list[Input]:
    """The questions, those about the record once its kind is chosen."""
    who = Input("person", _("Person"), "link", asked["person"] if person else "", True)
    who.fill = lambda item: fill_options(item, Person, actor)
    kinds = [(each.name, each.plural) for each in _kinds(actor)]
    found = [who, Input("kind", _("Kind of record"), "choice", entity.name if entity else "", True, choices=kinds)]
    if entity is None:
        return found
    which = Input("record", capfirst(entity.label), "link", str(record.pk) if record is not None else "")
    model = entity.model
    which.fill = lambda item: fill_options(item, model, actor)
    verb = asked["verb"] or "view"
    what = Input("verb", _("What"), "choice", verb, True, choices=explaining.reaching_verbs(entity))
    fields = [(name, columns.heading(entity.column(name))) for name in _fields(actor, entity)]
    return [*found, which, what, Input("field", _("Field"), "choice", asked["field"], choices=fields)]


def address(record: Any) -> str:
    """The page with a record already chosen."""
    return f"{reverse('org:why')}?{urlencode({'kind': record._meta.label_lower, 'record': record.pk})}"


def _menu_entry(record: Any, actor: Any) -> SafeString | str:
    if not may_ask(actor):
        return ""
    text = _("Who can see this, and why?")
    return format_html('<a class="menu-item" href="{}">{}{}</a>', address(record), render.icon("eye"), text)


def register_all() -> None:
    """Put the question into the menu of every record; called when all models are known."""
    for entity in list(entities.values()):
        figures.part(entity.model, "menu")(_menu_entry)


nav.page(
    "settings", explaining.TITLE, "org:why", icon="eye", position=70, shown=may_ask
)  # fmt: skip
