"""How a tile asks and draws: number, gauge, chart, funnel, table, leaderboard; each with the table behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext as _, pgettext

from xiaoguan.apps.dashboards import drawings, groups, periods, ranking, stage_funnel
from xiaoguan.apps.dashboards.answers import NAMES, Answers, counted
from xiaoguan.apps.dashboards.groups import Group
from xiaoguan.apps.dashboards.periods import Stretch
from xiaoguan.apps.dashboards.sheets import Cell, Sheet, labels
from xiaoguan.apps.dashboards.tiles import TIME, Tile
from xiaoguan.apps.goals import pace_bar
from xiaoguan.apps.metrics import dimensions, wording
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Team
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc.rounding import divide_half_up
from xiaoguan.kit import clock, feed, gauges, memo, render
from xiaoguan.kit.charts import chart_data
from xiaoguan.kit.fields import RATE_ONE

SERIES = 4
"""Over four series a chart is no longer read by its colours: the rest is one series."""


@dataclass(frozen=True)
class Drawn:
    """A tile as it is shown: `body` is safe HTML, `sheet` the table behind it, `note` what the reader must know."""

    tile: Tile
    fact: str
    body: SafeString
    sheet: Sheet | None = None
    total: str = ""
    charted: bool = False
    note: str = ""

    @property
    def table(self) -> SafeString:
        """The table behind the drawing."""
        return self.sheet.html(self.total) if self.sheet is not None else SafeString("")


@dataclass
class Brush:
    """What drawing one tile takes: the tile, its time, the answers of the page."""

    tile: Tile
    answers: Answers
    time: Stretch
    specs: list[Metric] = field(default_factory=list)

    @classmethod
    def of(cls, tile: Tile, answers: Answers) -> Brush:
        """The tile with the time that counts for it."""
        time = periods.stretch(tile.span) if tile.span in periods.WORDS else answers.looking.time
        return cls(tile, answers, time, tile.specs)

    @property
    def against(self) -> Stretch | None:
        """The stretch it is compared with."""
        return {"before": self.time.before, "year": self.time.year_before}.get(self.tile.against, lambda: None)()

    @property
    def grain(self) -> str:
        """The step of its points."""
        return self.time.grain

    def url(self, metric: Metric, first: date, last: date, query: Any = None) -> str:
        """The records behind a figure of this look, of a group within it; empty where nothing may be opened."""
        if not self.answers.looking.opens:
            return ""
        more = {**self.answers.looking.whose.query, **(query or {})}
        return records_url(metric.code, first, last) + (f"&{urlencode(more)}" if more else "")

    def whole(self, metric: Metric) -> str:
        """The records behind the figure of the whole stretch."""
        return self.url(metric, self.time.first, self.time.last)

    def cell(self, metric: Metric, value: int | None) -> Cell:
        """The figure of the whole stretch as a cell."""
        return Cell(metric, value, self.whole(metric))


def want(tile: Tile, answers: Answers) -> None:
    """Say what a tile needs."""
    brush = Brush.of(tile, answers)
    by: tuple[str, ...] = ()
    if tile.look in ("leaderboard", "stages"):
        return
    if tile.by == TIME:
        by = (brush.grain,)
    elif tile.by:
        by = (tile.by, brush.grain) if tile.look == "stack" else (tile.by,)
    for metric in brush.specs:
        answers.want(metric, brush.time, by)
        if by and not metric.additive:
            answers.want(metric, brush.time)
        if tile.look == "number" and brush.against is not None:
            answers.want(metric, brush.against)


def draw(tile: Tile, answers: Answers) -> Drawn:
    """A tile as its reader sees it; what he may not be told is said in its place."""
    brush = Brush.of(tile, answers)
    looking = answers.looking
    if tile.look == "stages":
        return _stages(brush)
    if not brush.specs:
        return Drawn(tile, "", _said(_("This metric is not in the dictionary any more. Choose another one.")))
    if tile.by in dimensions.dimensions and dimensions.is_hidden(looking.actor, tile.by):
        return Drawn(tile, brush.time.label, format_html('<p class="empty-small">{}</p>', render.masked()))
    if not all(looking.tells(metric) for metric in brush.specs):
        return Drawn(tile, brush.time.label, format_html('<p class="empty-small">{}</p>', render.masked()))
    note = ""
    if tile.look != "leaderboard" and any(looking.partial(metric) for metric in brush.specs):
        note = _("Only the figures open to you.")
    made = DRAW[tile.look](brush)
    return Drawn(tile, made.fact, made.body, made.sheet, made.total, made.charted, note or made.note)


def _said(text: str) -> SafeString:
    return format_html('<p class="empty-small">{}</p>', text)


def _linked(url: str, shown: Any) -> SafeString:
    """A figure that leads to its records, where it may."""
    return format_html('<a href="{}">{}</a>', url, shown) if url else format_html("{}", shown)


# One figure ---------------------------------------------------------------------------------------------------------


def _number(brush: Brush) -> Drawn:
    [metric] = brush.specs
    value = brush.answers.value(metric, brush.time)
    notes = []
    if (other := brush.against) is not None:
        was = brush.answers.value(metric, other)
        words = _("%(period)s, same days") if other.period and other.last < other.period.end else "%(period)s"
        notes.append(_delta(metric, value, was, words % {"period": other.label}))
    aim = brush.answers.aim(metric, brush.time)
    if aim:
        words = {"target": wording.told(metric, aim), "share": wording.reached(metric, value, aim)}
        notes.append(SafeString(_("Target %(target)s · %(share)s") % words))
    body = format_html(
        '<div class="tile-number figure"><span class="figure-value">{}</span><span class="figure-note">{}</span></div>',
        _linked(brush.whole(metric), wording.told(metric, value)),
        SafeString(" · ".join(note for note in notes if note)),
    )
    sheet = Sheet(_("Time"), labels([metric]), [(brush.time.label, [brush.cell(metric, value)])])
    return Drawn(brush.tile, brush.time.label, body, sheet)


def _delta(metric: Metric, now: int | None, was: int | None, against: str) -> SafeString:
    """The change against another stretch: in per cent of a sum, beside the old figure where that says nothing."""
    if metric.additive and now is not None and was:
        return render.delta(divide_half_up((now - was) * RATE_ONE, abs(was)), against)
    return format_html("{} {}", against, wording.shown(metric, was))


def _gauge(brush: Brush) -> Drawn:
    [metric] = brush.specs
    value, aim = brush.answers.value(metric, brush.time), brush.answers.aim(metric, brush.time)
    told = _linked(brush.whole(metric), wording.told(metric, value))
    sheet = Sheet(
        _("Time"), [*labels([metric]), _("Target")],
        [(brush.time.label, [brush.cell(metric, value), Cell(metric, aim)])],
    )  # fmt: skip
    if not aim:
        none = (
            _("No target is set for it.") if brush.time.period is not None else _("This time has no target of its own.")
        )
        body = format_html(
            '<div class="tile-number figure"><span class="figure-value">{}</span>'
            '<span class="figure-note">{}</span></div>',
            told, none,
        )  # fmt: skip
        return Drawn(brush.tile, brush.time.label, body, sheet)
    body = format_html(
        '<div class="tile-number figure"><span class="figure-value">{} <span class="of">/ {}</span> {}</span>{}</div>',
        told, wording.told(metric, aim), render.tag(wording.reached(metric, value, aim), "accent"),
        _pace(brush, metric, value or 0, aim),
    )  # fmt: skip
    return Drawn(brush.tile, brush.time.label, body, sheet)


def _pace(brush: Brush, metric: Metric, value: int, aim: int) -> SafeString:
    """Done, where today should be by working days, target; a rate has no pace."""

    def plain(figure: int | None) -> str:
        return str(wording.shown(metric, figure))

    if not metric.additive or brush.time.period is None or not metric.higher_is_better:
        return gauges.bar(value, aim, _("%(done)s of %(target)s") % {"done": plain(value), "target": plain(aim)})
    days = working_calendar().progress(brush.time.period, clock.today())
    shown = pace_bar.Pace(max(value, 0), days.on_pace(aim), aim)
    if metric.unit == "money":
        return pace_bar.pace(shown, words=True)
    return pace_bar.pace(shown, words=True, text=plain, short=plain)


# Charts -------------------------------------------------------------------------------------------------------------


def _spec(brush: Brush, kind: str, names: list[str], series: list[dict[str, Any]], **more: Any) -> SafeString:
    """The drawing of a chart; its accessible name says what it shows."""
    metric = brush.specs[0] if brush.specs else stage_funnel.ENTERED
    measure = metric.unit if metric.unit in ("money", "rate") else "count"
    unit = {} if measure != "count" else {"unit": wording.unit(metric)}
    spec = {"kind": kind, "labels": names, "measure": measure, "series": series, **unit, **more}
    sentence = _("%(what)s, %(time)s; the table behind it has every figure.")
    said = sentence % {"what": brush.tile.heading, "time": brush.time.label}
    return format_html(
        '<div class="chart" data-chart role="img" aria-label="{}"><template>{}</template></div>',
        said,
        chart_data(spec),
    )


def charted(metric: Metric, value: int | None) -> Any:
    """A figure as a chart takes it: stored integers, times in whole hours."""
    return divide_half_up(value, 60) if metric.unit == "minutes" and value is not None else value


def _over_time(brush: Brush) -> Drawn:
    """Columns or lines by time; the running point is what it is, later ones are empty."""
    points, today = brush.time.points, clock.today()
    lines: list[tuple[str, list[Cell]]] = [(periods.short(point), []) for point in points]
    series = []
    for metric in brush.specs:
        found = brush.answers.of(metric, brush.time, (brush.grain,))
        cells = []
        for point in points:
            nothing = 0 if metric.additive and point.start <= today else None
            key = (point.start.isoformat(),)
            value = found.value(metric, key) if key in found.rows else nothing
            first, last = max(point.start, brush.time.first), min(point.end, brush.time.last)
            cells.append(Cell(metric, value, brush.url(metric, first, last) if point.start <= today else ""))
        for (_name, line), cell in zip(lines, cells, strict=True):
            line.append(cell)
        series.append(_series(metric, cells))
    aims = _steps(brush, points)
    if aims is not None:
        series.append({"name": _("Target"), "kind": "step", "values": [charted(brush.specs[0], aim) for aim in aims]})
        for (_name, line), aim in zip(lines, aims, strict=True):
            line.append(Cell(brush.specs[0], aim))
    heads = [*labels(brush.specs), *([_("Target")] if aims is not None else [])]
    sheet = Sheet(_("Time"), heads, lines, _sums(brush))
    body = _spec(brush, "line" if brush.tile.look == "line" else "columns", [name for name, _cells in lines], series)
    return Drawn(brush.tile, _fact(brush), body, sheet, _("Sum") if sheet.sums else "", charted=True)


def _steps(brush: Brush, points: Sequence[Any]) -> list[int | None] | None:
    """The target of each point, where one metric is drawn by month and has any."""
    if len(brush.specs) > 1 or brush.grain != "month" or not brush.specs[0].additive:
        return None
    found = brush.answers.aims(brush.specs[0], points[0].start, points[-1].end)
    if found is None:
        return None
    aims = [found.of(brush.answers.looking.whose.subject, point) for point in points]
    return aims if any(aim is not None for aim in aims) else None


def _series(metric: Metric, cells: Sequence[Cell]) -> dict[str, Any]:
    return {
        "name": labels([metric])[0],
        "values": [charted(metric, cell.value) for cell in cells],
        "links": [cell.url or None for cell in cells],
    }


def _sums(brush: Brush) -> list[Cell]:
    """The figures of the whole stretch, where the tile has them."""
    cells = []
    for metric in brush.specs:
        if metric.additive:
            by = (brush.grain,) if brush.tile.by == TIME else (brush.tile.by,)
            value = brush.answers.of(metric, brush.time, by).total(metric)
        else:
            value = brush.answers.value(metric, brush.time)
        cells.append(brush.cell(metric, value))
    return cells


def _fact(brush: Brush) -> str:
    """The time, and what one metric comes to."""
    if len(brush.specs) > 1:
        return brush.time.label
    [cell] = _sums(brush)
    return _comes_to(brush, cell.metric, cell.value)


def _comes_to(brush: Brush, metric: Metric, value: int | None) -> str:
    """The time, and a figure with its unit."""
    if metric.unit == "money":
        return f"{brush.time.label} · {render.money_text(value)}"
    unit = wording.unit(metric) if value is not None else ""
    return f"{brush.time.label} · {wording.shown(metric, value)} {unit}".rstrip()


def _cut(brush: Brush) -> list[Group]:
    """The groups of the tile's cut, by its first metric."""
    found = brush.answers.of(brush.specs[0], brush.time, (brush.tile.by,))
    keys = {key[0] for metric in brush.specs for key in brush.answers.of(metric, brush.time, (brush.tile.by,)).rows}
    parts = brush.answers.parts(brush.tile.by, frozenset(keys))
    return groups.largest(groups.disjoint(parts, keys), found, brush.specs[0], brush.tile.most)


