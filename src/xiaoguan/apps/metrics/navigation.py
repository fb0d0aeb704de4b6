"""How the dictionary looks as a list: its tabs, what an empty one says, and codes as people read them."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from django.core.validators import slug_re
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.models import Definition, MarketSize
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import CATEGORIES
from xiaoguan.apps.org.role_grid import PARTS
from xiaoguan.kit import access, columns, figures, nav, render, views
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.pages import emptiness

views.view(Definition, "used", _("In use"), "active=1&sort=category", position=10)
views.view(Definition, "own", _("Our own"), "shipped=0&sort=name", position=20)
views.view(Definition, "retired", _("Out of use"), "active=0&sort=category", position=30)
views.view(Definition, "all", _("All"), "sort=category", position=90)

nav.chapter("settings", _("Sales process"), "metrics.definition", position=20)
PARTS.update(CATEGORIES)

emptiness.teach(
    Definition,
    _("What the company measures: each metric says which facts it counts, who answers for it and who may see it."),
)


@columns.cell(Definition, "name", needs="name code")
def name_cell(row: Any, reading: Reading) -> str:
    """The name, built-in ones in the reader's language."""
    return escape(str(Definition(name=row.name, code=row.code)))


@figures.part(Definition, "left", position=5)
def formula_card(row: Definition, actor: Any) -> SafeString:
    """What it counts in words, now and before, with the ways to its figures and to another formula."""
    spec = metrics.get(row.code)
    if spec is None:
        text = _("This version of the program doesn't know all that it counts, so it has no figures.")
        return format_html('<div class="notice notice-amber">{}<p>{}</p></div>', render.icon("alert-triangle"), text)
    before = format_html_join(
        "", '<p class="muted small">{}</p>',
        ((gettext("Until %(day)s: %(words)s") % {
            "day": render.day(past.until),
            "words": wording.sentence(replace(spec, measure=past.measure, over=past.over)),
        },) for past in spec.past),
    )  # fmt: skip
    ways = (
        [(reverse("insight:metric", args=[row.code]), gettext("Its figures"))]
        if (sound := slug_re.match(row.code))
        else []
    )
    if sound and access.may(actor, "change", row):
        ways.append((reverse("metrics:define", args=[row.code]), gettext("Another formula")))
    links = format_html_join(" ", '<a class="btn btn-small" href="{}">{}</a>', ways)
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2></header>'
        '<div class="card-body stack stack-8"><p>{}</p>{}<p class="row">{}</p></div></section>',
        gettext("What is counted"), wording.sentence(spec), before, links,
    )  # fmt: skip


# Market sizes ----------------------------------------------------------------------------------------------------

views.view(MarketSize, "all", _("All"), "sort=-year", position=90)
nav.chapter("settings", _("Sales process"), "metrics.marketsize", position=22)


def _sees_markets(actor: Any) -> bool:
    return bool(access.may(actor, "view", MarketSize))


nav.page("insight", _("Market share"), "metrics:market", icon="chart-pie", position=26, shown=_sees_markets)
emptiness.teach(
    MarketSize,
    _("What is sold altogether in a province and a series in a year, where you know it from, and the share you want."),
)


@columns.cell(MarketSize, "category", needs="category")
def category_cell(row: Any, reading: Reading) -> str:
    """The series, or that it is all of them."""
    return escape(row.category or gettext("all series"))
