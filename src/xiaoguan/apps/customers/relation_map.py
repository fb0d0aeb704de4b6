"""The relationship map as a drawing: a box a person, lines to whom he reports, and the same as a table behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.models import Attitude, Contact, Customer, Power
from xiaoguan.apps.customers.relations import QUIET, Map, Node, chart
from xiaoguan.calc import layout
from xiaoguan.kit import access, blocks, figures, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.panel import panel

HEIGHT, DOWN, EDGE = 62, 92, 8
"""Of a box, from a row to the next, and around the whole."""


@dataclass(frozen=True)
class Scale:
    """How wide boxes are, how far they stand apart, and the half-width characters a small line of theirs holds."""

    width: int
    across: int
    room: int


LARGE, SMALL = Scale(136, 152, 20), Scale(104, 112, 15)
SIGNS = {Attitude.SUPPORTS: "+", Attitude.NEUTRAL: "=", Attitude.AGAINST: "−", "": "?"}
DOTS = {Power.HIGH: "●●●", Power.MEDIUM: "●●", Power.LOW: "●", "": ""}


def _fits(text: str, room: int) -> str:
    """A text cut to what a line of a box holds; the whole of it is in the box's name."""
    used = 0
    for index, char in enumerate(text):
        used += 2 if ord(char) > 0x2E80 else 1
        if used > room:
            return f"{text[: max(1, index - 1)]}…"
    return text


def _state(node: Node) -> str:
    return node.row.attitude or "unknown"


def _covered(node: Node) -> str:
    """Who of us talked to somebody last, and when."""
    if node.last is None:
        return gettext("never spoken to")
    return f"{node.last.person} {render.day(node.last.on)}"


def words(node: Node) -> str:
    """All that a box says, as one sentence for who can't see it."""
    row = node.row
    said = [row.name, row.title, str(row.get_role_display()), str(row.get_attitude_display() or _("attitude unknown"))]
    said.append(gettext("power %(word)s") % {"word": row.get_power_display()} if row.power else "")
    return " · ".join(part for part in (*said, _covered(node)) if part)


def drawing(found: Map, title: str, scale: Scale = LARGE) -> SafeString:
    """The map as a picture whose boxes are links."""
    places = layout.spots(found.above)
    nodes = {node.row.pk: node for node in found.nodes}
    wide = max(spot.x for spot in places.values()) * scale.across + scale.width + 2 * EDGE
    high = max(spot.depth for spot in places.values()) * DOWN + HEIGHT + 2 * EDGE
    lines = format_html_join(
        "",
        '<path class="map-line" d="M{} {}V{}H{}V{}"/>',
        (
            _line(places[upper], places[pk], scale)
            for pk, upper in found.above.items()
            if upper in places and places[pk].depth == places[upper].depth + 1
        ),
    )
    boxes = format_html_join("", "{}", ((_box(nodes[pk], places[pk], scale),) for pk in places))
    return format_html(
        '<div class="people-map" tabindex="0" role="group" aria-label="{}"><svg width="{}" height="{}"'
        ' viewBox="0 0 {} {}">{}{}</svg></div>',
        title, f"{wide:g}", f"{high:g}", f"{wide:g}", f"{high:g}", lines, boxes,
    )  # fmt: skip


def _line(upper: layout.Spot, lower: layout.Spot, scale: Scale) -> tuple[str, ...]:
    begin = EDGE + upper.depth * DOWN + HEIGHT
    end = EDGE + lower.depth * DOWN
    x = (EDGE + spot.x * scale.across + scale.width / 2 for spot in (upper, lower))
    first, last = x
    return f"{first:g}", f"{begin:g}", f"{(begin + end) / 2:g}", f"{last:g}", f"{end:g}"


def _box(node: Node, spot: layout.Spot, scale: Scale) -> SafeString:
    row = node.row
    role = str(row.get_role_display()) if row.role else ""
    second = " · ".join(part for part in (row.title or row.department, role) if part)
    return format_html(
        '<a class="map-box is-{}{}" href="{}" data-open="{}" transform="translate({} {})">'
        "<title>{}</title>"
        '<rect width="{}" height="{}" rx="6"/><text class="map-name" x="10" y="20">{}</text>'
        '<text class="map-power" x="{}" y="19" text-anchor="end">{}</text>'
        '<text class="map-sign" x="{}" y="20" text-anchor="end">{}</text>'
        '<text class="map-small" x="10" y="37">{}</text><text class="map-small map-last" x="10" y="53">{}</text></a>',
        _state(node), " is-blank" if node.blank else "", *2 * (Entity.of(Contact).url("detail", row),),
        f"{EDGE + spot.x * scale.across:g}", f"{EDGE + spot.depth * DOWN:g}", words(node), scale.width, HEIGHT,
        _fits(row.name, 8), scale.width - 22, DOTS.get(row.power, ""), scale.width - 10, SIGNS.get(row.attitude, "?"),
        _fits(second, scale.room), _fits(_covered(node), scale.room),
    )  # fmt: skip


