"""What may be said of a field of each kind, as the builder of nested conditions offers and draws it."""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from xiaoguan.kit import controls, filters, kinds, render, spans, titles, wheres
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import Column
from xiaoguan.kit.form import fill_options

EMPTINESS = {"none": gettext_lazy("is empty"), "some": gettext_lazy("is not empty")}
FIGURES = {
    "ge": gettext_lazy("at least"),
    "le": gettext_lazy("at most"),
    "between": gettext_lazy("between"),
    "is": gettext_lazy("is"),
    "isnot": gettext_lazy("is not"),
}
AMONG = {"in": gettext_lazy("is one of"), "notin": gettext_lazy("is none of"), **EMPTINESS}
DAYS = {
    "word": pgettext_lazy("a date", "is in"),
    "last": gettext_lazy("in the last … days"),
    "next": gettext_lazy("in the next … days"),
    "ge": gettext_lazy("from"),
    "le": gettext_lazy("until"),
    "between": gettext_lazy("between"),
    "is": gettext_lazy("is"),
    **EMPTINESS,
}
OPS: dict[str, dict[str, Any]] = {
    "text": {
        "has": gettext_lazy("contains"),
        "hasnot": gettext_lazy("does not contain"),
        "is": gettext_lazy("is"),
        "isnot": gettext_lazy("is not"),
        **EMPTINESS,
    },
    "number": {**FIGURES, **EMPTINESS},
    "money": {**FIGURES, **EMPTINESS},
    "percent": {**FIGURES, **EMPTINESS},
    "date": DAYS,
    "moment": DAYS,
    "time": {"is": gettext_lazy("is"), **EMPTINESS},
    "choice": AMONG,
    "choices": {
        "in": gettext_lazy("has any of"),
        "all": gettext_lazy("has all of"),
        "notin": gettext_lazy("has none of"),
        **EMPTINESS,
    },
    "link": AMONG,
    "person": AMONG,
    "yesno": {"yes": gettext_lazy("yes"), "no": gettext_lazy("no")},
}
RAW = "raw"
"""What an address says and the builder has no operator for: it is kept as it stands."""
_DAYS = re.compile(r"(last|next)_(\d{1,4})_days")


def compose(kind: str, op: str, values: list[str]) -> str:
    """The text of a condition; empty while something is missing."""
    fixed = {"none": "none", "some": "!none", "yes": "1", "no": "0"}
    if op in fixed:
        return fixed[op]
    given = [value.strip() for value in values]
    if op == "between":
        low, high = (*given, "", "")[:2]
        return f"{low}..{high}" if low or high else ""
    first = next((value for value in given if value), "")
    if not first:
        return ""
    if op == "all":
        return kinds.ALL.join(value for value in given if value)
    if op in ("in", "notin"):
        return ("!" if op == "notin" else "") + ",".join(value for value in given if value)
    text = kind == "text"
    shapes = {
        "has": "{}",
        "hasnot": "!{}",
        "is": "={}" if text else "{}",
        "isnot": "!={}" if text else "!{}",
        "ge": "{}..",
        "le": "..{}",
        "word": "{}",
        "last": "last_{}_days",
        "next": "next_{}_days",
        RAW: "{}",
    }
    return shapes[op].format(first) if op in shapes else ""


def split(kind: str, raw: str) -> tuple[str, list[str]]:
    """The operator and values behind a condition's text: the opposite of `compose`."""
    if raw in ("none", "!none"):
        return ("none" if raw == "none" else "some"), []
    turned, bare = raw.startswith("!"), raw.removeprefix("!")
    if kind == "text":
        op, value = ("is", bare[1:]) if bare.startswith("=") else ("has", bare)
        return (f"{op}not" if turned else op), [value]
    if kind == "choices" and kinds.ALL in bare:
        return (RAW, [raw]) if turned else ("all", bare.split(kinds.ALL))
    if kind in ("choice", "choices", "link", "person"):
        return ("notin" if turned else "in"), bare.split(",")
    if kind == "yesno":
        return ("yes" if (raw == "1") else "no" if raw == "0" else RAW), [raw]
    if turned and (".." in bare or kind not in ("number", "money", "percent")):
        return RAW, [raw]
    if found := _DAYS.fullmatch(bare):
        return found[1], [found[2]]
    low, mark, high = bare.partition("..")
    if mark:
        return ("between", [low, high]) if low and high else ("ge", [low]) if low else ("le", [high])
    if bare in spans.WORDS:
        return "word", [bare]
    return ("isnot" if turned else "is"), [bare]


