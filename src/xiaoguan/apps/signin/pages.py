"""Pages of sign-in that are ours: devices, linked accounts, what comes first, and what administrators set."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialApp
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from xiaoguan.apps.org import sessions, signins, throttle
from xiaoguan.apps.org.models import Person, Role, SignIn
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.signin import factors, linking, watch
from xiaoguan.apps.signin.way_form import WayForm
from xiaoguan.kit import access, toasts
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.pages import answers

EVENTS = 10
"""So many of the last ones; the audit has them all."""


def may_manage(actor: Any) -> bool:
    """Who sets how people get in: who hands out roles."""
    return access.may(actor, "change", Role)


def _administrators_only(request: HttpRequest) -> None:
    if not may_manage(request.user):
        raise Http404


# My own -------------------------------------------------------------------------------------------------------------


def end_devices(request: HttpRequest) -> HttpResponse:
    """Sign out one of my devices, or all but this one."""
    mark = request.POST.get("device", "")
    if mark:
        sessions.end_one(request.user, mark)
        toasts.tell(request, _("That device is signed out"))
    else:
        count = sessions.end(request.user, but=request.session.session_key)
        toasts.tell(request, _("Signed out elsewhere: %(count)s") % {"count": count})
    return redirect("/me/#devices")


def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a company account off my name."""
    if linking.unbind(Person.objects.get(pk=request.user.pk), pk) is None:
        raise Http404
    toasts.tell(request, _("The account is no longer linked"))
    return redirect("/me/#sign-in")


def factor_needed(request: HttpRequest) -> HttpResponse:
    """A role wants a second factor: say why, offer both kinds; whoever has one by now goes on."""
    due = watch.factor_due(request.user)
    if due is None:
        if sessions.VISIT in request.session:
            sessions.touch(request, factor_due="")
        return redirect("/")
    names = request.user.roles.filter(deleted_at__isnull=True, second_factor_from=due)
    return TemplateResponse(request, "signin/factor_needed.html", {"roles": [str(role) for role in names], "due": due})


# Of others ----------------------------------------------------------------------------------------------------------


def _person(request: HttpRequest, pk: int) -> Person:
    _administrators_only(request)
    person: Person = answers.get(Entity.of(Person), request.user, pk)
    return person


def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody out everywhere."""
    person = _person(request, pk)
    if not access.may(request.user, "set_roles", person):
        raise Denied("set_roles", person)
    count = sessions.end(person)
    work = Work(request.user, "end_sessions", Person._meta.label_lower, undoable=False)
    work.note(person, {"sessions": count}, {"sessions": 0})
    work.finish()
    toasts.tell(request, _("%(name)s is signed out everywhere") % {"name": person})
    return redirect(f"{person.entity.url('detail', person)}?tab=door")


def reset_factors(request: HttpRequest, pk: int) -> HttpResponse:
    """Take lost second factors away."""
    person = _person(request, pk)
    factors.reset(person, actor=request.user)
    toasts.tell(request, _("%(name)s signs in without a second factor until a new one is set up") % {"name": person})
    return redirect(f"{person.entity.url('detail', person)}?tab=door")


# Settings -----------------------------------------------------------------------------------------------------------


def settings_page(request: HttpRequest) -> HttpResponse:
    """Ways in, locks, rules, and the last events."""
    _administrators_only(request)
    rows = SignIn.objects.select_related("person").order_by("-at")
    context = {
        "page_title": _("Sign-in"),
        "ways": linking.applications(),
        "stored": set(SocialApp.objects.values_list("pk", flat=True)),
        "locks": throttle.locks(),
        "company": company(),
        "roles": Role.objects.filter(deleted_at__isnull=True).order_by("pk"),
        "events": [(row, signins.device(row.agent)) for row in rows[:EVENTS]],
        "may_audit": access.grants(request.user).scope("audit.log", "view") == "all",
    }
    return TemplateResponse(request, "signin/settings.html", context)


def way(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a way in; the secret can be replaced, never read."""
    _administrators_only(request)
    row = SocialApp.objects.filter(pk=pk).first() if pk else None
    if pk and row is None:
        raise Http404
    form = WayForm(request.POST if request.method == "POST" else None, row=row)
    if request.method == "POST" and form.is_valid():
        form.save(request.user)
        toasts.tell(request, _("%(way)s is saved") % {"way": form.cleaned_data["name"]})
        return redirect("signin:settings")
    context = {
        "page_title": row.name if row else _("New way in"),
        "form": form,
        "row": row,
        "callback": request.build_absolute_uri(f"/accounts/with/{row.provider_id}/back/") if row else "",
    }
    return TemplateResponse(request, "signin/way.html", context, status=422 if form.errors else 200)


def remove_way(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a way in; links people have made stay, should it come back."""
    _administrators_only(request)
    row = SocialApp.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    work = Work(request.user, "set_way_in", company()._meta.label_lower, undoable=False)
    work.note(company(), {"way_in": row.provider_id, "client_id": row.client_id}, {"way_in": None})
    row.delete()
    work.finish()
    toasts.tell(request, _("%(way)s is closed") % {"way": row.name})
    return redirect("signin:settings")


def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody, or an address, try again at once."""
    _administrators_only(request)
    row = throttle.lift(pk)
    if row is not None and row.person is not None:
        work = Work(request.user, "lift_lock", Person._meta.label_lower, undoable=False)
        work.note(row.person, {"failures": row.failures}, {"failures": 0})
        work.finish()
    toasts.tell(request, _("The lock is lifted"))
    return redirect("signin:settings")
