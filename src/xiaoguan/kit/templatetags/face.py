"""`{% load face %}`: icons, figures, dates and people in templates, by the functions that lists use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

from xiaoguan.kit import blocks, render
from xiaoguan.kit.errors import Refusal

register = template.Library()
_THEMES = ("auto", "light", "dark")
_DENSITIES = ("compact", "comfortable")


@register.simple_tag(name="icon")
def icon_tag(name: str, label: str = "", size: int = 16) -> SafeString:
    """`{% icon "plus" %}`: an icon of the sprite; give a label when no word stands beside it."""
    return render.icon(name, label, size=size)


@register.simple_tag
def person_circle(name: str, me: bool = False, large: bool = False) -> SafeString:
    """`{% person_circle user.name me=True %}`: the circle alone."""
    return render.person_circle(name, me=me, large=large)


@register.simple_tag
def money_unit() -> str:
    """`{% money_unit %}`: the unit word for column headers."""
    return render.money_unit()


@register.simple_tag(takes_context=True)
def toast(context: template.Context, text: str, undo: str = "", tone: str = "") -> SafeString:
    """`{% toast message.message message.extra_tags %}`: a message as a toast; its extra tag is the undo address."""
    request = context.get("request")
    address = undo if undo and undo.startswith("/") else ""
    return blocks.toast(text, address, token=get_token(request) if request and address else "", tone=tone)


@register.simple_tag
def look(request: HttpRequest | None) -> SafeString:
    """Attributes of `<html>` for theme and row height, from the reader's cookies."""
    cookies = request.COOKIES if request else {}
    theme = cookies.get("xiaoguan_theme", "auto")
    theme = theme if theme in _THEMES else "auto"
    density = cookies.get("xiaoguan_density", "compact")
    density = density if density in _DENSITIES else "compact"
    shown = "dark" if theme == "dark" else "light"
    return format_html('data-bs-theme="{}" data-theme-choice="{}" data-density="{}"', shown, theme, density)


@register.filter
def money(fen: int | None) -> SafeString:
    """An amount in fen with its small unit."""
    return render.money(fen)


@register.filter
def amount(fen: int | None) -> SafeString:
    """An amount in fen without its unit."""
    return render.amount(fen)


@register.filter
def money_exact(fen: int | None) -> SafeString:
    """An amount to the fen with its unit, for documents."""
    return render.money_exact(fen)


@register.filter
def percent(rate: int | None) -> SafeString:
    """A rate of 1/100,000 with one decimal."""
    return render.percent(rate)


@register.filter
def share(rate: int | None) -> SafeString:
    """A probability of 1/100,000 in whole per cent."""
    return render.share(rate)


@register.filter
def number(value: Any) -> SafeString:
    """A count with thousands commas."""
    return render.number(value)


@register.filter
def day(value: date | datetime | None) -> SafeString:
    """A date by the rules of the product."""
    return render.day(value)


@register.filter
def listed(things: Iterable[Any]) -> str:
    """Several things named one after the other."""
    return render.listed(things)


@register.filter
def moment(value: datetime | None) -> SafeString:
    """A moment by the rules of the product."""
    return render.moment(value)


@register.filter
def person(name: str) -> SafeString:
    """A person's circle and name."""
    return render.person(name)


@register.simple_tag
def next_step(due: date | None, text: str = "", plan_url: str = "") -> SafeString:
    """`{% next_step deal.next_due deal.next_note %}`: dot, date and words."""
    return render.next_step(due, text, plan_url=plan_url)


@register.simple_tag
def masked() -> SafeString:
    """Stands in the place of a field the reader may not see."""
    return render.masked()


@register.simple_tag
def refusal_card(refusal: Refusal) -> SafeString:
    """`{% refusal_card refusal %}`: cause, rule and ways out."""
    return blocks.refusal_card(refusal)
