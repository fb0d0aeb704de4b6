"""Pages of people and the company that the declarations don't give: my profile, joining, roles, one-time links."""

from __future__ import annotations

from typing import Any

import segno
from django.conf.locale import LANG_INFO
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.org import account, invites
from xiaoguan.apps.org.actions import (
    EVERYDAY_ROLES,
    Joiner,
    introduce,
    join,
    prefer,
    set_roles,
)
from xiaoguan.apps.org.models import Company, Membership, Person, Role
from xiaoguan.apps.org.models.person import Density, Language, Theme, UnitDisplay
from xiaoguan.apps.org.preferences import remember_look
from xiaoguan.apps.org.queries import company as the_company, manager_of, members_on, teams
from xiaoguan.kit import access, problems, toasts
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.form import RecordForm
from xiaoguan.kit.pages import answers

CHOICES = {"language": Language, "theme": Theme, "density": Density, "unit_display": UnitDisplay}
OWN = ("english_name", "phone", "email")


# My account ---------------------------------------------------------------------------------------------------------


def me(request: HttpRequest) -> HttpResponse:
    """Who I am here, how to reach me, and how the pages look to me."""
    person = Person.objects.select_related("unit").get(pk=request.user.pk)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            return _save_me(request, person)
        except Invalid as problem:
            errors = problem.errors
    context = {
        "page_title": _("My account"),
        "manager": manager_of(person),
        "roles": person.roles.filter(deleted_at__isnull=True),
        "contact": [_own_input(person, name, request.POST, errors) for name in OWN],
        "looks": [_choice(person, name, kind, errors) for name, kind in CHOICES.items()],
        "errors": errors.get("", []),
        "sections": account.render(request),
    }
    return TemplateResponse(request, "org/me.html", context, status=422 if errors else 200)


def _save_me(request: HttpRequest, person: Person) -> HttpResponse:
    """Store one of the two forms of the page."""
    if request.POST.get("form") == "contact":
        values = {name: request.POST.get(name, "").strip() for name in OWN}
        introduce(person, actor=person, **values)
        toasts.tell(request, _("Your contact data is saved"))
        return redirect("me")
    chosen = {name: _picked(kind, request.POST.get(name, ""), name) for name, kind in CHOICES.items()}
    prefer(person, actor=person, **chosen)
    toasts.tell(request, _("Your preferences are saved"))
    return remember_look(redirect("me"), person, secure=request.is_secure())


def _picked(kind: Any, raw: str, name: str) -> Any:
    try:
        return kind(raw)
    except ValueError:
        raise Invalid({name: [problems.sentence("not_a_choice")]}) from None


def _own_input(person: Person, name: str, data: Any, errors: dict[str, list[str]]) -> Input:
    column = person.entity.column(name)
    raw = data.get(name, getattr(person, name)) if data.get("form") == "contact" else getattr(person, name)
    kind = {"phone": "phone", "email": "email"}.get(name, "text")
    label = capfirst(str(column.label))
    return Input(name, label, kind, raw, errors=errors.get(name, []), max_length=column.field.max_length)


def _choice(person: Person, name: str, kind: Any, errors: dict[str, list[str]]) -> Input:
    field = Person._meta.get_field(name)
    choices = [(str(code), str(LANG_INFO.get(code, {}).get("name_local", label))) for code, label in kind.choices]
    raw = getattr(person, name)
    return Input(
        name, capfirst(str(field.verbose_name)), "choice", raw, True, errors=errors.get(name, []), choices=choices
    )


# The company and its people -----------------------------------------------------------------------------------------


def company(request: HttpRequest) -> HttpResponse:
    """The one company's record; before there is one, its form."""
    found = the_company()
    return redirect(found.entity.url("detail", found) if found.created_at else Company.entity.url("new"))