def _line_of(brush: Brush, group: Group) -> list[Cell]:
    cells = []
    for metric in brush.specs:
        found = brush.answers.of(metric, brush.time, (brush.tile.by,))
        held = [(key,) for key in group.keys if (key,) in found.rows]
        value = found.total(metric, held) if held else (0 if metric.additive else None)
        url = "" if group.query is None else brush.url(metric, brush.time.first, brush.time.last, group.query)
        cells.append(Cell(metric, value, url))
    return cells


def _by_group(brush: Brush) -> Drawn:
    """Columns, bars or a table by a cut."""
    found = _cut(brush)
    lines = [(group.name, _line_of(brush, group)) for group in found]
    corner = str(dimensions.dimensions[brush.tile.by].label)
    sheet = Sheet(corner, labels(brush.specs), lines, _sums(brush))
    if not lines:
        return Drawn(brush.tile, brush.time.label, _said(_("Nothing counted in this time.")))
    if brush.tile.look == "table":
        body = _wrapped(brush, sheet)
        return Drawn(brush.tile, brush.time.label, body, sheet, _("Sum"))
    series = [_series(metric, [cells[place] for _name, cells in lines]) for place, metric in enumerate(brush.specs)]
    names = [name for name, _cells in lines]
    if brush.tile.look == "columns":
        body = _spec(brush, "columns", names, series)
    else:
        body = _spec(brush, "bars", names, series, notes=_shares(brush.specs[0], lines))
    return Drawn(brush.tile, _fact(brush), body, sheet, _("Sum"), charted=True)


