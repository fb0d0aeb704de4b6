"""A tab on a person's record for administrators: second factors, devices, the last events at the door."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org import signins
from xiaoguan.apps.org.models import Person, SignIn
from xiaoguan.apps.signin import factors, sections
from xiaoguan.apps.signin.pages import may_manage
from xiaoguan.kit.panel import panel

EVENTS = 20


def _shown(request: HttpRequest, person: Person) -> bool:
    return may_manage(request.user)


@panel(Person, "door", _("Devices"), position=82, icon="device-desktop", shown=_shown)
def door(request: HttpRequest, person: Person) -> SafeString:
    """How somebody gets in and where from."""
    context = {
        "person": person,
        "held": factors.of(person),
        "may_reset": factors.may_reset(request.user, person),
        "rows": sections.device_rows(person),
        "events": event_rows(SignIn.objects.filter(person=person)[:0] if person.system else _events(person)),
        "csrf_token": get_token(request),
    }
    return render_to_string("signin/door.html", context, request)


def _events(person: Person) -> list[SignIn]:
    return list(SignIn.objects.filter(person=person).order_by("-at")[:EVENTS])


def event_rows(rows: list[SignIn]) -> list[tuple[SignIn, str]]:
    """Events with the device in two words."""
    return [(row, signins.device(row.agent)) for row in rows]
