"""The target grid as HTML: one string per page, written by functions because it has a thousand cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.goals.models import Level
from xiaoguan.apps.goals.queries import Node
from xiaoguan.apps.goals.singles import HEADS
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.calc.period import Period
from xiaoguan.kit import render
from xiaoguan.kit.fields import RATE_ONE

ROW_CLASS = ("grid-total", "grid-team", "grid-leaf")
COLUMNS = {"year": 3, "quarter": 7, "month": 19}
"""What may be shown, and how many columns a table then has; what a phone shows below a line is none of them."""
SHOWS = tuple(COLUMNS)


@dataclass(frozen=True)
class Look:
    """What all lines of a page share: metric, year, depth of the columns, and what is unfolded.

    A phone shows the column of the period `at`, and what `told` says below each line by its key. `opened` is as in
    `in_sight`.
    """

    metric: Metric
    year: Period
    show: str
    at: Period
    told: Mapping[str, str]
    opened: str | None = None

    def here(self, period: Period) -> str:
        """The class of a cell that a phone shows."""
        return " is-here" if period == self.at else ""


def shown(metric: Metric, value: int | None) -> str:
    """A target as its cell shows and accepts it: in the reader's money unit, per cent, or plain."""
    if value is None:
        return ""
    if metric.unit == "money":
        return str(render.amount(value)).replace("−", "-")
    if metric.unit == "rate":
        return f"{value * 100 / RATE_ONE:.1f}"
    return f"{wording.hours(value):f}" if metric.unit == "minutes" else f"{value:,}"


def cell_name(node: Node, period: Period) -> str:
    """The form field of one cell: subject and period."""
    return f"c|{node.subject.key}|{period.code}"


def line_url(subject: Subject, metric: Metric, year: Period) -> str:
    """The page of one line."""
    query = urlencode({"subject": subject.key, "metric": metric.code, "year": year.code})
    return f"{reverse('goals:line')}?{query}"


def head(year: Period, show: str) -> SafeString:
    """The header row: year, quarters, and under `month` each quarter's months beside it."""
    cells = [f'<th class="col-key" scope="col">{escape(_("Whose"))}</th>', _th(_("Whole year"), "num total")]
    for place, quarter in enumerate(year.split("quarter") if show != "year" else []):
        cells.append(_th(_("Q1|Q2|Q3|Q4").split("|")[place], "num sub"))
        if show == "month":
            cells += [_th(_month(month), "num") for month in quarter.split("month")]
    cells.append(_th(_("Parts together"), "grid-check"))
    return SafeString("".join(cells))


def _th(label: str, classes: str) -> str:
    return f'<th class="{classes}" scope="col">{escape(label)}</th>'


def _month(period: Period) -> str:
    names = _("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec").split("|")
    return names[period.start.month - 1]


def in_sight(node: Node, opened: str | None) -> Iterator[Node]:
    """A line and those below it that are drawn: of many people only those of the team that is opened.

    `opened` is the key of a team, empty for none; None draws everybody.
    """
    yield node
    for child in node.children:
        if opened is None or child.subject.level != Level.PERSON or opened == node.subject.key:
            yield from in_sight(child, opened)


def body(tops: Sequence[Node], look: Look) -> SafeString:
    """All rows in sight, parents before their children; territories, customers and products after teams and people."""
    lines, level = [], ""
    for top in tops:
        lines.append(group_head(top, level, COLUMNS[look.show]))
        level = top.subject.level
        lines += _rows(top, look)
        lines.append(rest(top, look.metric))
    return SafeString("".join(lines))


def group_head(top: Node, before: str, columns: int) -> str:
    """The line above the first of several territories, customers or products, over all columns; empty elsewhere."""
    level = top.subject.level
    if level == before or level not in HEADS or (level == Level.TERRITORY and not before):
        return ""
    words = escape(HEADS[level])
    head = f'<th class="col-key" scope="rowgroup" colspan="2">{words}</th>'
    return f'<tr class="group">{head}<td colspan="{columns - 2}"></td></tr>'


def rest(top: Node, metric: Metric) -> str:
    """The way to those that are not drawn after a line."""
    if not top.rest:
        return ""
    words = escape(_("%(n)s more in the list") % {"n": f"{top.rest:,}"})
    query = escape(urlencode({"metric": metric.code, "level": top.subject.level}))
    url = reverse("target-lines:list")
    return f'<tr><th class="col-key muted" scope="row" colspan="2"><a href="{url}?{query}">{words}</a></th></tr>'


def _rows(node: Node, look: Look) -> Iterator[str]:
    """A line, all below it, and what of it nobody bears."""
    yield _row(node, look)
    for child in node.children:
        if look.opened is None or child.subject.level != Level.PERSON or look.opened == node.subject.key:
            yield from _rows(child, look)
    if look.metric.additive and node.difference is not None and node.difference < 0:
        yield _vacant(node, look)


