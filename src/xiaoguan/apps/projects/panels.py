"""Projects on the pages of customers, and on their own page who is protected there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.projects import queries, trail
from xiaoguan.apps.projects.models import ACTIVE, Conflict, Participant, Project, Registration, Standing
from xiaoguan.kit import access, blocks, clock, columns, figures, related, render
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.figures import Figure
from xiaoguan.kit.panel import panel

TONES: dict[str, render.Tone] = {
    Standing.REGISTERED: "",
    Standing.CONFIRMED: "green",
    Standing.CONFLICT: "red",
    Standing.RULED: "",
    Standing.LAPSED: "",
    Standing.RELEASED: "",
}
SOON = 14


def _sees_projects(request: HttpRequest, record: Any) -> bool:
    return access.may(request.user, "view", Project)


@panel(
    Customer,
    "projects",
    _("Projects"),
    count=lambda request, customer: related.count(Participant, request.user, {"customer": customer.pk}),
    position=25,
    icon="building-skyscraper",
    shown=_sees_projects,
)
def projects(request: HttpRequest, customer: Customer) -> SafeString:
    """The projects a customer takes part in, and what it does there."""
    return related.card(
        Participant, request.user, {"customer": customer.pk}, cols="project part contact note", sort="-id",
        title=_("Projects"), empty=_("This customer takes part in no project that you see."),
    )  # fmt: skip


# On a project -------------------------------------------------------------------------------------------------------


@figures.part(Project, "right", position=10)
def protection(project: Project, actor: Any) -> SafeString:
    """Who is protected at this site, the same one under another name included, and the button to register it."""
    if not access.may(actor, "view", Registration):
        return SafeString("")
    sites = queries.same_site(project)
    held = sorted(queries.standing(list(sites)).values(), key=lambda row: (row.registered_at, row.pk))
    entity = Entity.of(Registration)
    lines = [_holder(row, actor, project) for row in held]
    mine = any(row.owner_id == actor.pk for row in held)
    add = SafeString("")
    if not mine and access.may(actor, "create", Registration):
        add = format_html(
            '<a class="more" href="{}?project={}">{}{}</a>',
            entity.url("new"), project.pk, render.icon("flag"), gettext("Register"),
        )  # fmt: skip
    body = (
        format_html('<ul class="rows rows-bare">{}</ul>', SafeString("".join(lines)))
        if lines
        else blocks.nothing_here(gettext("Nobody has registered this project. Whoever is first is protected."))
    )
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2>{}</header>{}</section>',
        gettext("Registration"), add, body,
    )  # fmt: skip


def _holder(row: Registration, actor: Any, project: Project) -> SafeString:
    """One registration in force: by name where it may be seen, else since when."""
    days = gettext("since %(since)s, protected until %(until)s") % {
        "since": render.day_edit(row.registered_on),
        "until": render.day_edit(row.protected_until),
    }
    seen = access.may(actor, "view", row)
    if not seen:
        name: Any = gettext("A colleague")
    elif row.owner_id == actor.pk:
        name = format_html('<a href="{}">{}</a>', Entity.of(row).url("detail", row), gettext("You"))
    else:
        name = format_html('<a href="{}">{}</a>', Entity.of(row).url("detail", row), row.owner)
    state = render.tag(str(Standing(row.status).label), TONES[row.status])
    same = (
        format_html(' <span class="muted small">{}</span>', gettext("under another name"))
        if row.project_id != project.pk
        else ""
    )
    return format_html(
        '<li>{}<span class="row-main">{}{} {}<small class="muted">{}</small></span></li>',
        render.icon("flag" if seen else "lock"), name, same, state, days,
    )  # fmt: skip


@panel(
    Project,
    "registrations",
    _("Registrations"),
    count=lambda request, project: related.count(Registration, request.user, {"project": project.pk}),
    position=20,
    icon="flag",
    shown=lambda request, record: access.may(request.user, "view", Registration),
)
def registrations(request: HttpRequest, project: Project) -> SafeString:
    """Every registration of a project that the reader sees, ended ones included."""
    where = {"project": project.pk}
    return related.card(
        Registration, request.user, where, cols="status owner registered_on protected_until", sort="-id",
        initial=where, empty=_("Nobody has registered this project. Whoever is first is protected."),
    )  # fmt: skip


# On a registration --------------------------------------------------------------------------------------------------


@figures.figure(Registration, position=10)
def registered(row: Registration, actor: Any) -> Figure:
    """Since when it is registered, to the second."""
    return Figure(gettext("Registered at"), render.moment(row.registered_at))


@figures.figure(Registration, position=20)
def protected(row: Registration, actor: Any) -> Figure:
    """How long it protects."""
    left = (row.protected_until - clock.today()).days if row.protected_until and row.is_active else None
    note = gettext("%(n)s days left") % {"n": left} if left is not None and left >= 0 else ""
    return Figure(gettext("Protected until"), render.day(row.protected_until) if row.protected_until else "—", note)


@figures.part(Registration, "warning", position=10)
def in_conflict(row: Registration, actor: Any) -> SafeString:
    """The conflicts about it that wait for a ruling, with the way to them."""
    if row.status != Standing.CONFLICT:
        return SafeString("")
    entity = Entity.of(Conflict)
    seen = access.visible(Conflict, actor).filter(pk__in=queries.conflicts_of([row.pk]).values("pk"))
    links = [format_html('<a href="{}">{}</a>', entity.url("detail", each), each) for each in seen.order_by("-pk")[:5]]
    if not links:
        return format_html("{}", gettext("Somebody else has registered this site too."))
    said = gettext("Somebody else has registered this site too: make your statement before it is ruled on.")
    return format_html("{} {}", said, SafeString(" · ".join(links)))


@figures.part(Registration, "warning", position=20)
def ending(row: Registration, actor: Any) -> str:
    """That protection ends soon."""
    if not row.is_active or row.protected_until is None:
        return ""
    left = (row.protected_until - clock.today()).days
    if left > SOON or row.status not in ACTIVE:
        return ""
    return gettext("Protection ends in %(n)s days.") % {"n": max(left, 0)}


@figures.part(Registration, "right", position=20)
def evidence(row: Registration, actor: Any) -> SafeString:
    """What the records can prove for this registration so far."""
    proofs = trail.seen(trail.of(row), actor)
    items = "".join(
        format_html(
            '<li>{}<span class="row-main">{}<small class="muted">{}</small></span></li>',
            render.icon(each.sort), each.text, render.day_edit(each.on),
        )
        for each in proofs[:12]
    )  # fmt: skip
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2><span class="fact">{}</span></header>'
        '<ul class="rows rows-bare">{}</ul></section>',
        gettext("Trail"), len(proofs), SafeString(items),
    )  # fmt: skip


@columns.cell(Registration, "status", needs="status")
def status_cell(row: Any, reading: Reading) -> str:
    """The status as a tag, red where it is disputed."""
    return str(render.tag(str(Standing(row.status).label), TONES[row.status]))
