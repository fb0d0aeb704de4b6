"""What must be done before it is lost: customers about to go to the pool, leads without an answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals import agreeing
from xiaoguan.apps.leads.models import Lead
from xiaoguan.apps.leads.models.lead import OPEN
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, clock, render
from xiaoguan.kit.entity import Entity

AHEAD = dt.timedelta(days=7)


def lines(actor: Any, person: Person) -> SafeString:
    """One line for each that there is, with the way to them; nothing where nothing waits."""
    found = [line for line in (_leaving(actor, person), _unanswered(actor, person), proposed(actor, person)) if line]
    return format_html_join("", "{}", ((line,) for line in found))


def _leaving(actor: Any, person: Person) -> SafeString | None:
    """Customers of this person that a rule takes within a week."""
    today = clock.today()
    seen = access.visible(Customer, actor).filter(owner=person, holding__leaves_on__lte=today + AHEAD)
    told = seen.order_by().aggregate(n=Count("pk"), first=Min("holding__leaves_on"))
    if not told["n"]:
        return None
    days = max(1, (told["first"] - today).days)
    words = ngettext(
        "%(n)s customer goes to the pool within %(days)s days: do something.",
        "%(n)s customers go to the pool within a week, the first within %(days)s days: do something.",
        told["n"],
    )
    url = f"{reverse('public_pool:tonight')}?owner={person.pk}"
    return _line("hourglass", words % {"n": told["n"], "days": days}, url, _("See which"))


def _unanswered(actor: Any, person: Person) -> SafeString | None:
    """Leads of this person that have had no answer, and those of the team nobody has taken."""
    rows = access.visible(Lead, actor).filter(status__in=OPEN).order_by()
    mine = Q(owner=person, first_response_at__isnull=True)
    told = rows.filter(mine | Q(owner__isnull=True)).aggregate(
        mine=Count("pk", filter=mine), free=Count("pk", filter=Q(owner__isnull=True))
    )
    if not told["mine"] and not told["free"]:
        return None
    said = []
    if n := told["mine"]:
        said.append(ngettext("%(n)s lead of yours is unanswered", "%(n)s leads of yours are unanswered", n) % {"n": n})
    if n := told["free"]:
        said.append(ngettext("%(n)s lead is to be taken", "%(n)s leads are to be taken", n) % {"n": n})
    view = "unanswered" if told["mine"] else "waiting"
    return _line("user-plus", _(", ").join(said), f"{Entity.of(Lead).url('list')}?view={view}", _("See which"))


def proposed(actor: Any, person: Person) -> SafeString | None:
    """Targets that somebody proposes to the reader, and answers to his own proposals; on nobody else's home."""
    if actor.pk != person.pk:
        return None
    turns = agreeing.turns(actor).order_by()
    told = turns.aggregate(theirs=Count("pk", filter=~Q(person=actor)), own=Count("pk", filter=Q(person=actor)))
    theirs, own = told["theirs"], told["own"]
    said = []
    if theirs:
        text = ngettext("%(n)s person proposes targets to you", "%(n)s people propose targets to you", theirs)
        said.append(text % {"n": theirs})
    if own:
        said.append(_("your manager has answered your proposal"))
    return _line("target", _(", ").join(said), reverse("goals:proposals"), _("See which")) if said else None


def _line(icon: str, words: str, url: str, link: str) -> SafeString:
    return format_html(
        '<div class="notice notice-amber">{}<p>{}</p><a class="push nowrap" href="{}">{}</a></div>',
        render.icon(icon),
        words,
        url,
        link,
    )
