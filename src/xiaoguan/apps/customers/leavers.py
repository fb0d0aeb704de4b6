"""Contacts who have left their company: grey in lists, last and grey where a contact is picked."""

from __future__ import annotations

from html import escape
from typing import Any

from django.utils.translation import gettext as _

from xiaoguan.apps.customers.models import Contact
from xiaoguan.kit import access, columns, render
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages import options


@columns.cell(Contact, "name", needs="name left")
def name_cell(row: Any, reading: Reading) -> str:
    """The name, grey and marked where the reader may know that somebody has left."""
    told = reading.once(("contacts", "left"), lambda: access.readable(reading.actor, Entity.of(Contact), "left"))
    if not (told and row.left):
        return escape(row.name)
    return f'<span class="faint">{escape(row.name)}</span> {render.tag(_("has left"), "")}'


@options.away(Contact)
def has_left(row: Contact, actor: Any) -> str:
    """Why somebody is hardly the one meant."""
    return _("has left") if row.left and access.readable(actor, Entity.of(Contact), "left") else ""
