"""Small pieces of a page as safe HTML: figures, dates, tags, people, next steps.

Lists, boards and timelines are made of thousands of these, so each is one function and no template.
Everything follows the reader's language; amounts come in fen, rates in 1/100,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from django.templatetags.static import static
from django.utils import dateformat
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext as _, ngettext, pgettext

from xiaoguan.calc import figure
from xiaoguan.kit import clock

NOTHING = SafeString("—")
Unit = Literal["", "yuan", "wan", "k"]
Tone = Literal["", "accent", "amber", "red", "green", "line"]
StepState = Literal["overdue", "today", "later", "none"]

_preferred: ContextVar[Unit] = ContextVar("xiaoguan_money_unit", default="")


# --- Icons -----------------------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("dist/icons.svg")


def icon(name: str, label: str = "", *, size: int = 16) -> SafeString:
    """An icon of the sprite; with a label it is an image of that name, without it readers skip it."""
    classes = "icon" if size == 16 else f"icon icon-{size}"
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return SafeString(f'<svg class="{classes}" {named}><use href="{_sprite()}#{escape(name)}"></use></svg>')


# --- Numbers and money -----------------------------------------------------------------------------------------
@contextmanager
def money_in(unit: Unit) -> Iterator[None]:
    """Show amounts in the unit a person prefers, inside a `with` block; empty means the language's own."""
    token = _preferred.set(unit)
    try:
        yield
    finally:
        _preferred.reset(token)


def money_unit_code() -> Unit:
    """The reader's unit: his preference, else ten thousands in Chinese and thousands in English."""
    return _preferred.get() or ("wan" if (get_language() or "").startswith("zh") else "k")


def unit_word(unit: str) -> str:
    """A unit code as the reader's language writes it."""
    words = {"yuan": _("CNY"), "wan": _("wan"), "yi": _("yi"), "k": "k", "M": "M", "": ""}
    return words[unit]


def _figure(fen: int | None, *, sentence: bool = False, signed: bool = False) -> figure.Figure:
    unit = money_unit_code()
    if unit == "yuan":
        return figure.format_yuan(fen, signed=signed)
    if unit == "wan":
        return figure.format_wan(fen, sentence=sentence, signed=signed)
    return figure.format_compact_en(fen, unit=None if sentence else "k", signed=signed)


def _small_unit(shown: figure.Figure) -> str:
    gap = figure.NO_BREAK_SPACE if shown.unit in ("k", "M") else ""
    return f'<span class="unit">{gap}{escape(unit_word(shown.unit))}</span>' if shown.unit else ""


def money_unit() -> str:
    """The unit word of the reader's amounts, for column headers."""
    return unit_word(money_unit_code())


def amount(fen: int | None, *, signed: bool = False) -> SafeString:
    """The figure of an amount without its unit, for columns whose header says it."""
    return SafeString(_figure(fen, signed=signed).number)


def money(fen: int | None, *, signed: bool = False) -> SafeString:
    """An amount with a small grey unit; the tooltip gives it to the fen."""
    shown = _figure(fen, signed=signed)
    if not shown.unit:
        return NOTHING
    exact = f"{figure.format_yuan(fen).number} {escape(unit_word('yuan'))}"
    return SafeString(f'<span class="money nowrap" title="{exact}">{shown.number}{_small_unit(shown)}</span>')


def money_exact(fen: int | None, *, signed: bool = False) -> SafeString:
    """An amount to the fen with its unit, for documents about money owed or paid."""
    shown = figure.format_yuan(fen, signed=signed)
    return SafeString(f"{shown.number} {escape(unit_word('yuan'))}") if shown.unit else NOTHING


def money_text(fen: int | None, *, signed: bool = False) -> str:
    """An amount as plain text inside a sentence; very large ones change to the next unit."""
    shown = _figure(fen, sentence=True, signed=signed)
    return f"{shown.number}{figure.NO_BREAK_SPACE}{unit_word(shown.unit)}" if shown.unit else str(NOTHING)


def money_short(fen: int | None) -> str:
    """The figure of an amount with as few digits as a gauge needs: 68.6, 120."""
    unit = money_unit_code()
    if unit == "k":
        return figure.format_compact_en(fen, unit="k", decimals=0).number
    if unit == "yuan":
        return figure.format_yuan(fen).number.removesuffix(".00")
    return figure.format_wan(fen, decimals=1).number.removesuffix(".0")