def new_person(request: HttpRequest) -> HttpResponse:
    """Somebody joins: the person, the team and the post on one form; the next page offers the link."""
    if not access.may(request.user, "create", Person):
        raise Denied("create", Person)
    data = request.POST.dict() if request.method == "POST" else None
    initial = request.GET.dict()
    person = RecordForm(Entity.of(Person), request.user, data=data, initial=initial)
    person.inputs["username"].required = False
    person.inputs["username"].help = _("Left empty it is made from the name.")
    place = RecordForm(
        Entity.of(Membership), request.user, data=data, initial=initial, prefix="at_", names=("team", "post", "start")
    )
    if data is not None:
        made = _join(request, person, place)
        if made is not None:
            toasts.tell(request, _("%(name)s is on the books") % {"name": made})
            return redirect(f"{made.entity.url('detail', made)}?tab=access")
    context = {
        "page_title": _("Somebody joins"),
        "person": person,
        "place": place,
        "back": reverse("org:chart"),
    }
    return TemplateResponse(request, "org/join.html", context, status=422 if data is not None else 200)


def _join(request: HttpRequest, person: RecordForm, place: RecordForm) -> Person | None:
    """Store the joiner, or leave the messages on the forms; the same form sent twice is one person."""
    if known := Person.objects.filter(uid=person.uid, created_by=request.user).first():
        return known
    if not all([person.valid(), place.valid()]):
        return None
    values = dict(person.values)
    joiner = Joiner(
        name=values.pop("name"),
        username=values.pop("username", ""),
        position=values.pop("position", ""),
        team=place.values.get("team"),
        post=place.values.get("post", ""),
        start=place.values.get("start"),
        values={**values, "uid": person.uid},
    )
    try:
        return join(joiner, actor=request.user)
    except Invalid as problem:
        person.take(problem)
    except IntegrityError:
        return Person.objects.filter(uid=person.uid, created_by=request.user).first()
    return None


@answers.recent_login_required
def roles(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person the ticked roles."""
    person = answers.get(Entity.of(Person), request.user, pk)
    wanted = [int(key) for key in request.POST.getlist("role") if key.isascii() and key.isdigit()]
    done = set_roles(person, actor=request.user, roles=list(offered_roles(request.user).filter(pk__in=wanted)))
    toasts.tell(request, _("The roles of %(name)s are saved") % {"name": person}, done.change)
    return redirect(f"{person.entity.url('detail', person)}?tab=access")


def offered_roles(actor: Person) -> Any:
    """The roles this actor may hand out."""
    rows = Role.objects.filter(deleted_at__isnull=True).order_by("pk")
    return rows if access.may(actor, "change", Role) else rows.filter(code__in=EVERYDAY_ROLES)


# One-time links -----------------------------------------------------------------------------------------------------


def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a one-time link for one person and show it, once."""
    person = answers.get(Entity.of(Person), request.user, pk)
    made = invites.invite(person, actor=request.user)
    return _sheet(request, [made], _("One-time link"), person.entity.url("detail", person))


def links(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of a team: who has no password yet, and after a POST their links as QR codes to cut out."""
    team = teams().filter(pk=pk).first()
    if team is None or not access.may(request.user, "invite", Person):
        raise Http404
    inside = members_on(None, team, below=True).filter(is_active=True)
    if not access.may(request.user, "change", Role):
        inside = inside.exclude(roles__in=Role.objects.exclude(code__in=EVERYDAY_ROLES))
    waiting = [one for one in inside if not one.has_usable_password()]
    if request.method == "POST" and waiting:
        made = invites.invite_many(waiting, actor=request.user)
        return _sheet(request, made, team.name, team.entity.url("detail", team))
    context = {"page_title": _("One-time links"), "page_fact": team.name, "team": team, "waiting": waiting}
    return TemplateResponse(request, "org/links.html", context)


def _sheet(request: HttpRequest, made: list[invites.Link], title: str, back: str) -> HttpResponse:
    server = request.build_absolute_uri("/")
    cards = [{"person": one.invite.person, "url": one.url(server), "qr": qr(one.url(server))} for one in made]
    expires = made[0].invite.expires_at
    context = {"page_title": title, "cards": cards, "expires": expires, "back": back}
    response = TemplateResponse(request, "org/sheet.html", context)
    response["Cache-Control"] = "no-store"
    return response


def qr(text: str) -> SafeString:
    """A QR code as inline SVG."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=4, border=2, title=_("QR code")))
