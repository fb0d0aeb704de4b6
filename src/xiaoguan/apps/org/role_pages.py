"""Pages of roles: what a change would mean, saving it, back to how it was delivered, a copy, two side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.org import role_grid, role_preview
from xiaoguan.apps.org.actions import set_grants
from xiaoguan.apps.org.models import Person, Role
from xiaoguan.kit import access, draft, toasts
from xiaoguan.kit.action import create
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.answers import recent_login_required


def _role(request: HttpRequest, pk: int, verb: str = "view") -> Role:
    role: Role = answers.get(Entity.of(Role), request.user, pk)
    if not access.may(request.user, verb, role):
        raise Denied(verb, role)
    return role


def _version(data: QueryDict) -> int | None:
    seen = data.get("_version", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None


def _page(role: Role, tab: str = "grants") -> str:
    return f"{role.entity.url('detail', role)}?tab={tab}"


@recent_login_required
def grants(request: HttpRequest, pk: int) -> HttpResponse:
    """Store the grid of a role; it holds at once."""
    role = answers.get(Entity.of(Role), request.user, pk)
    done = set_grants(
        role,
        actor=request.user,
        expect_version=_version(request.POST),
        grants=role_grid.changed(role, request.POST),
        masks=role_grid.masked(role, request.POST),
    )
    toasts.tell(request, _("What the role allows is saved"), done.change)
    return redirect(_page(role))


@recent_login_required
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the posted grid would change for whom; `person` says whose view to count."""
    role = _role(request, pk, "change")
    data = request.POST if request.method == "POST" else draft.take(request)
    if data is None:
        return redirect(_page(role))
    wanted, masks = role_grid.changed(role, data), role_grid.masked(role, data)
    found = role_preview.preview(role, wanted, masks)
    holders = role.people.filter(is_active=True, deleted_at__isnull=True).order_by("name")
    chosen = _chosen(holders, data.get("person", ""))
    kept = [
        (name, value)
        for name in data
        for value in data.getlist(name)
        if not name.startswith("csrf") and name != "person"
    ]
    context = {
        "page_title": _("What would change"),
        "page_fact": str(role),
        "role": role,
        "found": found,
        "kept": kept,
        "holders": holders,
        "chosen": chosen,
        "seen": role_preview.seen_by(chosen, role, wanted, masks) if chosen else [],
        "back": _page(role),
    }
    return TemplateResponse(request, "org/role_preview.html", context)


def _chosen(people: Any, text: str) -> Person | None:
    return people.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 19 else None


@recent_login_required
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a built-in role say again what it said when delivered."""
    role = _role(request, pk, "change")
    standard = role_grid.standard(role)
    if standard is None:
        raise Http404
    done = set_grants(role, actor=request.user, grants=standard[0], masks=standard[1])
    toasts.tell(request, _("%(role)s is as delivered") % {"role": role}, done.change)
    return redirect(_page(role))


@recent_login_required
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new role that allows the same, under another name."""
    role = _role(request, pk)
    name = request.POST.get("name", "").strip()
    if not name:
        raise Invalid({"name": [_("Type a name for the new role.")]})
    values = {"name": name, "description": role.description, "grants": role.grants, "masks": role.masks}
    made = create(Role, values, actor=request.user)
    toasts.tell(request, _("%(name)s allows what %(role)s allows") % {"name": made, "role": role})
    return redirect(_page(made))


def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What two roles say differently."""
    role = _role(request, pk)
    others = access.visible(Role, request.user).exclude(pk=role.pk).order_by("pk")
    text = request.GET.get("with", "")
    found = others.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 19 else None
    context = {
        "page_title": _("Compare roles"),
        "page_fact": str(role),
        "role": role,
        "others": others,
        "other": found,
        "changes": role_grid.differences(role_grid.rows(role), role_grid.rows(found)) if found else [],
        "back": _page(role),
    }
    return TemplateResponse(request, "org/role_compare.html", context)