def money_brief(fen: int | None) -> str:
    """An amount with one decimal and its unit, for a verdict: behind 5.8 wan."""
    unit = money_unit_code()
    if unit == "wan":
        shown = figure.format_wan(fen, sentence=True, decimals=1)
    else:
        shown = figure.format_yuan(fen) if unit == "yuan" else figure.format_compact_en(fen, decimals=1)
    return f"{shown.number}{figure.NO_BREAK_SPACE}{unit_word(shown.unit)}" if shown.unit else str(NOTHING)


def number(value: int | Decimal | None) -> SafeString:
    """A plain count or quantity with thousands commas and a true minus; unknown is a dash."""
    if value is None:
        return NOTHING
    text = f"{value.normalize():,f}" if isinstance(value, Decimal) else f"{value:,}"
    return SafeString(text.replace("-", figure.MINUS))


def percent(rate: int | None, *, signed: bool = False) -> SafeString:
    """A rate in per cent with one decimal."""
    return SafeString(figure.format_rate(rate, signed=signed))


def share(rate: int | None) -> SafeString:
    """A probability in whole per cent."""
    return SafeString(figure.format_rate(rate, decimals=0))


def delta(change: int | None, against: str) -> SafeString:
    """A change in per cent with what it is measured against: never one without the other."""
    return format_html('<span class="delta">{}</span>', _("%(change)s against %(period)s") % {
        "change": percent(change, signed=True), "period": against,
    })  # fmt: skip


# --- Dates -----------------------------------------------------------------------------------------------------
def _date_text(value: date, today: date) -> str:
    """A date as people write it this year (11/24, 24 Nov) or in another year (27/01/15, 15 Jan 2027)."""
    chinese = (get_language() or "").startswith("zh")
    if value.year == today.year:
        return f"{value:%m/%d}" if chinese else dateformat.format(value, "j M")
    return f"{value:%y/%m/%d}" if chinese else dateformat.format(value, "j M Y")


def day(value: date | datetime | None) -> SafeString:
    """A date by the rules of this product: today, yesterday, 11/24, 27/01/15."""
    if value is None:
        return NOTHING
    on = clock.local(value).date() if isinstance(value, datetime) else value
    today = clock.today()
    if on == today:
        return SafeString(escape(_("Today")))
    if on == today - timedelta(days=1):
        return SafeString(escape(_("Yesterday")))
    return SafeString(_date_text(on, today))


def weekday(value: date) -> str:
    """The short name of the day of the week."""
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")][value.weekday()]


def day_plan(value: date) -> SafeString:
    """A date with its weekday, where a plan is made."""
    return SafeString(f"{day(value)} {escape(weekday(value))}")


def day_heading(value: date) -> str:
    """A date in words with its weekday, beside the heading of a page about that day: Wed 18 Nov."""
    words = {"weekday": weekday(value), "day": dateformat.format(value, pgettext("format of day and month", "j M"))}
    return pgettext("weekday and day", "%(weekday)s %(day)s") % words


def day_edit(value: date | None) -> str:
    """A date as edit fields, documents and exports show it: 2026-11-27."""
    return value.isoformat() if value else ""


def moment(value: datetime | None) -> SafeString:
    """A moment: with the time for today and yesterday, as a date before; the tooltip has all of it."""
    if value is None:
        return NOTHING
    there = clock.local(value)
    near = there.date() >= clock.today() - timedelta(days=1)
    text = f"{day(there.date())} {there:%H:%M}" if near and there.date() <= clock.today() else day(there.date())
    return SafeString(f'<time datetime="{there.isoformat()}" title="{there:%Y-%m-%d %H:%M}">{text}</time>')


def days_overdue(days: int) -> str:
    """Words for being late by so many days."""
    return ngettext("%(days)s day overdue", "%(days)s days overdue", days) % {"days": days}


def listed(things: Iterable[Any]) -> str:
    """Several things named one after the other, with the comma of the reader's language."""
    return pgettext("between things of a list", ", ").join(map(str, things))


# --- Marks -----------------------------------------------------------------------------------------------------
def tag(text: Any, tone: Tone = "", *, symbol: str = "") -> SafeString:
    """A state on soft ground; at most two per row."""
    classes = f"tag tag-{tone}" if tone else "tag"
    return SafeString(f'<span class="{classes}">{icon(symbol) if symbol else ""}{escape(text)}</span>')


