"""The report drawn: the funnel as bars with step rates, the transitions as a heat table, the deviations as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from xiaoguan.apps.opportunities.models import Stage, Way
from xiaoguan.apps.opportunities.queries import stages
from xiaoguan.apps.process.queries import DIMENSIONS, Deviation, Dimension, Flow, Outcomes, Question, Row, names_of
from xiaoguan.calc.flow import FEW, Step, bottleneck, differ, interval, mean, percentile, rate
from xiaoguan.kit import render

MOST = 30
"""So many values of a dimension are shown; the others are together one row less to read."""


def _link(url: str, value: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, value)


def _count(url: str, n: int) -> SafeString:
    return _link(url, render.number(n)) if n else SafeString("0")


# The funnel -----------------------------------------------------------------------------------------------------------


def funnel(asked: Question, found: Flow) -> SafeString:
    """One bar per stage with the share that went on, what was lost, and how long it took."""
    widest = max((step.entered for step in found.steps), default=0) or 1
    worst = bottleneck(found.steps)
    rows = (
        _funnel_row(asked, stage, step, widest, marked=at == worst)
        for at, (stage, step) in enumerate(zip(asked.stages, found.steps, strict=True))
    )
    heads = (
        gettext("Stage"), gettext("Stays begun"), gettext("Went on"), gettext("Lost"), gettext("Went back"),
        gettext("Still there"), gettext("Days, median"), gettext("Days, 9 of 10"), gettext("Usual days"),
    )  # fmt: skip
    return format_html(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}"><table class="table table-plain funnel">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        gettext("Funnel"),
        _heads(heads, left=2),
        format_html_join("", "{}", ((row,) for row in rows)),
    )


def _heads(words: Sequence[str], *, left: int = 1) -> SafeString:
    return format_html_join(
        "", '<th scope="col"{}>{}</th>',
        ((SafeString("" if at < left else ' class="num"'), word) for at, word in enumerate(words)),
    )  # fmt: skip


def _funnel_row(asked: Question, stage: Stage, step: Step, widest: int, *, marked: bool) -> SafeString:
    def url(**where: Any) -> str:
        return asked.stays_url(stage=stage.pk, **where)

    median, long = percentile(step.days, 50), percentile(step.days, 90)
    slow = stage.expected_days is not None and median is not None and median > stage.expected_days
    cells = (
        _count(url(way=f"{Way.ON},{Way.SKIP}"), step.on),
        _count(url(way=Way.END), step.lost),
        _count(url(way=Way.BACK), step.back),
        _count(url(left_on="none"), step.still),
    )
    return format_html(
        '<tr{}><th scope="row">{}</th><td class="funnel-cell"><span class="funnel-bar" style="width:{}%"></span>'
        '<span class="funnel-n">{}</span></td><td class="num">{} <small class="muted">{}</small></td>'
        '<td class="num">{}</td><td class="num">{}</td><td class="num">{}</td>'
        '<td class="num{}">{}</td><td class="num">{}</td><td class="num dim">{}</td></tr>',
        SafeString(' class="is-worst"' if marked else ""),
        str(stage),
        f"{step.entered * 100 / widest:.1f}",
        _count(url(), step.entered),
        cells[0],
        render.percent(step.rate) if step.over else "",
        *cells[1:],
        " amber" if slow else "",
        _days(median),
        _days(long),
        _days(stage.expected_days),
    )


def _days(value: int | None) -> str:
    return "—" if value is None else str(render.number(value))


def sentence(asked: Question, found: Flow) -> str:
    """Which stage holds the process up, in one sentence with its figures, and how sure that is."""
    place = bottleneck(found.steps)
    if place is None:
        if not any(step.entered for step in found.steps):
            return gettext("Nothing entered a stage in this period.")
        return gettext("No stage loses deals in this period; there is no bottleneck.")
    step, stage = found.steps[place], asked.stages[place]
    words = gettext(
        "%(stage)s is the bottleneck: %(share)s of all days in stages were spent there, half of the deals stay"
        " %(days)s days or longer, and %(lost)s of those that leave it are lost."
    ) % {
        "stage": stage, "days": _days(percentile(step.days, 50)), "lost": render.percent(rate(step.lost, step.over)),
        "share": render.share(rate(step.spent, sum(each.spent for each in found.steps))),
    }  # fmt: skip
    if step.over < FEW:
        hint = ngettext(
            "That is one case: no more than a hint.", "Those are %(n)s cases: no more than a hint.", step.over
        ) % {"n": step.over}
        words = gettext("%(sentence)s %(more)s") % {"sentence": words, "more": hint}
    return words


# Transitions ----------------------------------------------------------------------------------------------------------


def matrix(asked: Question, found: Flow) -> SafeString:
    """From which stage deals went to which: the darker, the more of those that were there."""
    own = [stage for stage in stages() if stage.pipeline_id == asked.pipeline.pk]
    reached = {after for _stage, after in found.moves if after is not None}
    columns = [stage for stage in own if stage.is_open or stage.pk in reached]
    columns += [stage for stage in stages() if stage.pk in reached and stage not in own]
    head = [gettext("From"), *[str(stage) for stage in columns], gettext("Still there")]
    body = format_html_join("", "<tr>{}</tr>", ((_matrix_row(asked, found, stage, columns),) for stage in asked.stages))
    return format_html(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}">'
        '<table class="table table-plain flow-matrix"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        gettext("Transitions"),
        _heads(head),
        body,
    )


def _matrix_row(asked: Question, found: Flow, stage: Stage, columns: Sequence[Stage]) -> SafeString:
    order = {each.pk: at for at, each in enumerate(stages())}
    whole = sum(n for (came, _after), n in found.moves.items() if came == stage.pk) or 1
    cells = [format_html('<th scope="row">{}</th>', str(stage))]
    for column in [*columns, None]:
        n = found.moves.get((stage.pk, column.pk if column else None), 0)
        if column is not None and column.pk == stage.pk:
            cells.append(SafeString('<td class="num dim">·</td>'))
            continue
        where = {"next_stage": column.pk} if column else {"left_on": "none"}
        back = column is not None and column.is_open and order[column.pk] < order[stage.pk]
        cells.append(
            format_html(
                '<td class="num flow-cell{}" style="--share:{}%">{}{}</td>',
                " is-back" if back and n else "",
                f"{n * 100 / whole:.0f}",
                _count(asked.stays_url(stage=stage.pk, **where), n),
                format_html('<small class="muted"> {}</small>', render.share(rate(n, whole))) if n else "",
            )
        )
    return format_html_join("", "{}", ((cell,) for cell in cells))


# Deviations -----------------------------------------------------------------------------------------------------------


def names() -> dict[str, str]:
    """The deviations as the table calls them."""
    return {
        "skipped": gettext("Passed over a stage"),
        "went_back": gettext("Went back"),
        "waited": gettext("Waited longer than usual"),
    }


def deviations(asked: Question, found: Outcomes) -> SafeString:
    """Per deviation how many closed deals had it, the win rates with and without, and what that is worth."""
    rows = format_html_join("", "<tr>{}</tr>", ((_deviation(asked, each),) for each in found.deviations))
    heads = (gettext("Deviation"), gettext("Deals closed"), gettext("Win rate with it"), gettext("Win rate without"))
    return format_html(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}"><table class="table table-plain">'
        '<thead><tr>{}<th scope="col">{}</th></tr></thead><tbody>{}</tbody></table></div>',
        gettext("Deviations"),
        _heads(heads),
        gettext("What that says"),
        rows,
    )


def _deviation(asked: Question, each: Deviation) -> SafeString:
    url = asked.deals_url(**{"is": each.code, "status": "won,lost"})
    return format_html(
        '<th scope="row">{}</th><td class="num">{}</td><td class="num">{}</td><td class="num">{}</td><td>{}</td>',
        names()[each.code],
        _count(url, each.with_it[1]),
        _rate(each.with_it),
        _rate(each.without),
        verdict(each),
    )


def _rate(pair: tuple[int, int]) -> Any:
    """A win rate with the bounds the true one lies within."""
    if not pair[1]:
        return "—"
    low, high = interval(*pair)
    words = gettext("%(low)s – %(high)s") % {"low": render.share(low), "high": render.share(high)}
    return format_html('{} <small class="muted">{}</small>', render.percent(rate(*pair)), words)


def verdict(each: Deviation) -> str:
    """What may be said about a deviation, and what not."""
    if not each.with_it[1]:
        return gettext("No closed deal had it.")
    if min(each.with_it[1], each.without[1]) < FEW:
        return gettext("Too few cases to tell (%(n)s).") % {"n": min(each.with_it[1], each.without[1])}
    told = {1: gettext("These deals won more often."), -1: gettext("These deals won less often.")}
    return told.get(differ(each.with_it, each.without), gettext("No difference that chance could not make."))


# By a dimension -------------------------------------------------------------------------------------------------------


def breakdown(asked: Question, dimension: Dimension, rows: Sequence[Row], address: Any) -> SafeString:
    """One row per value: stays, step rate of every stage, days per stay; the name narrows the report to it."""
    shown = rows[:MOST]
    named = names_of(dimension, [row.value for row in shown])
    heads = [
        str(dimension.label),
        gettext("Stays begun"),
        *[str(stage) for stage in asked.stages],
        gettext("Days, median"),
        gettext("Days, average"),
    ]
    body = format_html_join("", "<tr>{}</tr>", ((_row(asked, dimension, row, named, address),) for row in shown))
    more = len(rows) - len(shown)
    note = (
        format_html('<p class="card-body muted">{}</p>', gettext("%(n)s more have fewer.") % {"n": more})
        if more
        else ""
    )
    return format_html(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}"><table class="table table-plain flow-by">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}",
        dimension.label,
        _heads(heads),
        body,
        note,
    )


def _row(asked: Question, dimension: Dimension, row: Row, named: Any, address: Any) -> SafeString:
    name = named.get(row.value) or gettext("None")
    lead = _link(address(**{dimension.code: row.value}), name) if row.value not in (None, "") else name
    where = {f"deal__{dimension.path}": row.value if row.value not in (None, "") else "none"}
    if dimension.path.endswith("city") and row.value:
        where = {f"deal__{dimension.path}": f"={row.value}"}
    cells = [
        format_html(
            '<th scope="row">{}</th><td class="num">{}</td>', lead, _count(asked.stays_url(**where), row.entered)
        )
    ]
    for stage, step in zip(asked.stages, row.steps, strict=True):
        url = asked.stays_url(stage=stage.pk, way=f"{Way.ON},{Way.SKIP}", **where)
        shown = _link(url, render.percent(step.rate)) if step.over else "—"
        few = format_html(' <small class="muted">({})</small>', step.over) if 0 < step.over < FEW else ""
        cells.append(format_html('<td class="num">{}{}</td>', shown, few))
    cells.append(format_html('<td class="num">{}</td>', _days(percentile(row.days, 50))))
    cells.append(format_html('<td class="num muted">{}</td>', _days(mean(row.days))))
    return format_html_join("", "{}", ((cell,) for cell in cells))


def chips(asked: Question, address: Any) -> SafeString:
    """What the report is narrowed to, each with a way out."""
    by_path = {each.path: each for each in DIMENSIONS}
    found = []
    for path, value in asked.where:
        dimension = by_path[path]
        key = value if path.endswith("city") else int(value)
        name = names_of(dimension, [key]).get(key, value)
        found.append(render.chip(f"{dimension.label}: {name}", address(**{dimension.code: None})))
    return format_html_join("", "{}", ((chip,) for chip in found))
