"""One verb on many rows: chosen ones, or all that match the list's filters."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _, ngettext

from xiaoguan.kit import access, action, controls, form, kinds, problems, toasts
from xiaoguan.kit.action import Action, Done
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.list import bulk_actions, flat, template
from xiaoguan.kit.verbs import VerbForm

MOST = 5000


def bulk(request: HttpRequest, entity: Entity, name: str) -> HttpResponse:
    """Ask what the verb needs, then run it on every chosen row in one change."""
    offered = {each["name"]: each for each in bulk_actions(entity, request.user)}
    if name not in offered:
        if name in entity.actions or name in ("delete", "owner"):
            raise Denied(_verb(entity, name), entity.model)
        raise Http404
    listing = Listing(entity, request.user, flat(request.GET))
    rows = _chosen(request, listing, _verb(entity, name))
    if not rows:
        raise Invalid({"": [_("Choose at least one row that you may change.")]})
    ask = _Asked(entity, request.user, name, flat(request.POST) if "_confirmed" in request.POST else None)
    if "_confirmed" not in request.POST:
        return _show(request, entity, listing, ask, rows, offered[name])
    try:
        done = ask.run(rows)
    except Invalid as problem:
        ask.take(problem)
        done = None
    if done is None:
        return _show(request, entity, listing, ask, rows, offered[name], status=422)
    n = len(done.result) if isinstance(done.result, list | tuple) else len(rows)
    words = ngettext("%(what)s: %(n)s record", "%(what)s: %(n)s records", n) % {"what": offered[name]["label"], "n": n}
    toasts.tell(request, words, done.change)
    return answers.go(request, entity.url("list") + listing.address())


def _verb(entity: Entity, name: str) -> str:
    if name in entity.actions:
        return entity.actions[name].verb
    return "delete" if name == "delete" else "change"


def _chosen(request: HttpRequest, listing: Listing, verb: str) -> list[Any]:
    """The rows to work on: those the actor sees and may `verb`; with `all`, everything that matches."""
    if request.POST.get("all") == "1":
        if listing.problems:
            raise Invalid({"": listing.problems})
        rows = listing.matching
    else:
        ids = [int(raw) for raw in request.POST.getlist("ids") if raw.isascii() and raw.isdigit() and len(raw) < 19]
        rows = access.visible(listing.entity.model, request.user).filter(pk__in=ids[:MOST])
    links = [field.name for field in listing.entity.model._meta.concrete_fields if field.is_relation]
    allowed = access.scope_q(listing.entity.model, request.user, verb)
    if allowed is None:
        return []
    return list(rows.filter(allowed).select_related(*links).order_by("pk")[:MOST])


class _Asked:
    """What a bulk verb needs to know: the arguments of an action, a new owner, or nothing."""

    def __init__(self, entity: Entity, actor: Any, name: str, data: dict[str, str] | None) -> None:
        self.entity = entity
        self.actor = actor
        self.name = name
        self.action: Action | None = entity.actions.get(name)
        self.verb_form = VerbForm(self.action, actor, data=data) if self.action else None
        self.errors: list[str] = []
        self.owner = self._owner(data) if name == "owner" else None

    def _owner(self, data: dict[str, str] | None) -> controls.Input:
        column = self.entity.column("owner")
        item = controls.Input(
            name="owner", label=_("New owner"), kind="person", raw=(data or {}).get("owner", ""), required=True
        )
        form.fill_options(item, column.field.related_model, self.actor)
        return item

    @property
    def inputs(self) -> list[controls.Input]:
        """What to show."""
        if self.verb_form is not None:
            return self.verb_form.inputs
        return [self.owner] if self.owner else []

    def take(self, problem: Invalid) -> None:
        """Show a refused write beside its input."""
        if self.verb_form is not None:
            self.verb_form.take(problem)
            self.errors += self.verb_form.errors
        else:
            self.errors += [str(text) for texts in problem.errors.values() for text in texts]

    def run(self, rows: list[Any]) -> Done | None:
        """Run it; None when an argument is wrong."""
        if self.action is not None and self.verb_form is not None:
            values = self.verb_form.values()
            return None if values is None else self.action(rows, actor=self.actor, **values)
        if self.owner is not None:
            try:
                person = form.read_value(self.entity.column("owner"), self.owner.raw, self.actor)
            except kinds.Unparsable as problem:
                self.owner.errors.append(problems.sentence(problem.code, "person"))
                return None
            return action.update(rows, {"owner": person}, actor=self.actor)
        return action.remove(rows, actor=self.actor)


def _show(
    request: HttpRequest,
    entity: Entity,
    listing: Listing,
    ask: _Asked,
    rows: list[Any],
    offer: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """How many rows, and what the verb needs."""
    everything = request.POST.get("all") == "1"
    context = {
        "entity": entity,
        "offer": offer,
        "inputs": ask.inputs,
        "form": ask.verb_form,
        "errors": ask.errors,
        "n": len(rows),
        "ids": [] if everything else [row.pk for row in rows],
        "everything": everything,
        "titles": [entity.title_of(row) for row in rows[:5]],
        "more": max(0, len(rows) - 5),
        "matching": listing.totals.count if not everything else 0,
        "url": entity.url("bulk", offer["name"]) + listing.address(),
        "back": entity.url("list") + listing.address(),
        "page_title": str(offer["label"]),
        "limit": MOST,
    }
    name = template(entity, "bulk")
    if request.htmx:
        return answers.dialog(request, name, context, status)
    return TemplateResponse(request, name, {**context, "dialog": False}, status=status)
