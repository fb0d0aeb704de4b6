"""The map of territories with its checks, and cutting them anew: draft, preview, a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.territories import actions, applying, drafts, drawing, queries
from xiaoguan.apps.territories.models import Placement, Recut, Territory
from xiaoguan.apps.territories.models.recut import State
from xiaoguan.calc.territory import Shift
from xiaoguan.kit import access, clock, kinds, nav, render, toasts
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.lexicon import regions

CITIES = 60
NOBODY = "other"


def _check(actor: Any) -> None:
    if not access.may(actor, "view", Territory):
        raise Http404


# Map ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One territory in the table beside the map; `row` is None for what lies in none."""

    row: Territory | None
    people: list[str]
    content: queries.Content
    potential: SafeString
    sums: list[SafeString]
    coverage: SafeString


def market(request: HttpRequest) -> HttpResponse:
    """The map, the table behind it, and where rules overlap or leave gaps."""
    _check(request.user)
    actor: Any = request.user
    sees = access.may(actor, "view", Customer)
    rows = access.covered(actor, *queries.territories())
    found = queries.contents(actor) if sees else {}
    people = queries.looking_after()
    overlaps, gaps = queries.checked(queries.cut(), actor) if sees else ([], [])
    names = {row.pk: row.name for row in rows}
    context = {
        "page_title": _("Territory map"),
        "page_fact": _("%(n)s territories") % {"n": len(rows)},
        "map": drawing.drawn(bubbles := _bubbles(actor, rows), _around(bubbles)) if sees else "",
        "small_map": drawing.drawn(bubbles, _around(bubbles), drawing.PHONE) if sees else "",
        "lines": [_line(row, people.get(row.pk, []), found.get(row.pk, queries.Content())) for row in rows],
        "worths": [each.label for each in queries.worths.values()],
        "overlaps": [(" · ".join(names[pk] for pk in each.rivals), names[each.rivals[0]], each) for each in overlaps],
        "gaps": gaps[:20],
        "unplaced": sum(each.customers for each in gaps),
        "sees": sees,
        "may_cut": actions.may_cut(actor),
        "waiting": actions.waiting() if actions.may_cut(actor) else [],
        "running": applying.under_way() if actions.may_cut(actor) else [],
        "siblings": nav.siblings(Territory.entity, actor, request.path),
        "chapters": nav.others(Territory.entity, actor),
        "legend": [(row.name, row.colour) for row in rows],
    }
    return TemplateResponse(request, "territories/map.html", context)


def _line(row: Territory, people: Iterable[Any], content: queries.Content) -> Line:
    return Line(
        row,
        [str(each.person) for each in people],
        content,
        render.amount(content.potential),
        [render.amount(content.sums.get(code, 0)) for code in queries.worths],
        render.share(content.coverage) if content.coverage is not None else render.NOTHING,
    )


def _bubbles(actor: Any, rows: Iterable[Territory]) -> list[drawing.Bubble]:
    """The places with most customers, by city and territory."""
    known = {row.pk: row for row in rows}
    counts: dict[tuple[str, int | None], int] = {}
    placed = access.visible(Customer, actor).order_by().exclude(region="")
    inside = placed.filter(queries.HERE, placements__isnull=False)
    pairs = [
        *inside.values_list("region", "placements__territory").annotate(n=Count("pk")),
        *(
            (region, None, n)
            for region, n in placed.exclude(pk__in=Placement.objects.filter(until__isnull=True).values("customer"))
            .values_list("region")
            .annotate(n=Count("pk"))
        ),
    ]
    fine = len({region for region, _territory, _n in pairs}) <= CITIES  # few places are shown by district
    for region, territory, n in pairs:
        city = f"{region[:4]}00"
        key = (city if regions.name(city) and not fine else region, territory)
        counts[key] = counts.get(key, 0) + n
    found = []
    for (code, territory), n in sorted(counts.items(), key=lambda pair: -pair[1])[:CITIES]:
        at = regions.centre(code)
        if at is None:
            continue
        row = known.get(territory) if territory else None
        name = regions.short(regions.name(code))
        url = f"{Entity.of(Customer).url('list')}?region={code}"
        found.append(drawing.Bubble(name, (at[1], at[0]), n, row.name if row else _("no territory"),
                                    row.colour if row else NOBODY, url))  # fmt: skip
    return found


def _around(bubbles: Iterable[drawing.Bubble]) -> list[drawing.Around]:
    """The cities of the provinces that are drawn and of those beside them, for orientation."""
    found = []
    for province in regions.children() if bubbles else ():
        for city in regions.children(province):
            at = regions.centre(city)
            if at is not None:
                found.append(drawing.Around(regions.short(regions.name(city)), (at[1], at[0])))
    return found


# A new cut ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """One territory in the form of a new cut, as it is and as it was typed."""

    row: Territory
    person: Person | None
    typed: Mapping[str, Any]


