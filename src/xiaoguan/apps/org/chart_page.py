"""The organisation drawn as a tree: teams, who leads them, how many people; deep branches load when opened."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.org.models import Membership, Person, Team
from xiaoguan.apps.org.models.membership import LEADING, Post
from xiaoguan.apps.org.queries import managers_of, memberships_on, teams
from xiaoguan.kit import access, blocks, clock, render
from xiaoguan.kit.errors import Denied

SMALL = 40
"""Up to so many teams the whole tree is drawn at once."""
DEPTH = 2
MEMBERS_SHOWN = 200


@dataclass
class Drawing:
    """The tree as of a day; everything the nodes need is read in a fixed number of queries."""

    day: dt.date
    reader: Person

    @cached_property
    def children(self) -> dict[int | None, list[Team]]:
        """Teams by parent; a team whose parent is gone stands at the top."""
        found = list(teams())
        known = {team.pk for team in found}
        by_parent: dict[int | None, list[Team]] = {}
        for team in found:
            by_parent.setdefault(team.parent_id if team.parent_id in known else None, []).append(team)
        access.covered(self.reader, *found)
        return by_parent

    @cached_property
    def direct(self) -> Counter[int]:
        """How many people each team has itself."""
        rows = memberships_on(self.day).order_by().values("team_id").annotate(people=Count("person", distinct=True))
        return Counter(dict(rows.values_list("team_id", "people")))

    @cached_property
    def managers(self) -> dict[int, list[Person]]:
        """Who leads each team."""
        return managers_of(*self.direct, day=self.day) if self.direct else {}

    def below(self, team: Team) -> int:
        """Teams at any depth under a team."""
        return sum(1 + self.below(child) for child in self.children.get(team.pk, ()))

    def people(self, team: Team) -> int:
        """People of a team and of all teams under it."""
        return self.direct[team.pk] + sum(self.people(child) for child in self.children.get(team.pk, ()))

    def branch(self, parent: int | None, depth: int) -> SafeString:
        """The list of teams under a parent, `depth` levels of it, the rest on demand."""
        return format_html_join("", "{}", ((self._item(team, depth),) for team in self.children.get(parent, ())))

    def _item(self, team: Team, depth: int) -> SafeString:
        under = self.children.get(team.pk)
        if not under:
            inner: SafeString | str = ""
        elif depth > 1:
            inner = format_html('<ul class="org-branch">{}</ul>', self.branch(team.pk, depth - 1))
        else:
            inner = self._closed(team)
        return format_html('<li class="org-item" id="team-{}">{}{}</li>', team.pk, self._card(team), inner)

    def _closed(self, team: Team) -> SafeString:
        """A branch that loads when it is opened; without script its link opens the tree from here."""
        count = self.below(team)
        words = ngettext("%(count)s team below", "%(count)s teams below", count) % {"count": count}
        return format_html(
            '<ul class="org-branch"><li class="org-item org-more">'
            '<a class="btn btn-small btn-quiet" href="{}?from={}" hx-get="{}" hx-target="closest ul" '
            'hx-swap="innerHTML" hx-push-url="false">{}{}</a></li></ul>',
            reverse("org:chart"),
            team.pk,
            reverse("org:branch", args=[team.pk]),
            render.icon("chevron-down"),
            words,
        )

    def _card(self, team: Team) -> SafeString:
        total, own = self.people(team), self.direct[team.pk]
        words = ngettext("%(count)s person", "%(count)s people", total) % {"count": render.number(total)}
        if own != total:
            words = _("%(people)s, %(own)s of them here") % {"people": words, "own": render.number(own)}
        leaders = self.managers.get(team.pk, [])
        led = format_html_join("", "{}", ((_leader(person),) for person in leaders)) or format_html(
            '<span class="muted">{}</span>', _("no manager")
        )
        return format_html(
            '<article class="org-card card" aria-label="{name}">{seal}<div class="org-card-main">'
            '<h3><a href="{url}" data-open="{url}">{name}</a></h3>{motto}<p class="org-leaders">{led}</p></div>'
            '<details class="org-members"><summary>{people}</summary>'
            '<div hx-get="{members}" hx-trigger="toggle from:closest details once" hx-push-url="false">'
            '<a href="{url}?tab=members">{open}</a></div></details></article>',
            name=team.name,
            seal=seal(team),
            url=team.entity.url("detail", team),
            motto=format_html('<p class="org-motto">{}</p>', team.motto) if team.motto else "",
            led=led,
            people=words,
            members=reverse("org:members", args=[team.pk]),
            open=_("Members"),
        )


def seal(team: Team) -> SafeString:
    """The team's animal as a seal; nothing for a team without one."""
    return format_html('<span class="org-seal">{}</span>', team.get_badge_display()) if team.badge else SafeString("")