def _shares(metric: Metric, lines: Sequence[tuple[str, Sequence[Cell]]]) -> list[str]:
    """The share of each bar, where parts add up."""
    whole = sum(max(cells[0].value or 0, 0) for _name, cells in lines)
    if not metric.additive or not whole:
        return []
    return [
        str(render.percent(divide_half_up(max(cells[0].value or 0, 0) * RATE_ONE, whole))) for _name, cells in lines
    ]


def _stack(brush: Brush) -> Drawn:
    """A metric by time, each point split by the largest groups of the stretch."""
    [metric] = brush.specs
    found = brush.answers.of(metric, brush.time, (brush.tile.by, brush.grain))
    keys = {key[0] for key in found.rows}
    parts = brush.answers.parts(brush.tile.by, frozenset(keys))
    chosen = groups.largest(groups.disjoint(parts, keys), found, metric, SERIES)
    if not chosen:
        return Drawn(brush.tile, brush.time.label, _said(_("Nothing counted in this time.")))
    points, today = brush.time.points, clock.today()
    lines: list[tuple[str, list[Cell]]] = [(periods.short(point), []) for point in points]
    for group in chosen:
        for point, (_name, line) in zip(points, lines, strict=True):
            held = [(key, point.start.isoformat()) for key in group.keys]
            value = found.total(metric, held) if point.start <= today else None
            first, last = max(point.start, brush.time.first), min(point.end, brush.time.last)
            linked = group.query is not None and point.start <= today
            line.append(Cell(metric, value, brush.url(metric, first, last, group.query) if linked else ""))
    series = [
        {
            "name": group.name,
            "values": [charted(metric, line[place].value) for _name, line in lines],
            "links": [line[place].url or None for _name, line in lines],
            **({"other": True} if group.rest else {}),
        }
        for place, group in enumerate(chosen)
    ]
    held = [[key for key in found.rows if key[0] in group.keys] for group in chosen]
    sums = [Cell(metric, found.total(metric, keys)) for keys in held]
    sheet = Sheet(_("Time"), [group.name for group in chosen], lines, sums)
    body = _spec(brush, "stack", [name for name, _line in lines], series)
    fact = _comes_to(brush, metric, found.total(metric))
    return Drawn(brush.tile, fact, body, sheet, _("Sum"), charted=True)