def recut(request: HttpRequest) -> HttpResponse:
    """Change rules and people in a draft, see who gains and loses what, then apply it on a day."""
    _check(request.user)
    actor: Any = request.user
    if not actions.may_cut(actor):
        raise Denied("change", Territory)
    rows, people = queries.territories(), queries.responsible()
    draft = _draft(request, rows, people)
    errors: dict[str, list[str]] = {}
    on = _day(request.POST.get("on", ""), errors) if request.method == "POST" else clock.today()
    effect = None
    moves_owners = request.POST.get("moves_owners") == "1"
    if request.method == "POST":
        try:
            effect = drafts.preview(draft)
            if not errors and request.POST.get("apply"):
                done = actions.plan(draft, on, moves_owners=moves_owners, actor=actor)
                said = _said(done.result)
                toasts.tell(request, said, done.change)
                return redirect("market:map")
        except Invalid as problem:
            errors |= {name: [str(text) for text in texts] for name, texts in problem.errors.items()}
    context = {
        "page_title": _("Cut territories anew"),
        "drafts": [Draft(row, people.get(row.pk), draft[row.pk]) for row in rows],
        "choices": _choices(people.values()),
        "on": on.isoformat() if on else request.POST.get("on", ""),
        "moves_owners": moves_owners,
        "errors": [text for texts in errors.values() for text in texts],
        "effect": _told(effect, rows) if effect else None,
        "worths": [each.label for each in queries.worths.values()],
    }
    return TemplateResponse(request, "territories/recut.html", context, status=422 if errors else 200)


def _said(row: Recut) -> str:
    """What became of a cut."""
    if row.state == State.RUNNING:
        return _("The new cut is in force; the customers follow")
    return _("The new cut is in force") if row.state == State.APPLIED else _("The new cut waits for its day")


def _draft(request: HttpRequest, rows: Iterable[Territory], people: Mapping[int, Person]) -> dict[int, dict[str, Any]]:
    """What the form says; before anything was sent, what is in force."""
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        typed: dict[str, Any] = {}
        for name in drafts.FIELDS:
            typed[name] = request.POST.get(f"{name}-{row.pk}", getattr(row, name)).strip()
        raw = request.POST.get(f"person-{row.pk}", "")
        held = people.get(row.pk)
        typed["person"] = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else held.pk if held else None
        found[row.pk] = typed
    wanted = [each["person"] for each in found.values() if each["person"]]
    here = Person.objects.filter(pk__in=wanted, is_active=True, deleted_at__isnull=True)
    known = set(here.values_list("pk", flat=True))
    for typed in found.values():
        if typed["person"] not in known:
            typed["person"] = None
    return found


def _day(raw: str, errors: dict[str, list[str]]) -> dt.date:
    try:
        found = kinds.DATE.parse(raw, Recut._meta.get_field("on"))
    except kinds.Unparsable:
        found = None
    if found is None or found < clock.today():
        errors["on"] = [_("Choose today or a later day.")]
        return clock.today()
    return found  # type: ignore[no-any-return]


def _choices(held: Iterable[Person]) -> list[Person]:
    """Who may look after a territory: everybody who is here, those who do already first."""
    first = {person.pk: person for person in held}
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True, position__startswith="sales").order_by("name")
    return [*first.values(), *(person for person in rows if person.pk not in first)]


@dataclass(frozen=True)
class Told:
    """The effect of a draft as the page shows it."""

    customers: int
    moves: list[tuple[str, str, Shift, list[SafeString], list[str]]]
    people: list[tuple[str, int, int, list[tuple[SafeString, SafeString]]]]


def _told(effect: drafts.Effect, rows: Iterable[Territory]) -> Told:
    names: dict[int | None, str] = {row.pk: row.name for row in rows}
    names[None] = _("no territory")
    persons: dict[int | None, str] = dict(actions.names({*effect.before, *effect.after}))
    persons[None] = _("nobody")
    moves = [
        (names[here], names[there], each, [render.amount(v) for v in each.values], effect.sample[here, there])
        for (here, there), each in sorted(effect.moves.items(), key=lambda pair: -pair[1].customers)
    ]
    size = 1 + len(queries.worths)
    nothing = Shift(0, (0,) * size)
    people = []
    for pk in sorted({*effect.before, *effect.after}, key=lambda pk: persons.get(pk, "")):
        before, after = effect.before.get(pk, nothing), effect.after.get(pk, nothing)
        if before != after:
            pairs = [
                (render.amount(b), render.amount(a - b, signed=True))
                for b, a in zip(before.values, after.values, strict=True)
            ]
            people.append((persons.get(pk, ""), before.customers, after.customers - before.customers, pairs))
    return Told(effect.customers, moves, people)


def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a planned cut."""
    _check(request.user)
    if not actions.may_cut(request.user):
        raise Http404
    row = get_object_or_404(Recut, pk=pk, state=State.PLANNED, deleted_at__isnull=True)
    done = actions.drop(row, actor=request.user)
    toasts.tell(request, _("The planned cut is dropped"), done.change)
    return redirect("market:map")
