"""Form controls by kind: forms, verbs, cells and filters draw the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import clock, kinds

LONG = "long"
CHIPS = "chips"
MANY = 12
"""More choices than this are found by typing instead of standing side by side."""


@dataclass
class Input:
    """One field as a form shows it: what it is, what was typed, what is wrong with it."""

    name: str
    label: str
    kind: str = "text"
    raw: str = ""
    required: bool = False
    help: str = ""
    errors: list[str] = field(default_factory=list)
    choices: Sequence[tuple[str, str]] = ()
    options_url: str = ""
    fill: Callable[[Input], None] | None = None
    """Finds the choices; called when they are drawn, as a form that is only read needs none."""
    max_length: int | None = None
    suggest: Callable[[], Sequence[str]] | None = None
    """What a text may be, as far as it is known; anything else may be typed too."""

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width of a form."""
        return self.kind == LONG

    @property
    def id(self) -> str:
        """The id of the control in the page."""
        return f"id_{self.name}"

    @property
    def control(self) -> SafeString:
        """The control alone."""
        return control(self)

    @property
    def html(self) -> SafeString:
        """Label, control, help and errors."""
        return labelled(self)


def control(item: Input, *, hint: str = "") -> SafeString:
    """The control of an input."""
    with_choices(item)
    if item.kind == CHIPS:
        return _chips(item)
    if item.kind == "choices":
        return _checks(item)
    if item.kind == "file":
        return _file(item)
    if item.kind in ("choice", "link", "person", "yesno"):
        return _select(item)
    if item.kind == LONG:
        return format_html(
            '<textarea class="form-control" rows="4"{}>{}</textarea>', _attributes(item, value=False), _shield(item.raw)
        )
    types = {
        "date": "date",
        "moment": "datetime-local",
        "time": "time",
        "email": "email",
        "phone": "tel",
        "link_url": "url",
    }
    made = format_html(
        '<input class="form-control" type="{}"{}>', types.get(item.kind, "text"), _attributes(item, value=True)
    )
    if item.suggest is not None:
        made = format_html("{}{}", made, datalist(item.id, item.suggest()))
    unit = {"money": _("yuan"), "percent": "%"}.get(item.kind)
    return format_html('<span class="input-unit">{}<span>{}</span></span>', made, unit) if unit else made


def datalist(control_id: str, words: Sequence[str], *, swap: bool = False) -> SafeString:
    """What the browser offers while one types into a control; with `swap` in place of what it offered before."""
    options = format_html_join("", '<option value="{}"></option>', ((word,) for word in words))
    oob = SafeString(' hx-swap-oob="true"') if swap else ""
    return format_html('<datalist id="{}_list"{}>{}</datalist>', control_id, oob, options)


def with_choices(item: Input) -> Input:
    """The input with its choices found."""
    if item.fill is not None:
        find, item.fill = item.fill, None
        find(item)
    return item


def _shield(text: str) -> SafeString:
    """A textarea swallows one leading line break."""
    return format_html("\n{}", text) if text.startswith(("\n", "\r")) else format_html("{}", text)


def _attributes(item: Input, *, value: bool) -> SafeString:
    described = [f"{item.id}_help"] if item.help else []
    described += [f"{item.id}_error"] if item.errors else []
    pairs: list[tuple[str, Any]] = [("id", item.id), ("name", item.name)]
    if value:
        pairs.append(("value", item.raw))
    if item.kind in ("number", "money", "percent"):
        # Amounts are typed in any style (12.5 with a unit, thousands commas), so it stays a text field.
        pairs += [("inputmode", "decimal"), ("autocomplete", "off")]
    if item.suggest is not None:
        pairs.append(("list", f"{item.id}_list"))
    if item.max_length:
        pairs.append(("maxlength", item.max_length))
    if item.required:
        pairs.append(("required", "required"))
    if described:
        pairs.append(("aria-describedby", " ".join(described)))
    if item.errors:
        pairs.append(("aria-invalid", "true"))
    return format_html_join("", ' {}="{}"', pairs)


def _select(item: Input) -> SafeString:
    """A list to choose from; a long one asks the server while one types."""
    options = [*item.choices]
    if not item.required or not any(value == item.raw for value, _label in options):
        options = [("", ""), *[pair for pair in options if pair[0] != ""]]
    html = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (
                value,
                SafeString(" selected") if str(value) == item.raw else "",
                label or ("—" if not item.options_url else ""),
            )
            for value, label in options
        ),
    )
    remote = format_html(' data-select data-options="{}"', item.options_url) if item.options_url else SafeString("")
    return format_html('<select class="form-select"{}{}>{}</select>', _attributes(item, value=False), remote, html)