def _funnel(brush: Brush) -> Drawn:
    """Metrics one after the other as bars, each with its share of the one before."""
    values = [brush.answers.value(metric, brush.time) for metric in brush.specs]
    lines = [
        (label, [brush.cell(metric, value)])
        for label, metric, value in zip(labels(brush.specs), brush.specs, values, strict=True)
    ]
    notes = [""]
    for before, now in pairwise(values):
        notes.append(str(render.percent(divide_half_up((now or 0) * RATE_ONE, before))) if before else "")
    one = {
        "name": brush.tile.heading,
        "values": [charted(brush.specs[0], value) for value in values],
        "links": [cells[0].url for _name, cells in lines],
    }
    body = _spec(brush, "bars", labels(brush.specs), [one], notes=notes, fade=True)
    return Drawn(
        brush.tile, brush.time.label, body, Sheet(_("Step"), [pgettext("how many", "Number")], lines), charted=True
    )


def _stages(brush: Brush) -> Drawn:
    """The stages of a pipeline: deals that entered each, and the share that went on."""
    looking = brush.answers.looking
    found = stage_funnel.funnel(looking, brush.time, brush.tile.pipeline)
    if found is None:
        return Drawn(brush.tile, brush.time.label, _said(_("Deals are not open to you.")))
    fact = f"{found.pipeline} · {brush.time.label}"
    if not any(found.counts):
        return Drawn(brush.tile, fact, _said(_("Nothing entered a stage in this time.")))
    one = {"name": str(stage_funnel.ENTERED.label), "values": found.counts, "links": found.links}
    body = _spec(brush, "bars", found.names, [one], notes=found.notes, fade=True)
    note = _("Only the deals open to you.") if stage_funnel.partial(looking) else ""
    return Drawn(brush.tile, fact, body, found.sheet, charted=True, note=note)


