"""How the dictionary looks as a list: its tabs, what an empty one says, and codes as people read them."""

from __future__ import annotations

from html import escape
from typing import Any

from django.core.validators import slug_re
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.metrics import versions, wording
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
    """What it counts in words, what it counted before, and the ways to its figures and to another formula."""
    spec = metrics.get(row.code)
    if spec is None:
        text = _("This version of the program doesn't know all that it counts, so it has no figures.")
        return format_html('<div class="notice notice-amber">{}<p>{}</p></div>', render.icon("alert-triangle"), text)
    lines = versions.told(row, spec, actor)
    before = render_to_string("metrics/versions.html", {"lines": lines, "narrow": True}) if lines else ""
    ways = [(reverse("insight:metric", args=[row.code]), gettext("Its figures"))] if slug_re.match(row.code) else []
    if access.may(actor, "change", row):
        ways.append((Definition.entity.url("edit", row), gettext("Another formula")))
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