def _file(item: Input) -> SafeString:
    """A file that is sent when it is chosen; the form carries what it is known by, so that nothing is sent twice."""
    return format_html(
        '<div class="file-field" x-data="filefield" data-keep="{}"><input type="hidden" name="{}" value="{}">'
        '<input class="form-control needs-script" type="file" id="{}"><span class="file-field-name">{}</span>'
        '<button type="button" class="btn btn-small btn-quiet" hidden>{}</button>'
        '<progress hidden max="100"></progress><p class="field-error" role="alert" hidden></p></div>',
        reverse("keep_file"),
        item.name,
        item.raw,
        item.id,
        item.raw.partition("/")[2],
        _("Remove"),
    )


def chips(choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices with one in front for saying nothing."""
    return [("", _("Not said")), *choices]


def _chips(item: Input) -> SafeString:
    """A few choices side by side: one tap, nothing to type."""
    described = format_html(' aria-describedby="{}_error"', item.id) if item.errors else ""
    checked = SafeString(" checked")
    made = format_html_join(
        "",
        '<label class="chip chip-choice"><input type="radio" name="{}" value="{}"{}>{}</label>',
        ((item.name, value, checked if value == item.raw else "", label) for value, label in item.choices),
    )
    return format_html('<div class="chips" id="{}"{}>{}</div>', item.id, described, made)


def _checks(item: Input) -> SafeString:
    """Several choices side by side; the hidden one tells a form with none ticked from one without the field."""
    chosen = item.raw.split(",")
    if len(item.choices) > MANY:
        html = '<option value="{}"{}>{}</option>'
        on = SafeString(" selected")
        rows = ((code, on if code in chosen else "", label) for code, label in item.choices)
        options = format_html_join("", html, rows)
        whole = '{}<select class="form-select" id="{}" name="{}" multiple data-select>{}</select>'
        return format_html(whole, hidden(item.name, ""), item.id, item.name, options)
    made = format_html_join(
        "",
        '<label class="chip chip-choice"><input type="checkbox" name="{}" value="{}"{}>{}</label>',
        ((item.name, code, SafeString(" checked" if code in chosen else ""), label) for code, label in item.choices),
    )
    return format_html('<div class="chips" id="{}">{}{}</div>', item.id, hidden(item.name, ""), made)


def labelled(item: Input) -> SafeString:
    """Label above, control, help, errors."""
    css = "field"
    css += " field-wide" if item.wide else ""
    css += " is-required" if item.required else ""
    css += " has-error" if item.errors else ""
    help_ = format_html('<p class="field-help" id="{}_help">{}</p>', item.id, item.help) if item.help else ""
    errors = (
        format_html('<p class="field-error" id="{}_error">{}</p>', item.id, " ".join(item.errors))
        if item.errors
        else ""
    )
    if item.kind in (CHIPS, "choices"):
        group = '<fieldset class="{}"><legend>{}</legend>{}{}{}</fieldset>'
        return format_html(group, css, item.label, control(item), help_, errors)
    return format_html(
        '<div class="{}"><label for="{}">{}</label>{}{}{}</div>',
        css,
        item.id,
        item.label,
        control(item),
        help_,
        errors,
    )


def raw_of(kind: kinds.Kind, value: Any) -> str:
    """A stored value as the text its control holds."""
    if value is None or value == "":
        return ""
    if kind.code == "money":
        return _short(Decimal(value).scaleb(-2))
    if kind.code == "percent":
        return _short(Decimal(value) * 100 / kinds.RATE_ONE)
    if kind.code == "date":
        return value.isoformat()
    if kind.code == "moment":
        return clock.local(value).strftime("%Y-%m-%dT%H:%M")
    if kind.code == "time":
        return value.strftime("%H:%M")
    if kind.code == "yesno":
        return "1" if value else "0"
    if kind.code == "choices":
        return ",".join(value)
    if kind.code == "file":
        return str(getattr(value, "token", value))
    if kind.code in ("link", "person"):
        return str(getattr(value, "pk", value))
    return str(value)


def _short(value: Decimal) -> str:
    """A decimal without an exponent and without zeros behind."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hidden(name: str, value: Any) -> SafeString:
    """A hidden input."""
    return format_html('<input type="hidden" name="{}" value="{}">', name, value)


def yes_no() -> list[tuple[str, str]]:
    """The two choices of a yes-no field."""
    return [("1", _("yes")), ("0", _("no"))]