def _leader(person: Person) -> SafeString:
    return format_html('<a href="{}">{}</a>', person.entity.url("detail", person), render.person(person.name))


def chart(request: HttpRequest) -> HttpResponse:
    """The page; `?from=` draws one branch only."""
    _may_look(request)
    drawing = Drawing(clock.today(), request.user)
    start = request.GET.get("from", "")
    root = teams().filter(pk=start).first() if start.isascii() and start.isdigit() else None
    shown = sum(map(len, drawing.children.values()))
    depth = 99 if shown <= SMALL else DEPTH + (root is not None)
    tree = drawing._item(root, depth) if root else drawing.branch(None, depth)
    people = memberships_on(drawing.day).order_by().values("person").distinct().count()
    fact = ngettext("%(count)s team", "%(count)s teams", shown) % {"count": render.number(shown)}
    context = {
        "page_title": root.name if root else _("Organisation chart"),
        "page_fact": f"{fact} · " + ngettext("%(count)s person", "%(count)s people", people) % {"count": people},
        "tree": tree,
        "root": root,
        "empty": "" if shown else _nothing(request),
        "may_join": access.may(request.user, "create", Person),
        "may_build": access.may(request.user, "create", Team),
    }
    return TemplateResponse(request, "org/chart.html", context)


def _nothing(request: HttpRequest) -> SafeString:
    may = access.may(request.user, "create", Team)
    act = blocks.Act(_("New team"), reverse("teams:new"), "plus") if may else None
    return blocks.empty(_("No teams yet"), _("Teams and who leads them stand here as a tree."), action=act)


def branch(request: HttpRequest, pk: int) -> HttpResponse:
    """The teams under one team, for a branch that is opened."""
    _may_look(request)
    return HttpResponse(Drawing(clock.today(), request.user).branch(_team(pk).pk, 1))


def members(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of one team, for a card that is opened."""
    _may_look(request)
    return HttpResponse(member_list(_team(pk)))


def _team(pk: int) -> Team:
    """A team of the chart, or «not found»."""
    team = teams().filter(pk=pk).first()
    if team is None:
        raise Http404
    return team


def member_list(team: Team, day: dt.date | None = None) -> SafeString:
    """The people of a team on a day with their posts, leaders first."""
    rows = list(memberships_on(day, [team])[: MEMBERS_SHOWN + 1])
    if not rows:
        return blocks.nothing_here(_("Nobody is in this team today."))
    items = format_html_join("", "<li>{}{}</li>", ((_leader(row.person), _post(row)) for row in rows[:MEMBERS_SHOWN]))
    more = format_html(
        '<p><a href="{}?unit={}">{}</a></p>', reverse("people:list"), team.pk, _("All people of this team")
    )
    return format_html('<ul class="org-people">{}</ul>{}', items, more if len(rows) > MEMBERS_SHOWN else mark_safe(""))


def _post(row: Membership) -> Any:
    if row.post in LEADING:
        return render.tag(Post(row.post).label, "accent")
    return format_html('<small class="muted">{}</small>', row.person.get_position_display())


def _may_look(request: HttpRequest) -> None:
    if not access.may(request.user, "view", Team):
        raise Denied("view", Team)
