"""What the leaderboard looks like: the rows of its table, and the short list of a tile."""

from __future__ import annotations

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext, pgettext

from xiaoguan.apps.dashboards.ranking import Board, Row, upper
from xiaoguan.apps.metrics import wording
from xiaoguan.kit import render
from xiaoguan.kit.gauges import bar


def movement(row: Row) -> SafeString:
    """How many places a row went up or down, by an arrow and in words for readers."""
    if row.moved is None or row.place is None:
        return SafeString("")
    if row.moved == 0:
        return format_html('<span class="faint" title="{}">=</span>', _("same place as before"))
    if row.moved > 0:
        words = ngettext("%(n)d place up", "%(n)d places up", row.moved) % {"n": row.moved}
        return format_html('<span class="green" title="{0}">▲{1}</span>', words, row.moved)
    words = ngettext("%(n)d place down", "%(n)d places down", -row.moved) % {"n": -row.moved}
    return format_html('<span class="muted" title="{0}">▼{1}</span>', words, -row.moved)


def place(row: Row) -> str:
    """The place, with a sign where it is shared."""
    if row.place is None:
        return "—"
    return f"{row.place}=" if row.tied else str(row.place)


def table_rows(board: Board) -> SafeString:
    """The lines of the leaderboard's page."""
    return SafeString("".join(_line(board, row) for row in board.rows))


def _line(board: Board, row: Row) -> str:
    metric = board.metric
    classes = ' class="is-me"' if row.mine else ""
    name = (
        f'<span class="only-phone muted">{place(row)} </span><a href="{escape(row.url)}"><b>{escape(row.name)}</b></a>'
    )
    if row.mine and board.by == "person":
        name += f" {render.tag(_('me'), 'accent')}"
    if row.team:
        name += f' <span class="muted small not-phone">{escape(row.team)}</span>'
    share = escape(pgettext("of the whole", "Share"))
    said = f"{row.name} {wording.shown(metric, row.value)}"
    drawn = bar(max(row.value or 0, 0), board.largest, said, thin=True) if metric.additive else ""
    aim = f'<td class="num p0">{wording.reached(metric, row.value, row.target)}</td>' if board.aimed else ""
    return (
        f"<tr{classes}>"
        f'<td class="num rank-place p0">{place(row)}</td><td class="rank-moved p0">{movement(row)}</td>'
        f'<td class="col-key p1">{name}</td><td class="rank-bar p0">{drawn}</td>'
        f'<td class="only-phone p2">{_below(board, row)}</td>'
        f'<td class="num p1r"><a href="{escape(row.url)}">{wording.shown(metric, row.value)}</a></td>'
        f'<td class="num p2r"><span class="only-phone">{share} </span>{render.percent(row.share)}</td>{aim}'
        f'<td class="num p0 muted">{wording.shown(metric, row.before)}</td></tr>'
    )


def _below(board: Board, row: Row) -> SafeString:
    """What stands below a name on the phone: its team, how much of the target, the way since the period before."""
    reached = _("reached %(share)s") % {"share": wording.reached(board.metric, row.value, row.target)}
    parts = [row.team, reached if row.target is not None else "", movement(row)]
    return format_html_join(" · ", "{}", ((part,) for part in parts if part))


def short_list(board: Board, most: int, *, linked: bool = True) -> SafeString:
    """The first rows as a rank list, and the reader's own where it is further down.

    Where anybody walks by (not `linked`) nothing leads further, and only the upper half is told.
    """
    rows = board.rows[:most] + [row for row in board.rows[most:] if row.mine]
    if not linked:
        rows = [row for row in board.rows if row.place is not None and row.place <= upper(board.ranked)][:most]
    aimed = 2 * sum(row.target is not None for row in rows) > len(rows)  # else one would read nothing but dashes
    lines = [
        format_html(
            '<li{}><span class="rank-place">{}</span>{}{}'
            '<span class="num">{}</span><span class="num muted">{}</span></li>',
            SafeString(' class="is-me"') if row.mine and linked else "",
            place(row),
            _name(row, linked=linked),
            _bar(board, row),
            wording.shown(board.metric, row.value),
            wording.reached(board.metric, row.value, row.target) if aimed else render.percent(row.share),
        )
        for row in rows
    ]  # fmt: skip
    return SafeString(f'<ol class="rank rank-placed">{"".join(lines)}</ol>')


def _bar(board: Board, row: Row) -> SafeString:
    said = f"{row.name} {wording.shown(board.metric, row.value)}"
    return bar(max(row.value or 0, 0), board.largest, said, thin=True)


def _name(row: Row, *, linked: bool) -> SafeString:
    if not linked:
        return format_html('<span class="rank-name">{}</span>', row.name)
    return format_html('<a class="rank-name" href="{}">{}</a>', row.url, row.name)
