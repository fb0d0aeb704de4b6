"""Where the organisation stands in the navigation, and the tabs above the list of people."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org.models import CalendarDay, Company, Deputy, ExchangeRate, Membership, Person, Role, Team
from xiaoguan.kit import access, filters, nav, views
from xiaoguan.kit.pages import emptiness

nav.page(
    "settings",
    _("Organisation chart"),
    "org:chart",
    icon="sitemap",
    position=10,
    shown=lambda actor: access.may(actor, "view", Team),
)
nav.page(
    "settings",
    _("Company"),
    "org:company",
    icon="building-skyscraper",
    position=60,
    shown=lambda actor: access.may(actor, "change", Company),
)
views.view(Person, "all", _("At work"), "is_active=1&sort=name", position=10)
views.view(Person, "left", _("Have left"), "is_active=0&sort=-left_on", position=90)


@filters.condition(Person, "absent", _("has never signed in"))
def never_signed_in(_actor: Any) -> Q:
    """At work, but never seen here: the one-time link got lost or was never handed out."""
    return Q(last_login__isnull=True, is_active=True)


views.view(
    Person,
    "absent",
    _("Never signed in"),
    "is=absent&sort=name",
    position=50,
    shown=lambda actor: access.may(actor, "change", Person),
)

nav.chapter(
    "settings",
    _("People and teams"),
    "org:chart",
    "org.person",
    "org.team",
    "org.membership",
    "org:deputies",
    "org.deputy",
    "org.calendarday",
    "org.exchangerate",
    "org:company",
    position=10,
)
nav.chapter("settings", _("Rights and security"), "org.role", "org:why", position=30)

emptiness.teach(
    CalendarDay, _("Days that differ from the usual calendar: a company holiday, a Saturday that is worked.")
)
emptiness.teach(
    ExchangeRate,
    _("What other currencies are worth, from which day on. Deals, contracts and receipts take them from here."),
)
emptiness.teach(Team, _("Who belongs together and who leads them. Teams decide who sees whose records."))
emptiness.teach(Role, _("What people in one job may see and do. A person with two roles may do what either allows."))
emptiness.teach(Membership, _("Who was in which team, from when to when. Figures of then stay with the team of then."))
emptiness.teach(Deputy, _("Who stands in for whom, and until when: it begins and ends by itself."))
emptiness.teach(Person, _("Everybody who sells or looks after those who do, with or without a sign-in."))
