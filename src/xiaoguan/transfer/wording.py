"""What the wizard's pages say about columns, rows and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.transfer.importer import Importer
from xiaoguan.transfer.models import ImportRow
from xiaoguan.transfer.slots import Slot

REASONS = {
    "chosen": gettext_lazy("as you chose"),
    "remembered": gettext_lazy("as last time"),
    "same_name": gettext_lazy("same name"),
    "synonym": gettext_lazy("known name"),
    "likely": gettext_lazy("probably, by its name"),
    "values": gettext_lazy("by its values"),
    "empty": gettext_lazy("the whole column is empty"),
    "unknown": gettext_lazy("name not known"),
    "taken": gettext_lazy("another column goes there"),
    "period": gettext_lazy("one value per period"),
}
NOTICES = {
    "named_as_text": gettext_lazy("The file is an Excel workbook whatever its name says, and was read as one."),
    "named_as_workbook": gettext_lazy("The file is text whatever its name says, and was read as text."),
    "mixed_encoding": gettext_lazy("Some rows are in another encoding than the rest; each of them is listed."),
}
LAYOUT = {
    "title": gettext_lazy("title row"),
    "unit": gettext_lazy("unit row"),
    "blank": gettext_lazy("blank row"),
    "header": gettext_lazy("header row"),
    "repeat": gettext_lazy("header again"),
    "subtotal": gettext_lazy("total row"),
    "note": gettext_lazy("remark row"),
    "duplicate": gettext_lazy("same as above"),
    "data": gettext_lazy("record row"),
}
RESULTS: dict[str, Any] = {
    "created": gettext_lazy("New"),
    "updated": gettext_lazy("Changed"),
    "unchanged": gettext_lazy("Unchanged"),
    "skipped": gettext_lazy("Skipped"),
    "errors": gettext_lazy("Problems"),
}
TONES = {"created": "accent", "updated": "", "unchanged": "", "skipped": "", "error": "red"}


def reason_of(column: Mapping[str, Any], slot: Slot | None) -> tuple[str, bool]:
    """Why a column goes where it goes, and whether somebody should look at it."""
    if slot is None:
        return str(REASONS[column["reason"]]), column["reason"] == "unknown" and bool(column["filled"])
    notes = [str(REASONS[column["reason"]])]
    if slot.is_person:
        notes = [_("found by name")]
    elif slot.is_link:
        notes = [_("found by name, in any spelling of width and script")]
    elif slot.is_amount and column["unit"]:
        notes = [_("%(unit)s recognised, kept in yuan") % {"unit": column["unit"]}]
    elif slot.is_date and column["styles"] > 1:
        notes = [ngettext("%(count)s way of writing recognised", "%(count)s ways of writing recognised",
                          column["styles"]) % {"count": column["styles"]}]  # fmt: skip
    if slot.is_date and not column["order_sure"]:
        return _("day first or month first? Choose."), True
    return _("; ").join(notes), column["reason"] == "likely"


def layout_sentence(found: Mapping[str, int]) -> str:
    """What else the sheet holds besides records and header."""
    parts = [
        _("%(count)s × %(what)s") % {"count": number, "what": LAYOUT[name]}
        for name, number in found.items()
        if name not in ("data", "header")
    ]
    return _(", ").join(parts)


def header_sentence(preview: Mapping[str, Any]) -> str:
    """Where the header is."""
    rows = preview["header"]
    if not rows:
        return _("no header")
    if len(rows) == 1:
        return _("header in row %(row)s") % {"row": rows[0]}
    return _("header in rows %(first)s to %(last)s, in levels") % {"first": rows[0], "last": rows[-1]}


def fix_label(fix: Mapping[str, Any] | None) -> str:
    """What the button says that settles a finding."""
    if not fix:
        return ""
    if "id" in fix:
        return _("Take %(name)s") % {"name": fix["label"]}
    if fix.get("blank"):
        return _("Import it empty")
    return ""


def parts_said(importer: type[Importer], counts: Mapping[str, Any]) -> list[str]:
    """What became of the records beside the main ones, one sentence per kind."""
    found = []
    for part in importer.parts:
        results = counts.get("parts", {}).get(part.name, {})
        if said := [f"{result_label(code)} {number}" for code, number in results.items() if number]:
            found.append(f"{part.entity.plural}: {_(', ').join(said)}")
    return found


def result_label(result: str) -> str:
    """One row's result as a tag."""
    return str(RESULTS.get(result) or ImportRow.Result(result).label)
