"""How deals look in lists and on the board."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.opportunities import stage_path
from xiaoguan.apps.opportunities.models import Deal, Product, Stage, Status
from xiaoguan.apps.opportunities.queries import stages, usual_days
from xiaoguan.kit import boards, columns, render
from xiaoguan.kit.columns import NOTHING, Reading
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.listing import Listing


@cache
def _base() -> str:
    return Entity.of(Deal).url("list")


def stuck_days(row: Any, reading: Reading) -> int | None:
    """Days in the stage of an open deal that stays longer than usual, else None."""
    usual = reading.once("usual_days", usual_days).get(row.stage_id)
    if usual is None or row.stage_since is None:
        return None
    days = (reading.today - row.stage_since).days
    return days if days > usual else None


@columns.cell(Deal, "stage", needs="stage_id stage_since")
def stage_cell(row: Any, reading: Reading) -> str:
    """The stage, with the days in amber where the deal is stuck."""
    name = escape((reading.titles(Stage) or {}).get(row.stage_id, ""))
    days = stuck_days(row, reading)
    if days is None:
        return name
    words = escape(_("%(days)s days in stage, longer than usual") % {"days": days})
    return f'{name} <span class="amber small" title="{words}">{escape(_("%(days)s d") % {"days": days})}</span>'


@columns.cell(Product, "price", unit=gettext_lazy("yuan"))
def price_cell(row: Any, reading: Reading) -> str:
    """Unit prices in yuan: in larger units they vanish."""
    with render.money_in("yuan"):
        return NOTHING if row.price is None else render.amount(row.price)


def _when(row: Any, reading: Reading) -> str:
    """The corner of a card: stuck days, the day of the signature, or the expected one."""
    days = stuck_days(row, reading)
    if days is not None:
        return stage_path.days_in_stage(days, 0)
    if row.status == Status.WON:
        return escape(_("won %(day)s")) % {"day": render.day(row.won_on)}
    if row.expected_on is None:
        return ""
    return escape(_("close %(day)s")) % {"day": render.day(row.expected_on)}


@boards.board(
    Deal,
    needs="name amount customer__short_name customer__name stage_id stage_since status expected_on won_on"
    " next_due next_note",
    order="next_due",
    columns=lambda listing: board_columns(listing),
)
def card(row: Any, reading: Reading) -> str:
    """Name, amount, customer, close or days stuck, next step."""
    url = f"{_base()}{row.pk}/"
    step = render.next_step(row.next_due, row.next_note, plan_url=f"{url}do/plan_next_step/", late_in_days=True)
    return (
        f'<a class="board-title" href="{url}">{escape(row.name)}</a>'
        f'<span class="board-amount">{render.amount(row.amount)}</span>'
        f'<span class="board-sub">{escape(row.customer__short_name or row.customer__name or "")}</span>'
        f'<span class="board-when">{_when(row, reading)}</span><div class="board-next">{step}</div>'
    )


def board_columns(listing: Listing) -> Sequence[boards.BoardColumn]:
    """Open and winning stages; lost and invalid ones only where a filter asks for them.

    On the board of one person a stage with more deals than it should have is marked.
    """
    asked = {each.name: each.raw for each in listing.filters}
    statuses = asked.get("status", "")
    wanted = {int(part) for part in asked.get("stage", "").split(",") if part.isascii() and part.isdigit()}
    pipelines = {int(part) for part in asked.get("pipeline", "").split(",") if part.isascii() and part.isdigit()}
    one = asked.get("owner", "").isdigit() or asked.get("owner") == "me"
    found = []
    for stage in stages():
        ended = not stage.is_open and not stage.wins
        if pipelines and stage.pipeline_id not in pipelines:
            continue
        if stage.pk in wanted or (not wanted and (not ended or stage.outcome in statuses.split(","))):
            found.append(boards.BoardColumn(stage.pk, str(stage), limit=stage.limit if one else None))
    return found