def chip(label: Any, drop_url: str, edit_url: str = "") -> SafeString:
    """A filter that is on: its words lead to editing it, its cross drops it."""
    dialog = ' hx-target="#dialogs" hx-swap="innerHTML" hx-push-url="false"'
    edit = f'<a href="{{0}}" hx-get="{{0}}"{dialog}>{{1}}</a>'
    words = format_html(edit, edit_url, label) if edit_url else format_html("<span>{}</span>", label)
    name = _("Drop the filter %(name)s") % {"name": label}
    cross = format_html('<a class="chip-x" href="{}" aria-label="{}">{}</a>', drop_url, name, icon("x"))
    return format_html('<span class="chip is-on">{}{}</span>', words, cross)


def count(value: int | None) -> SafeString:
    """A count beside a tab or a heading."""
    return SafeString(f'<span class="count">{number(value)}</span>')


def initials(name: str) -> str:
    """What stands in a person's circle: the last two characters of a Chinese name, initials of a Latin one."""
    words = name.split()
    if name.isascii() and len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return name.strip()[:2].upper() if name.isascii() else "".join(words)[-2:]


def person_circle(name: str, *, me: bool = False, large: bool = False) -> SafeString:
    """The circle of a person: grey for others, accent for the reader."""
    classes = "person-circle" + (" is-me" if me else "") + (" is-large" if large else "")
    return SafeString(f'<span class="{classes}" aria-hidden="true">{escape(initials(name))}</span>')


def person(name: str, *, me: bool = False, label: bool = True) -> SafeString:
    """A person's circle and name; without the label the name stays for readers and as a tooltip."""
    circle = person_circle(name, me=me)
    if label:
        return SafeString(f'<span class="person">{circle}{escape(name)}</span>')
    words = f'<span class="visually-hidden">{escape(name)}</span>'
    return SafeString(f'<span class="person" title="{escape(name)}">{circle}{words}</span>')


def masked() -> SafeString:
    """Stands in the place of a field the reader may not see."""
    return SafeString(f'<span class="masked">{escape(_("No access"))}</span>')


# --- Next step -------------------------------------------------------------------------------------------------
def step_state(due: date | None) -> StepState:
    """How urgent a next step is."""
    if due is None:
        return "none"
    today = clock.today()
    return "overdue" if due < today else "today" if due == today else "later"


def step_word(state: StepState) -> str:
    """The word of a state of next steps, for legends and readers."""
    words = {"overdue": _("Overdue"), "today": _("Today"), "later": _("Later"), "none": _("No next step")}
    return words[state]


def next_dot(state: StepState) -> SafeString:
    """The dot alone; its words must stand beside it."""
    return SafeString(f'<span class="dot dot-{state}" aria-hidden="true"></span>')


def next_step(due: date | None, text: str = "", *, plan_url: str = "", late_in_days: bool = False) -> SafeString:
    """The next step of a record: dot, date, words; without one the offer to plan it.

    `late_in_days` says how many days it is overdue (boards) in place of the date (lists).
    """
    state = step_state(due)
    dot = next_dot(state)
    if due is None:
        offer = format_html('<a class="next-date" href="{}">{}</a>', plan_url, _("Plan one")) if plan_url else ""
        words = escape(_("No next step"))
        return SafeString(f'<span class="next next-none">{dot}<span class="next-text">{words}</span>{offer}</span>')
    today = clock.today()
    late = (today - due).days
    said = day(due) if late <= 0 else escape(days_overdue(late)) if late_in_days else _date_text(due, today)
    spoken = f'<span class="visually-hidden">{escape(_("Overdue"))}</span>' if late > 0 and not late_in_days else ""
    date_part = f'<span class="next-date">{spoken}{said}</span>'
    text_part = f'<span class="next-text" title="{escape(text)}">{escape(text)}</span>' if text else ""
    return SafeString(f'<span class="next next-{state}">{dot}{date_part}{text_part}</span>')


def legend(states: Sequence[StepState] = ("overdue", "today", "later", "none")) -> SafeString:
    """What the dots of a board or list mean."""
    parts = "".join(f"<span>{next_dot(state)}{escape(step_word(state))}</span>" for state in states)
    return SafeString(f'<span class="legend">{parts}</span>')