class Drawer:
    """Draws the places of the builder for one reader."""

    def __init__(self, reader: wheres.Reader, url: str) -> None:
        self.reader = reader
        self.url = url
        self.fields = [(name, filters.label(column)) for name, column in reader.fields.items()]
        self.fields += [(f"{filters.NAMED}:{code}", capfirst(str(e.label))) for code, e in reader.named.items()]

    def group(self, box: Any) -> SafeString:
        """A group: how its conditions go together, the conditions, and what can be added."""
        inside = [self.group(each) if each.is_group else self.test(each) for each in box.boxes]
        words = [("and", _("all of these hold")), ("or", _("at least one holds")), ("not", _("none of these holds"))]
        op = _select(f"_k.{box.at}", words, [box.op], _("How the conditions go together"), redraw=self.url)
        nest = _button(self.url, f"group:{box.at}", "stack-2", _("Group")) if box.may_nest else SafeString("")
        add = _button(self.url, f"add:{box.at}", "plus", _("Condition"))
        drop = _drop(self.url, box.at, _("Remove this group")) if box.at != "r" else SafeString("")
        return format_html(
            '<fieldset class="where-group"><legend class="visually-hidden">{}</legend>'
            '<div class="where-line">{}{}</div>{}<div class="where-line">{}{}</div></fieldset>',
            _("Group of conditions"),
            op,
            drop,
            SafeString("".join(inside)),
            add,
            nest,
        )

    def test(self, box: Any) -> SafeString:
        """One condition: field, operator, value."""
        at = box.at
        column = self.reader.fields.get(box.name)
        field = _select(f"_n.{at}", [("", _("Choose a field")), *self.fields], [box.name], _("Field"), redraw=self.url)
        former = controls.hidden(f"_m.{at}", box.name)
        op = value = SafeString("")
        if column is not None:
            known = OPS.get(column.kind.code, OPS["text"])
            chosen = box.op if box.op in known or box.op == RAW else next(iter(known))
            offered = [(code, str(text)) for code, text in known.items()]
            offered += [(RAW, _("as written"))] if chosen == RAW else []
            op = _select(f"_o.{at}", offered, [chosen], _("Operator"), redraw=self.url)
            value = self._value(f"_v.{at}", column, chosen, box.values)
        drop = _drop(self.url, at, _("Remove this condition"))
        return format_html('<div class="where-line where-test">{}{}{}{}{}</div>', field, former, op, value, drop)

    def _value(self, name: str, column: Column, op: str, values: list[str]) -> SafeString:
        """The control of a value; nothing where the operator says all."""
        kind, label = column.kind.code, _("Value")
        if op in ("none", "some", "yes", "no"):
            return SafeString("")
        if op == "word":
            return _select(name, [(code, str(text)) for code, text in spans.WORDS.items()], values, label)
        if op in ("in", "notin", "all"):
            return self._several(name, column, values)
        type_ = "date" if kind in ("date", "moment") and op in ("ge", "le", "between", "is") else "text"
        unit = {"money": _("yuan"), "percent": "%"}.get(kind, "")
        mode = ' inputmode="decimal"' if type_ == "text" and kind != "text" else ""
        ends = (*values, "", "")[: 2 if op == "between" else 1]
        words = [_("From"), _("To")] if op == "between" else [label]
        made = format_html_join(
            format_html('<span class="faint">{}</span>', _("to")),
            '<input class="form-control" type="{}" name="{}" id="{}-{}" value="{}" aria-label="{}"{}'
            ' autocomplete="off">',
            (
                (type_, name, name, index, value, word, SafeString(mode))
                for index, (value, word) in enumerate(zip(ends, words, strict=True))
            ),
        )
        return format_html("{}{}", made, format_html('<span class="faint">{}</span>', unit) if unit else "")

    def _several(self, name: str, column: Column, values: list[str]) -> SafeString:
        """Several of a closed list, or of a table; for people also me and my team."""
        kind = column.kind.code
        if kind in ("choice", "choices"):
            pairs = [(str(code), str(text)) for code, text in column.field.flatchoices if code != ""]
            return _select(name, pairs, values, _("Value"), many=True)
        model = column.field.related_model
        item = Input(name=name, label="", kind="link")
        fill_options(item, model, self.reader.actor)
        pairs = [("me", _("me")), ("team", _("everybody in my team"))] if kind == "person" else []
        if item.options_url:
            ids = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
            pairs += [(str(pk), text) for pk, text in titles.of_ids(model, ids, self.reader.actor).items()]
        else:
            pairs += [pair for pair in item.choices if pair[0]]
        return _select(name, pairs, values, _("Value"), many=True, options_url=item.options_url)


def _select(
    name: str,
    pairs: list[tuple[str, str]],
    chosen: list[str],
    label: str,
    *,
    many: bool = False,
    redraw: str = "",
    options_url: str = "",
) -> SafeString:
    """A list to choose from; one that decides what stands beside it redraws the form."""
    on = SafeString(" selected")
    options = format_html_join(
        "", '<option value="{}"{}>{}</option>', ((code, on if code in chosen else "", text) for code, text in pairs)
    )
    extra = SafeString(" multiple data-select") if many else SafeString("")
    if options_url:
        extra = format_html('{} data-options="{}"', extra, options_url)
    if redraw:
        extra = format_html('{} hx-get="{}" hx-include="closest form" hx-trigger="change"', extra, redraw)
    html = '<select class="form-select" name="{}" id="{}" aria-label="{}"{}>{}</select>'
    return format_html(html, name, name, label, extra, options)


def _button(url: str, verb: str, symbol: str, words: str) -> SafeString:
    html = (
        '<button class="btn btn-small btn-quiet" name="_do" value="{}" id="do-{}" hx-get="{}"'
        ' hx-include="closest form">{}{}</button>'
    )
    return format_html(html, verb, verb, url, render.icon(symbol), words)


def _drop(url: str, at: str, words: str) -> SafeString:
    html = (
        '<button class="btn btn-icon btn-quiet" name="_do" value="drop:{}" aria-label="{}" title="{}" hx-get="{}"'
        ' hx-include="closest form">{}</button>'
    )
    return format_html(html, at, words, words, url, render.icon("x"))
