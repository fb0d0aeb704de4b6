"""A quote as a PDF: its content as plain data for a fixed template, set by typst.

What somebody typed reaches typst as JSON and is set as text; it can't become markup or code. Cost, margin and floor
prices are not in the data at all, and neither is what is hidden from the reader.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _, pgettext

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.quotes import fonts
from xiaoguan.apps.quotes.models import Quote, Status
from xiaoguan.apps.quotes.numbering import house
from xiaoguan.calc.money import from_minor
from xiaoguan.files import keeping
from xiaoguan.kit import access
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.lexicon import capitals

TEMPLATE = Path(__file__).parent / "typst" / "quote.typ"
UNFINISHED = (Status.DRAFT, Status.APPROVING)


def pdf(quote: Quote, told: Mapping[str, Any], edition: int, *, actor: Any) -> bytes:
    """Set the content of a version (`content.of`, or one that was kept). Raises Refusal without a Chinese typeface."""
    if not fonts.chinese():
        raise Refusal(
            _("This quote can't be printed yet"),
            _("This machine has no Chinese typeface."),
            code="quote.no_font",
            rule=_("A quote is printed with the characters it has, not with empty boxes."),
            ways_out=[
                WayOut(
                    _("Have an administrator install one"),
                    hint=_("The package fonts-noto-cjk, or a folder of typefaces named by XIAOGUAN_FONTS."),
                    icon="settings",
                )
            ],
        )
    content = data(quote, told, edition, actor)
    with tempfile.TemporaryDirectory() as folder:
        content |= _pictures(Path(folder), sealed=not content["mark"])
        main = Path(shutil.copy(TEMPLATE, folder))
        made = typst.compile(str(main), root=folder, font_paths=fonts.found(), sys_inputs={"data": json.dumps(content)})
    assert isinstance(made, bytes)
    return made


def _pictures(folder: Path, *, sealed: bool) -> dict[str, str]:
    """Logo and seal as files beside the template, by name; empty where there is none. A draft has no seal."""
    known, found = house(), {"logo": "", "seal": ""}
    for name in found:
        stored = getattr(known, name)
        if stored is None or (name == "seal" and not sealed):
            continue
        file = folder / f"{name}.{stored.type.partition('/')[2]}"
        try:
            with keeping.open_stored(stored) as body, file.open("wb") as target:
                shutil.copyfileobj(body, target)
        except FileNotFoundError:
            continue
        found[name] = file.name
    return found


def data(quote: Quote, told: Mapping[str, Any], edition: int, actor: Any) -> dict[str, Any]:
    """What the template sets: texts only."""
    known, chinese = house(), (translation.get_language() or "").startswith("zh")
    title = f"{quote.number} V{edition}" if edition > 1 else str(quote.number)
    mine = company()
    current = edition == quote.edition
    rows = [known.address, *[f"{label} {text}" for label, text in (
        (_("Phone"), known.phone), (_("Tax number"), known.tax_number), (_("Bank"), known.bank)) if text]]  # fmt: skip
    return {
        "lang": "zh" if chinese else "en",
        "fonts": ["Inter", fonts.chinese()] if "Inter" in fonts.found().families() else [fonts.chinese()],
        "title": title,
        "mark": pgettext("quote", "Draft") if current and quote.status in UNFINISHED else "",
        "company": {"name": mine.name, "rows": [row for row in rows if row]},
        "customer": _customer(quote, told, actor),
        "facts": [
            [_("Quoted on"), told["quoted_on"] or ""],
            [_("Valid until"), told["valid_until"] or ""],
            [_("Our contact"), " ".join(part for part in (str(quote.owner or ""), _phone(quote.owner)) if part)],
        ],
        "lines": [_line(number, line) for number, line in enumerate(told["lines"], 1)],
        "sums": _sums(told),
        "total": money(told["amount"]),
        "to": told["customer"], "logo": "", "seal": "",
        "capitals": capitals.yuan(told["amount"]) if chinese else "",
        "terms": [
            [label, text]
            for label, text in (
                (_("Terms of payment"), told["payment_terms"]), (_("Delivery terms"), told["delivery"]),
                (_("Note"), told["note"]), (_("General terms"), known.terms),
            )
            if text
        ],
        "signs": [[_("Seller"), mine.name], [_("Customer"), told["customer"]]],
        "words": {
            "quote": _("Quote"), "page": _("Page {n} of {m}"), "total": _("Total, tax included"),
            "capitals": _("In capitals"), "stamp": _("Stamp and signature"), "date": _("Date:") + " " * 18,
            "columns": [_("No."), _("Product"), _("Quantity"), _("Unit"), _("Unit price"), _("Off"), _("Amount")],
        },
    }  # fmt: skip


def _customer(quote: Quote, told: Mapping[str, Any], actor: Any) -> list[list[str]]:
    """To whom it goes, as far as the reader may see it."""
    rows = [[_("Customer"), told["customer"]]]
    if told.get("contact") and access.may(actor, "view", Contact):
        rows.append([_("Attention"), told["contact"]])
    address = quote.customer.address if quote.customer else ""
    if address and "address" not in access.masked(actor, Customer):
        rows.append([_("Address"), address])
    rows.append([_("Subject"), told["name"]])
    return rows


def _phone(person: Any) -> str:
    return person.phone if person is not None else ""


def _line(number: int, line: Mapping[str, Any]) -> list[str]:
    off = f"{Decimal(line['discount']) / 1000:.1f}%" if line["discount"] else ""
    return [
        str(number), line["name"], plain(line["quantity"]), line["unit_name"], money(line["price"] or 0), off,
        money(line["amount"]),
    ]  # fmt: skip


def _sums(told: Mapping[str, Any]) -> list[list[str]]:
    rows = []
    if told["whole_discount"]:
        rate = f"{Decimal(told['whole_discount']) / 1000:.1f}%"
        rows += [[_("Subtotal"), money(told["subtotal"])],
                 [_("Discount of %(rate)s") % {"rate": rate}, money(told["amount"] - told["subtotal"])]]  # fmt: skip
    rows.append([_("Tax included"), money(told["tax"])])
    return rows


def money(fen: int) -> str:
    """Yuan to the fen with separators and a real minus: −1,234.50."""
    return f"{from_minor(fen):,.2f}".replace("-", "−")


def plain(quantity: str) -> str:
    """A quantity without trailing zeros: 12.500 is 12.5."""
    found = f"{Decimal(quantity):,f}"
    return found.rstrip("0").rstrip(".") if "." in found else found
