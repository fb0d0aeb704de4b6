"""The hand-over on the page of a person: what he looks after, and the way to give it on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.handover import allotment, moving
from xiaoguan.apps.handover.models import Handover
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, figures, related
from xiaoguan.kit.panel import panel


def _shown(request: HttpRequest, person: Any) -> bool:
    if moving.may_start(request.user, person):
        return access.may(request.user, "view", Handover)
    own = related.count(Handover, request.user, {"owner": person.pk})
    return own is not None and own.exists()


@panel(Person, "handover", _("Hand-over"), position=70, icon="transfer", shown=_shown)
def handover(request: HttpRequest, person: Person) -> SafeString:
    """What somebody looks after, the button to hand it over, and the hand-overs there were."""
    may = moving.may_start(request.user, person)
    context = {
        "person": person,
        "held": allotment.held(person) if may else None,
        "may_start": may,
        "card": related.card(
            Handover, request.user, {"owner": person.pk}, cols="name reason day status", sort="-id", hide_empty=True
        ),
    }
    return render_to_string("handover/panel.html", context, request)


@figures.part(Person, "warning", position=20)
def still_holds(person: Person, actor: Any) -> SafeString:
    """Who has left and still looks after customers; the way to hand them over."""
    if not person.left_on or not moving.may_start(actor, person):
        return SafeString("")
    count = allotment.customers_of(person).count()
    if not count:
        return SafeString("")
    said = gettext("%(name)s leaves on %(day)s and still looks after %(n)s customers.") % {
        "name": person.name, "day": person.left_on.isoformat(), "n": f"{count:,}",
    }  # fmt: skip
    return format_html('{} <a href="{}">{}</a>', said, reverse("handing:start", args=[person.pk]), gettext("Hand over"))
