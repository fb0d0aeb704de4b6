"""How the dictionary looks as a list: its tabs, what an empty one says, and codes as people read them."""

from __future__ import annotations

from html import escape
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics.models import Definition
from xiaoguan.kit import columns, nav, views
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.pages import emptiness

views.view(Definition, "used", _("In use"), "active=1&sort=category", position=10)
views.view(Definition, "own", _("Our own"), "shipped=0&sort=name", position=20)
views.view(Definition, "retired", _("Out of use"), "active=0&sort=category", position=30)
views.view(Definition, "all", _("All"), "sort=category", position=90)

nav.chapter("settings", _("Sales process"), "metrics.definition", position=20)

emptiness.teach(
    Definition,
    _("What the company measures: each metric says which facts it counts, who answers for it and who may see it."),
)


@columns.cell(Definition, "name", needs="name code")
def name_cell(row: Any, reading: Reading) -> str:
    """The name, built-in ones in the reader's language."""
    return escape(str(Definition(name=row.name, code=row.code)))
