"""The pages of kept views: saving what a list shows, and arranging, renaming, sharing and deleting."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.kit import access, keeping, toasts, views
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.models.view import SavedView
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.list import MODES, flat


def save_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Ask for a name and keep the list of this address; `_into` puts it into a view one has already."""
    listing = _listing(request, entity)
    mode = request.GET.get("_page", "list")
    state = listing.state(mode if mode in MODES else "list")
    posted = request.POST if request.method == "POST" else {}
    if "_into" in posted:
        view = _own(entity, request.user, posted["_into"])
        change = keeping.change(entity, view, {"query": keeping.text_of(state)}, actor=request.user)
        toasts.tell(request, _("“%(view)s” is saved") % {"view": view.name}, change)
        return answers.go(request, f"{entity.url('list')}?view=s{view.pk}")
    errors: dict[str, list[Any]] = {}
    if posted:
        try:
            name, shared = posted.get("name", ""), posted.get("shared", "")
            made, change = keeping.save(entity, name, state, actor=request.user, shared=shared)
        except Invalid as problem:
            errors = problem.errors
        else:
            if posted.get("start"):
                keeping.arrange(entity, actor=request.user, start=f"s{made.pk}")
            toasts.tell(request, _("“%(view)s” is a view of yours now") % {"view": made.name}, change)
            return answers.go(request, f"{entity.url('list')}?view=s{made.pk}")
    context = {
        "entity": entity,
        "page_title": _("Save as view"),
        "url": request.get_full_path(),
        "back": entity.url("list") + listing.address(),
        "errors": errors,
        "name": posted.get("name", ""),
        "shared": _sharings(entity, request.user, posted.get("shared", "")),
        "start": bool(posted.get("start")),
    }
    return _answer(request, "kit/view_save.html", context, 422 if errors else 200)


def views_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """All views of a list with what can be done to them; a POST does one of these things."""
    listing = _listing(request, entity)
    errors: dict[str, list[Any]] = {}
    said, done, trouble = "", None, ""
    if request.method == "POST":
        verb, _mark, code = request.POST.get("_do", "").partition(":")
        try:
            said, done = _do(request, entity, verb, code)
        except Invalid as problem:
            errors, trouble = problem.errors, code
        if not errors and not request.htmx:
            toasts.tell(request, said, done)
            return answers.go(request, request.get_full_path())
    context = {
        "entity": entity,
        "page_title": _("Views of %(records)s") % {"records": entity.plural},
        "url": request.get_full_path(),
        "back": entity.url("list") + listing.address(),
        "rows": _rows(entity, request.user, trouble),
        "errors": errors,
    }
    response = _answer(request, "kit/views.html", context, 422 if errors else 200)
    return toasts.attach(response, said, done) if done is not None else response


def _do(request: HttpRequest, entity: Entity, verb: str, code: str) -> tuple[str, Change]:
    """Run one verb of the page; answers what to tell and the change that can be taken back."""
    actor = request.user
    codes = [each.code for each in views.everyone(entity, actor)]
    if verb == "order":
        wanted = [one for one in request.POST.getlist("codes") if one in codes]
        order = [*wanted, *[one for one in codes if one not in wanted]]
        return _("The tabs are in this order now"), keeping.arrange(entity, actor=actor, order=order)
    if code not in codes:
        raise Http404
    if verb in ("up", "down"):
        at = codes.index(code)
        to = min(max(at + (-1 if verb == "up" else 1), 0), len(codes) - 1)
        codes.insert(to, codes.pop(at))
        return _("The tabs are in this order now"), keeping.arrange(entity, actor=actor, order=codes)
    label = str(next(each.label for each in views.everyone(entity, actor) if each.code == code))
    if verb in ("hide", "show"):
        away = views.hidden(entity, actor)
        away = away | {code} if verb == "hide" else away - {code}
        if not set(codes) - away:
            raise Invalid({"": [_("One tab has to stay.")]})
        text = _("“%(view)s” is put away") if verb == "hide" else _("“%(view)s” is a tab again")
        return text % {"view": label}, keeping.arrange(entity, actor=actor, hidden=away)
    if verb == "start":
        text = _("The list opens with “%(view)s” now") % {"view": label}
        return text, keeping.arrange(entity, actor=actor, start=code)
    view = _own(entity, actor, code)
    if verb == "delete":
        return _("“%(view)s” is deleted") % {"view": label}, keeping.remove(view, actor=actor)
    if verb == "change":
        values = {key: request.POST[key] for key in ("name", "shared") if key in request.POST}
        change = keeping.change(entity, view, values, actor=actor)
        return _("“%(view)s” is saved") % {"view": view.name}, change
    raise Http404


def _listing(request: HttpRequest, entity: Entity) -> Listing:
    if not access.may(request.user, "view", entity.model):
        raise Denied("view", entity.model)
    rest = {name: value for name, value in flat(request.GET).items() if not name.startswith("_")}
    return Listing(entity, request.user, rest)


def _own(entity: Entity, actor: Any, code: str) -> SavedView:
    """A view of one's own by its code; «not found» for anybody else's."""
    raw = code.removeprefix("s")
    if not raw.isascii() or not raw.isdigit() or len(raw) > 18:
        raise Http404
    view = views.usable(entity, actor).filter(owner=actor.pk, pk=int(raw)).first()
    if view is None:
        raise Http404
    return view


def _sharings(entity: Entity, actor: Any, now: str) -> list[tuple[str, str, bool]]:
    labels = dict(SavedView.Shared.choices)
    return [(code, str(labels[code]), code == now) for code in keeping.sharings(entity, actor)]


def _rows(entity: Entity, actor: Any, trouble: str) -> list[dict[str, Any]]:
    """The views as the page shows them."""
    away, start = views.hidden(entity, actor), views.default(entity, actor)
    found = []
    for each in views.everyone(entity, actor):
        own = each.saved is not None and each.saved.owner_id == actor.pk
        found.append(
            {
                "code": each.code,
                "label": str(each.label),
                "hidden": each.code in away,
                "start": each.code == start.code,
                "own": own,
                "by": each.saved.owner if each.saved is not None and not own else None,
                "shared": _sharings(entity, actor, each.saved.shared) if own and each.saved else [],
                "trouble": each.code == trouble,
            }
        )
    return found


def _answer(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    if request.htmx:
        return answers.dialog(request, template, context, status)
    return TemplateResponse(request, template, {**context, "dialog": False}, status=status)
