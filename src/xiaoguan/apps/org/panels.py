"""Tabs on the records of people and teams: where somebody has been, who is in a team, how somebody gets in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org import explaining, role_grid
from xiaoguan.apps.org.chart_page import member_list
from xiaoguan.apps.org.models import Deputy, Invite, Membership, Person, Role, Team
from xiaoguan.apps.org.pages import offered_roles
from xiaoguan.apps.org.queries import manager_of, members_on, memberships_on
from xiaoguan.kit import access, clock
from xiaoguan.kit.panel import panel

HOLDERS = 200


def _may_admit(request: HttpRequest, person: Person) -> bool:
    actor: Any = request.user
    return access.may(actor, "invite", person) or access.may(actor, "set_roles", person)


@panel(Person, "teams", _("Teams"), position=20, icon="users-group")
def stays(request: HttpRequest, person: Person) -> SafeString:
    """Every stay in a team, newest first, who leads him, and who stands in."""
    context = {
        "person": person,
        "stays": Membership.objects.filter(person=person, deleted_at__isnull=True)
        .select_related("team")
        .order_by("-start", "-pk"),
        "manager": manager_of(person),
        "stand_ins": Deputy.objects.filter(person=person, deleted_at__isnull=True)
        .select_related("deputy")
        .order_by("-start")[:20],
        "today": clock.today(),
        "may_place": access.may(request.user, "place", person),
        "may_deputise": access.may(request.user, "deputise", person),
    }
    return render_to_string("org/stays.html", context, request)


@panel(Person, "access", _("Roles and sign-in"), position=80, icon="shield-lock", shown=_may_admit)
def admission(request: HttpRequest, person: Person) -> SafeString:
    """Roles to tick, whether he has a password, and the button for a one-time link."""
    held = set(person.roles.values_list("pk", flat=True))
    newest = Invite.objects.filter(person=person, deleted_at__isnull=True).order_by("-pk").first()
    context = {
        "person": person,
        "roles": [(role, role.pk in held) for role in offered_roles(request.user)],
        "kept": person.roles.exclude(pk__in=offered_roles(request.user)),
        "may_roles": access.may(request.user, "set_roles", person),
        "may_invite": access.may(request.user, "invite", person) and person.is_active,
        "invite": newest if newest and newest.open_at(clock.machine_now()) else None,
        "csrf_token": get_token(request),
    }
    return render_to_string("org/access.html", context, request)


def _headcount(request: HttpRequest, team: Team) -> int:
    return memberships_on(None, [team]).count()


@panel(Team, "members", _("Members"), count=_headcount, position=10, icon="users")
def members(request: HttpRequest, team: Team) -> SafeString:
    """Who is in the team today, leaders first."""
    below = members_on(None, team, below=True).count()
    context = {
        "team": team,
        "people": member_list(team),
        "below": below,
        "may_invite": access.may(request.user, "invite", Person),
        "may_join": access.may(request.user, "create", Person),
    }
    return render_to_string("org/members.html", context, request)


@panel(Role, "grants", _("What it allows"), position=10, icon="shield-check")
def allowed(request: HttpRequest, role: Role) -> SafeString:
    """The grid of record types and verbs: to edit for who may change roles, to read for others."""
    context = {
        "role": role,
        "verbs": role_grid.VERB_WORDS.values(),
        "scopes": list(role_grid.SCOPE_WORDS.items()),
        "rows": role_grid.rows(role),
        "may_change": access.may(request.user, "change", role),
        "may_copy": access.may(request.user, "create", Role),
        "built_in": role_grid.standard(role) is not None,
        "as_delivered": role_grid.is_standard(role),
    }
    return render_to_string("org/grants.html", context, request)


@panel(Role, "holders", _("Holders"), position=20, icon="users")
def holders(request: HttpRequest, role: Role) -> SafeString:
    """Who has this role and may sign in, and since when."""
    found = explaining.holders(role)
    return render_to_string("org/holders.html", {"people": found[:HOLDERS], "count": len(found)}, request)