def legend() -> SafeString:
    """What the boxes' edges and signs mean."""
    marks: Iterable[tuple[str, str, Any]] = (
        ("supports", SIGNS[Attitude.SUPPORTS], Attitude.SUPPORTS.label),
        ("neutral", SIGNS[Attitude.NEUTRAL], Attitude.NEUTRAL.label),
        ("against", SIGNS[Attitude.AGAINST], Attitude.AGAINST.label),
        ("unknown", SIGNS[""], _("Attitude unknown")),
        ("blank", "", _("Not spoken to within %(days)s days") % {"days": QUIET}),
    )
    html = '<li><span class="map-key is-{}" aria-hidden="true">{}</span>{}</li>'
    power = format_html('<li><span class="map-power" aria-hidden="true">●●●</span>{}</li>', gettext("Much power"))
    return format_html('<ul class="map-legend">{}{}</ul>', format_html_join("", html, marks), power)


def _twin(found: Map) -> SafeString:
    """The same as a table, in the order of the drawing."""
    nodes, order = {node.row.pk: node for node in found.nodes}, layout.order(found.above)
    names = {pk: node.row.name for pk, node in nodes.items()}
    heads = [
        _("Name"),
        _("Job title"),
        _("Role in decisions"),
        _("Attitude"),
        _("Power"),
        _("Reports to"),
        _("Who of us"),
    ]
    rows = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        (
            (
                node.row.name, node.row.title or render.NOTHING, node.row.get_role_display() or render.NOTHING,
                node.row.get_attitude_display() or render.NOTHING, node.row.get_power_display() or render.NOTHING,
                names.get(node.row.reports_to_id or 0, render.NOTHING),
                render.listed(f"{touch.person} {render.day(touch.on)}" for touch in node.touches) or _covered(node),
            )
            for node in (nodes[pk] for pk, _depth in order)
        ),
    )  # fmt: skip
    html = (
        '<details class="map-twin"><summary>{}</summary><div class="table-wrap"><table class="table table-plain">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></details>"
    )
    return format_html(
        html, gettext("As a table"), format_html_join("", "<th>{}</th>", ((each,) for each in heads)), rows
    )


def _card(customer: Customer, actor: Any, *, whole: bool) -> SafeString:
    """The map of a customer; beside the timeline without legend and table."""
    found = chart(customer, actor)
    sentences = format_html_join("", "<p>{}</p>", ((each,) for each in found.sentences))
    links = SafeString("")
    if not whole and found.nodes:
        url = f"{Entity.of(Customer).url('detail', customer)}?tab=map"
        links = format_html('<a class="more" href="{}">{}</a>', url, gettext("Enlarge"))
    elif access.may(actor, "create", Contact) and access.may(actor, "change", customer):
        url = f"{Entity.of(Contact).url('new')}?customer={customer.pk}"
        links = format_html('<a class="more" href="{}">{}{}</a>', url, render.icon("plus"), gettext("Add"))
    if not found.nodes:
        body = blocks.nothing_here(found.sentences[0])
    else:
        more = gettext("%(n)s more people are not drawn.") % {"n": found.more} if found.more else ""
        behind = (
            format_html('{}<p class="small faint">{}</p>{}', legend(), more, _twin(found)) if whole else SafeString("")
        )
        body = format_html(
            '<div class="card-body stack stack-8"><div class="map-says">{}</div>{}{}</div>',
            sentences, drawing(found, str(_("Relationship map")), LARGE if whole else SMALL), behind,
        )  # fmt: skip
    seen = sum(node.last is not None for node in found.nodes)
    words_ = {"seen": seen, "n": len(found.nodes) + found.more}
    fact = gettext("spoken to %(seen)s of %(n)s") % words_ if found.nodes else ""
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2><span class="fact">{}</span>{}</header>'
        "{}</section>",
        gettext("Relationship map"), fact, links, body,
    )  # fmt: skip


def sees(request: HttpRequest, customer: Any) -> bool:
    """Whether somebody may look at people at all."""
    return access.may(request.user, "view", Contact)


@panel(Customer, "map", _("Relationship map"), position=38, icon="sitemap", shown=sees)
def map_tab(request: HttpRequest, customer: Customer) -> SafeString:
    """Who is who in the company, drawn."""
    return _card(customer, request.user, whole=True)


@figures.part(Customer, "right", position=5)
def map_card(customer: Customer, actor: Any) -> SafeString:
    """Who is who, beside the timeline."""
    if not access.may(actor, "view", Contact):
        return SafeString("")
    return _card(customer, actor, whole=False)
