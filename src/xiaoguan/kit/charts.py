"""Charts as safe HTML: a card with the drawing's data and the table of the same data behind an icon."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import render

# What would end a script element early.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
# Divisor of fen, decimals, and the unit that axes change to from 10,000 on with its factor.
_MONEY = {"wan": (1_000_000, 2, 10_000, "yi"), "k": (100_000, 1, 1_000, "M"), "yuan": (100, 2, 1, "")}
_CARD = """<section class="card tile {}" x-data="chartcard">
<header class="card-head"><h2>{}</h2><span class="fact">{}</span>{}</header>
<div class="chart-box"><div class="chart" data-chart role="img" aria-label="{}">
<template>{}</template></div></div>
<div class="chart-table visually-hidden">{}</div></section>"""
_TOGGLE = """<button type="button" class="btn chart-toggle needs-script" x-on:click="flip" aria-pressed="false"
aria-label="{0}" title="{0}">{1}</button>"""


def chart(
    spec: Mapping[str, Any], *, title: str, fact: str = "", sentence: str = "", size: str = "tile-6"
) -> SafeString:
    """A chart in its card.

    `spec`: kind (columns, line, stack, bars, heat), labels, series [{name, values, kind, links}] (heat: x, y, values),
    measure (money in fen, rate in 1/100,000, count). `sentence` is the chart's accessible name.
    """
    toggle = format_html(_TOGGLE, _("Show as a table"), render.icon("table"))
    return format_html(_CARD, size, title, fact, toggle, sentence or title, chart_data(spec), chart_table(spec))


def chart_data(spec: Mapping[str, Any]) -> SafeString:
    """The data of a chart as JSON that may stand inside a template element, with how figures are shown.

    No script: HTMX takes scripts out of what it swaps.
    """
    return SafeString(json.dumps({**spec, **_shown(spec)}, ensure_ascii=False).translate(_ESCAPES))


def _shown(spec: Mapping[str, Any]) -> dict[str, Any]:
    """How the browser turns stored integers into figures: divisor, decimals, unit word."""
    measure = spec.get("measure", "count")
    if measure == "money":
        divisor, decimals, factor, large = _MONEY[render.money_unit_code()]
        more = {"factor": factor, "large": render.unit_word(large)}
        return {"divisor": divisor, "decimals": decimals, "unit": render.money_unit(), **more}
    if measure == "rate":
        return {"divisor": 1000, "decimals": 1, "unit": "%"}
    return {"divisor": 1, "decimals": 0, "unit": spec.get("unit", "")}


def chart_table(spec: Mapping[str, Any]) -> SafeString:
    """The data of a chart as a table that can be read and copied."""
    measure = spec.get("measure", "count")
    rows: Iterable[tuple[str, Sequence[int | None]]]
    if spec["kind"] == "heat":
        heads, rows = list(spec["x"]), zip(spec["y"], spec["values"], strict=True)
    else:
        heads = [one["name"] for one in spec["series"]]
        rows = ((label, [one["values"][i] for one in spec["series"]]) for i, label in enumerate(spec["labels"]))
    head = "".join(f'<th class="num" scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(_row(str(label), values, measure) for label, values in rows)
    unit = escape(render.money_unit()) if measure == "money" else ""
    return SafeString(
        f'<table class="table table-plain"><thead><tr><td class="faint">{unit}</td>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _row(label: str, values: Sequence[int | None], measure: str) -> str:
    shown = {"money": render.amount, "rate": render.percent}.get(measure, render.number)
    cells = "".join(f'<td class="num">{shown(value)}</td>' for value in values)
    return f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>'
