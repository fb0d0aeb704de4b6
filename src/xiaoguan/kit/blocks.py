"""Larger pieces of a page as safe HTML: empty states, refusals, toasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import render
from xiaoguan.kit.errors import Refusal


@dataclass(frozen=True)
class Act:
    """A button or link: its words, where it leads, its icon."""

    label: str
    url: str
    icon: str = ""


def empty(
    title: str,
    text: str = "",
    *,
    action: Act | None = None,
    other: Act | None = None,
    note: str = "",
    preview: str = "",
) -> SafeString:
    """An empty page: what belongs here, one filled act, one quiet one; `preview` is safe HTML of what it looks like."""
    parts = [format_html("<h2>{}</h2>", title)]
    if text:
        parts.append(format_html('<p class="empty-text">{}</p>', text))
    acts = []
    if action:
        symbol = render.icon(action.icon) if action.icon else ""
        classes = "btn btn-primary btn-large"
        acts.append(format_html('<a class="{}" href="{}">{}{}</a>', classes, action.url, symbol, action.label))
    if other:
        acts.append(format_html('<a href="{}">{}</a>', other.url, other.label))
    if acts:
        parts.append(format_html('<p class="empty-acts">{}</p>', SafeString("".join(acts))))
    if note:
        parts.append(format_html('<p class="empty-note">{}</p>', note))
    side = format_html('<div class="empty-preview" aria-hidden="true">{}</div>', SafeString(preview)) if preview else ""
    classes = "empty" if preview else "empty empty-solo"
    return format_html('<div class="{}"><div>{}</div>{}</div>', classes, SafeString("".join(parts)), side)


def nothing_here(text: str) -> SafeString:
    """An empty part of a card: one sentence."""
    return format_html('<p class="empty-small">{}</p>', text)


def refusal_card(refusal: Refusal) -> SafeString:
    """The body of a refusal: cause, rule with its code, ways out."""
    title = format_html(
        '<div class="dialog-head">{}<h2 id="dialog-title">{}</h2></div>', render.icon("hand-stop"), refusal.title
    )
    facts = [(_("Rule"), refusal.rule), (_("Set by"), refusal.set_by), (_("Rule code"), refusal.code)]
    rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", [(label, value) for label, value in facts if value])
    rule = format_html('<div class="well"><dl class="facts">{}</dl></div>', rows)
    ways = ""
    if refusal.ways_out:
        items = "".join(_way(way, first=index == 0) for index, way in enumerate(refusal.ways_out))
        ways = format_html('<h3>{}</h3><ul class="ways">{}</ul>', _("You can"), SafeString(items))
    return format_html('<div class="refusal">{}<p>{}</p>{}{}</div>', title, refusal.cause, rule, ways)


def _way(way: Any, *, first: bool) -> str:
    words = format_html("<span>{}<small>{}</small></span>", way.label, way.hint)
    classes = "btn btn-small btn-primary" if first else "btn btn-small"
    button = format_html('<a class="{}" href="{}">{}</a>', classes, way.url, _("Do this")) if way.url else ""
    return format_html("<li>{}{}{}</li>", render.icon(way.icon), words, button)


def refusal_dialog(refusal: Refusal) -> SafeString:
    """The refusal as a dialog, for answers that go to #dialogs."""
    close = format_html(
        '<form method="dialog" class="dialog-foot"><button class="btn btn-quiet">{}</button></form>', _("Close")
    )
    body = refusal_card(refusal)
    return format_html('<dialog class="dialog" aria-labelledby="dialog-title">{}{}</dialog>', body, close)


def toast(text: str, undo: str = "", *, token: str = "", tone: str = "") -> SafeString:
    """One toast; `undo` is the address that a POST reverts at, `token` its CSRF token for pages without script."""
    back = ""
    if undo:
        hidden = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token) if token else ""
        back = format_html(
            '<form method="post" action="{0}" hx-post="{0}" hx-swap="none">{1}'
            '<button class="toast-undo">{2}</button></form>',
            undo,
            hidden,
            _("Undo"),
        )
    cross, close_word = render.icon("x"), _("Close")
    close = format_html(
        '<button type="button" class="toast-close needs-script" aria-label="{}">{}</button>', close_word, cross
    )
    said = format_html('<span class="toast-text">{}</span>', text)
    classes = "toast toast-red" if tone in ("error", "red") else "toast"
    return format_html('<div class="{}" data-toast>{}{}{}</div>', classes, said, back, close)