def _vacant(node: Node, look: Look) -> str:
    """What the parts of a line leave: a vacant seat, or what is still to be given to somebody."""
    words = escape(_("Not given to anybody in %(name)s") % {"name": node.name})
    metric = look.metric
    cells = [_plain(metric, -(node.difference or 0), f"total{look.here(look.year)}")]
    quarters = look.year.split("quarter") if look.show != "year" else []
    for place, quarter in enumerate(quarters):
        months = node.open[3 * place : 3 * place + 3]
        known = [value for value in months if value is not None]
        cells.append(_plain(metric, sum(known) if known else None, f"sub{look.here(quarter)}"))
        if look.show == "month":
            each = zip(months, quarter.split("month"), strict=True)
            cells += [_plain(metric, value, look.here(month)) for value, month in each]
    level = min(node.depth + 1, 2)
    return (
        f'<tr class="grid-leaf grid-vacant" data-level="{level}"><th class="col-key muted" scope="row">{words}</th>'
        f'{"".join(cells)}<td class="grid-check"></td></tr>'
    )


def _plain(metric: Metric, value: int | None, classes: str) -> str:
    return f'<td class="num muted {classes}">{_figure(metric, value)}</td>'


def _row(node: Node, look: Look) -> str:
    level = min(node.depth, 2)
    kind = ROW_CLASS[0] if node.depth == 0 and node.children else ROW_CLASS[1] if node.children else ROW_CLASS[2]
    told = look.told.get(node.subject.key, "")
    below = f'<td class="grid-here">{told}</td>' if told else ""
    return (
        f'<tr class="{kind}" data-level="{level}">{_key(node, look)}{"".join(_cells(node, look))}'
        f'<td class="grid-check">{_check(node, look.metric)}</td>{below}</tr>'
    )


def _key(node: Node, look: Look) -> str:
    fold = ""
    if look.opened is not None and any(child.subject.level == Level.PERSON for child in node.children):
        asked = {"metric": look.metric.code, "year": look.year.code, "show": look.show, "at": look.at.code}
        fold = opener(node, asked, is_open=look.opened == node.subject.key)
    elif node.children and node.depth:
        words = escape(_("Show or hide the parts of %(name)s") % {"name": node.name})
        fold = (
            f'<button type="button" class="grid-fold" aria-expanded="true" aria-label="{words}">'
            f"{render.icon('chevron-down')}</button>"
        )
    url = escape(line_url(node.subject, look.metric, look.year))
    return f'<th class="col-key" scope="row">{fold}<a href="{url}">{escape(node.name)}</a>{_over(node)}</th>'


def opener(node: Node, asked: Mapping[str, str], *, is_open: bool) -> str:
    """The way to the people of a team where there are too many to draw them all; `asked` is the page's address."""
    query = urlencode({**asked, "open": "none" if is_open else node.subject.key})
    words = escape(_("Show or hide the parts of %(name)s") % {"name": node.name})
    icon = render.icon("chevron-down" if is_open else "chevron-right")
    return f'<a class="grid-fold" href="?{escape(query)}" aria-label="{words}">{icon}</a>'


def _over(node: Node) -> str:
    """What is given on top to the parts of a line."""
    if not node.over:
        return ""
    words = escape(_("The parts are given %(rate)s more than the target") % {"rate": render.percent(node.over)})
    return f' <span class="tag tag-line" title="{words}">+{render.percent(node.over)}</span>'


def _cells(node: Node, look: Look) -> Iterator[str]:
    metric = look.metric
    yield _cell(node, metric, look.year, node.year, f"total{look.here(look.year)}", locked=False)
    if look.show == "year":
        return
    months = look.year.split("month")
    for place, quarter in enumerate(look.year.split("quarter")):
        yield f'<td class="num sub{look.here(quarter)}">{_figure(metric, node.quarters[place])}</td>'
        if look.show == "month":
            for at in range(3 * place, 3 * place + 3):
                here = look.here(months[at])
                yield _cell(node, metric, months[at], node.months[at], here, locked=node.locked[at])


def _figure(metric: Metric, value: int | None) -> str:
    return escape(shown(metric, value)).replace("-", "−") if value is not None else "—"


def _cell(node: Node, metric: Metric, period: Period, value: int | None, classes: str, *, locked: bool) -> str:
    if locked:
        label = escape(_("locked"))
        lock = render.icon("lock", label)
        if node.may_set:
            words = escape(_("Unlock %(name)s %(period)s") % {"name": node.name, "period": period.code})
            lock = (
                f'<button class="lock-button" name="unlock" value="{node.subject.key}|{period.code}" '
                f'aria-label="{words}">{render.icon("lock")}</button>'
            )
        return f'<td class="cell is-locked num {classes}">{lock}{_figure(metric, value)}</td>'
    if not node.may_set:
        return f'<td class="num {classes}">{_figure(metric, value)}</td>'
    words = escape(f"{node.name} {period.code}")
    return (
        f'<td class="cell {classes}"><input class="cell-input" name="{cell_name(node, period)}" '
        f'value="{escape(shown(metric, value))}" inputmode="decimal" autocomplete="off" aria-label="{words}"></td>'
    )


def _check(node: Node, metric: Metric) -> str:
    """Whether the parts sum to the whole, in words and a sign."""
    if node.difference is None or not metric.additive:
        return ""
    told = ""
    if node.over:
        words = _("of %(whole)s") % {"whole": shown(metric, node.whole)}
        told = f"<small>{escape(words)}</small> "
    if node.difference == 0:
        equal = escape(_("equal"))
        return f"{told}{render.icon('check')} {equal}"
    gap = shown(metric, abs(node.difference))
    words = _("over by %(gap)s") if node.difference > 0 else _("short by %(gap)s")
    return f'{told}<span class="red">{escape(words % {"gap": gap})}</span>'
