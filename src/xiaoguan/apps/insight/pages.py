"""Homes by role, a look over somebody's shoulder, and the explanation of a strip."""

from __future__ import annotations

from html import escape
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.dashboards.tabs import beside_home
from xiaoguan.apps.goals.queries import calendar
from xiaoguan.apps.insight import drawings, homes, offices, pivots, starting
from xiaoguan.apps.metrics import dimensions, wording
from xiaoguan.apps.metrics.queries import is_hidden
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.apps.org.queries import led_teams, managed_teams
from xiaoguan.calc.errors import PeriodError
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import access, clock, kinds, render
from xiaoguan.kit.fields import RATE_ONE
from xiaoguan.kit.pages.answers import get
from xiaoguan.transfer import table_file

COMPANY_WIDE = ("director", "auditor")


def home(request: HttpRequest) -> HttpResponse:
    """The page that says what to do today, with the dashboards its reader has put beside it."""
    answer = _home(request)
    if isinstance(answer, TemplateResponse):
        answer.context_data = {**(answer.context_data or {}), "tabs": beside_home(request.user)}
    return answer


def _home(request: HttpRequest) -> HttpResponse:
    """The home of a person: by what he does, not by what he is called."""
    actor = request.user
    if _nothing_yet() and access.may(actor, "import", Customer):
        return TemplateResponse(
            request, "insight/start.html", {"page_title": _("Bring in what you have"), "setup": starting.setup(actor)}
        )
    if _sees_company(actor):
        return _led(request, homes.director(actor, _kind(request)))
    own = managed_teams(actor).first() or led_teams(actor).first()
    if own is not None:
        return _led(request, homes.manager(actor, own, _kind(request)))
    if access.grants(actor).scope("opportunities.deal", "create") in ("self", "team"):
        return _seller(request, actor)
    return TemplateResponse(request, "insight/office.html", offices.office(actor))


def _nothing_yet() -> bool:
    """Whether the company has neither a customer nor a deal: then everything begins with an import."""
    because = "whether the company has begun is no secret"
    return not (
        access.everything(Customer, because=because).exists() or access.everything(Deal, because=because).exists()
    )


def _sees_company(actor: Any) -> bool:
    """Directors run the company's sales and auditors check them; an administrator just keeps the settings."""
    return actor.roles.filter(code__in=COMPANY_WIDE, deleted_at__isnull=True).exists()


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("period", "month")
    return kind if kind in homes.SPANS else "month"


def _seller(request: HttpRequest, person: Person) -> HttpResponse:
    context = homes.seller(request.user, person)
    month, days = context["month"], context["one"].progress
    me = person.pk == request.user.pk
    context["page_title"] = _("What to do today") if me else _("%(name)s today") % {"name": person.name}
    words = {"day": render.day_heading(context["today"]), "number": days.number, "left": days.left, "total": days.total}
    context["page_fact"] = _("%(day)s · working day %(number)s of %(total)s, %(left)s left with today") % words
    context |= {"me": me, "month": month}
    return TemplateResponse(request, "insight/seller.html", context)