# Leaderboard --------------------------------------------------------------------------------------------------------


def _leaderboard(brush: Brush) -> Drawn:
    [metric] = brush.specs
    looking, period = brush.answers.looking, brush.time.period
    by = "team" if brush.tile.by == "unit" else "person"
    if not ranking.shown_at_all():
        return Drawn(brush.tile, brush.time.label, _said(_("The company shows no leaderboard.")))
    if period is None:
        text = _("Places are told of a day, a week, a month, a quarter or a year.")
        return Drawn(brush.tile, brush.time.label, _said(text))
    if metric not in ranking.offered(looking.actor, by):
        return Drawn(brush.tile, brush.time.label, _said(_("The figures of others are not open to you.")))
    team = looking.whose.pk if looking.whose.kind == "team" else None

    def make() -> ranking.Board:
        row = None if team is None else Team.objects.get(pk=team)
        return ranking.board(looking.actor, metric, period, by, row)

    names = (*counted([metric]), *NAMES, "goals.target", "org.company")
    key = ("dashboards.board", looking.actor.pk, metric.code, period.code, by, team, get_language())
    board: ranking.Board = memo.remember(key, tuple(feed.versions(*names).values()), make)
    lines = [(row.name, [Cell(metric, row.value, row.url if looking.opens else "")]) for row in board.rows]
    sheet = Sheet(_("Team") if by == "team" else _("Person"), labels([metric]), lines)
    if not board.rows:
        return Drawn(brush.tile, brush.time.label, _said(_("Nothing counted in this time.")))
    return Drawn(brush.tile, brush.time.label, drawings.short_list(board, brush.tile.most, linked=looking.opens), sheet)


def _drawn_by(brush: Brush) -> Drawn:
    return _over_time(brush) if brush.tile.by == TIME else _by_group(brush)


def _wrapped(brush: Brush, sheet: Sheet) -> SafeString:
    """A table that scrolls within its tile, by keys too."""
    words = (brush.tile.heading, sheet.html(_("Sum"), seen=True))
    return format_html('<div class="table-wrap" tabindex="0" role="region" aria-label="{}">{}</div>', *words)


def _table(brush: Brush) -> Drawn:
    made = _drawn_by(brush)
    if brush.tile.by != TIME or made.sheet is None:
        return made
    body = _wrapped(brush, made.sheet)
    return Drawn(brush.tile, brush.time.label, body, made.sheet, made.total)


DRAW: dict[str, Callable[[Brush], Drawn]] = {
    "number": _number,
    "gauge": _gauge,
    "columns": _drawn_by,
    "line": _over_time,
    "stack": _stack,
    "bars": _by_group,
    "funnel": _funnel,
    "table": _table,
    "leaderboard": _leaderboard,
}


def draw_all(tiles: Sequence[Tile], answers: Answers) -> list[Drawn]:
    """Every tile of a page: all say what they need, one fetch, all draw."""
    for tile in tiles:
        want(tile, answers)
    answers.fetch()
    return [draw(tile, answers) for tile in tiles]