def _led(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    days = context["whole"].progress
    words = {"day": render.day_heading(context["today"]), "over": days.elapsed, "total": days.total}
    context["page_title"] = context["heading"]
    words["share"] = render.percent(days.rate)
    context["page_fact"] = _("%(day)s · %(over)s of %(total)s working days over, on pace at %(share)s") % words
    return TemplateResponse(request, "insight/led.html", context)


def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else's home, read only, for those who lead him."""
    actor = request.user
    if pk == actor.pk:
        return redirect("home")
    found = get(Person.entity, actor, pk)
    if (
        not access.policy().reaches(actor, pk, None, leading=True)
        and access.grants(actor).scope("opportunities.deal", "view") != "all"
    ):
        raise Http404
    return _seller(request, found)


def team(request: HttpRequest, pk: int) -> HttpResponse:
    """A team's home for those who lead it or see every deal."""
    actor = request.user
    found = get(Team.entity, actor, pk)
    leads = led_teams(actor).filter(pk=pk).exists()
    if not leads and access.grants(actor).scope("opportunities.deal", "view") != "all":
        raise Http404
    return _led(request, homes.manager(actor, found, _kind(request)))


def members(request: HttpRequest) -> HttpResponse:
    """The people whose home the actor may look at, for the switcher."""
    actor = request.user
    people = Person.objects.filter(pk__in=actor.reach_ids(), is_active=True, deleted_at__isnull=True).exclude(
        pk=actor.pk
    )
    rows = [
        {"name": one.name, "team": one.unit.name if one.unit else "", "url": reverse("insight:person", args=[one.pk])}
        for one in people.select_related("unit").order_by("unit__position", "name")[:300]
    ]
    context = {"page_title": _("See as"), "rows": rows, "dialog": bool(request.htmx)}
    return TemplateResponse(request, "insight/members.html", context)


def _told(actor: Any) -> list[Metric]:
    """The metrics whose figures may be told to an actor."""
    return [metric for metric in metrics.values() if not is_hidden(actor, metric)]


def _pivot_of(request: HttpRequest) -> tuple[pivots.Table, Any]:
    """The pivot of the address; not found on nonsense."""
    if access.grants(request.user).scope("metrics.figures", "view") == "none":
        raise Http404
    told = _told(request.user)
    metric = metrics.get(request.GET.get("metric") or (told[0].code if told else ""))
    year_code = request.GET.get("year") or calendar().year(clock.today()).code
    try:
        year = calendar().parse(year_code)
    except PeriodError:
        raise Http404 from None
    by = request.GET.get("by", "person")
    if metric is None or str(year.kind) != "year" or is_hidden(request.user, metric):
        raise Http404
    if by not in _slices(request.user):
        raise Http404
    return pivots.pivot(request.user, metric, year, request.GET.get("sort", ""), by), year


def pivot(request: HttpRequest) -> HttpResponse:
    """A metric by month and any dimension."""
    table, year = _pivot_of(request)
    names = drawings.month_names()
    return TemplateResponse(
        request,
        "insight/pivot.html",
        {
            "page_title": _title(table),
            "slices": _slices(request.user).items(),
            "table": table,
            "rows": table.rows,
            "body": _pivot_body(table),
            "sums": [wording.shown(table.metric, value) for value in table.sums],
            "total": wording.shown(table.metric, table.total),
            "heads": [(month.code, names[month.start.month - 1]) for month in table.months],
            "metrics": _told(request.user),
            "year": year,
            "years": [year.previous(), year, year.next()],
            "unit": wording.unit(table.metric),
            "overlap": wording.overlap(table.metric, table.by),
            "sort": request.GET.get("sort", ""),
        },
    )


def _slices(actor: Any) -> dict[str, str]:
    """By what the actor may cut a metric, with its name."""
    return {code: str(own.label) for code, own in dimensions.offered(actor).items()}


def _title(table: pivots.Table) -> str:
    words = {"metric": capfirst(str(table.metric.label)), "dimension": table.label.lower()}
    return _("%(metric)s by %(dimension)s and month") % words


def _pivot_body(table: pivots.Table) -> SafeString:
    """The rows of the pivot as one string: a thousand cells are no work for a template."""
    lines = []
    for row in table.rows:
        cells = "".join(f'<td class="num heat-{cell.shade} p0">{_linked(table, cell)}</td>' for cell in row.cells)
        indent = f' data-level="{min(row.depth, 2)}"' if row.depth else ""
        name = f'<b>{escape(row.name)}</b> <span class="muted small">{escape(row.team)}</span>'
        total = f'<td class="num p1r">{_linked(table, row.total)}</td>'
        aim = f'<td class="num p0">{wording.shown(table.metric, row.target)}</td>' if table.aimed else ""
        if table.aimed:
            label = f'<span class="only-phone">{escape(_("Reached"))} </span>'
            reached = wording.reached(table.metric, row.total.value, row.target)
            aim += f'<td class="num {"p2r" if row.target else "p0"}">{label}{reached}</td>'
        lines.append(f'<tr{indent}><td class="col-key p1">{name}</td>{cells}{total}{aim}</tr>')
    return SafeString("".join(lines))


def _linked(table: pivots.Table, cell: pivots.Cell) -> str:
    shown = wording.shown(table.metric, cell.value)
    return f'<a href="{escape(cell.url)}">{shown}</a>' if cell.url else shown


def pivot_file(request: HttpRequest) -> HttpResponse:
    """The pivot as CSV or xlsx, in yuan, plain numbers."""
    table, year = _pivot_of(request)
    names = drawings.month_names()
    first = [_("Person"), _("Team")] if table.by == "person" else [table.label]
    head = [*first, *[names[month.start.month - 1] for month in table.months], _("Sum")]
    head += [_("Target"), _("Reached")] if table.aimed else []
    lines = [
        [
            *[row.name, row.team][: len(first)],
            *[wording.plain(table.metric, cell.value) for cell in row.cells],
            wording.plain(table.metric, row.total.value),
            *(_aim_of(table, row) if table.aimed else []),
        ]
        for row in table.rows
    ]
    lines.append(
        [
            *[_("Sum"), ""][: len(first)],
            *[wording.plain(table.metric, value) for value in table.sums],
            wording.plain(table.metric, table.total),
            *([None, None] if table.aimed else []),
        ]
    )
    name = f"{table.metric.code}-{year.code}" + ("" if table.by == "person" else f"-{table.by}")
    return table_file.answer(request.GET.get("as", "xlsx"), name, head, lines)


def _aim_of(table: pivots.Table, row: pivots.Row) -> list[Any]:
    """Target of a row, and how much of it is reached; where less is better, whether it is kept."""
    value = row.total.value
    if value is None or not row.target:
        return [wording.plain(table.metric, row.target), None]
    share: Any = kinds.PERCENT.plain(divide_half_up(value * RATE_ONE, row.target))
    if not table.metric.higher_is_better:
        share = strip_tags(wording.reached(table.metric, value, row.target))
    return [wording.plain(table.metric, row.target), share]
