"""Pages of quotes: the table of lines with sums as one types, versions side by side, the PDF, the settings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.approvals import asking
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.apps.quotes import content, editing, printing
from xiaoguan.apps.quotes.approval import QUOTE
from xiaoguan.apps.quotes.models import House, Quote, QuoteVersion, Status
from xiaoguan.apps.quotes.numbering import house
from xiaoguan.files import uses
from xiaoguan.files.models import StoredFile
from xiaoguan.kit import access, reads, toasts
from xiaoguan.kit.action import Work
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.pages import answers

PRODUCTS = 500


def _get(request: HttpRequest, pk: int) -> Quote:
    rows = access.visible(Quote, request.user).select_related("customer", "deal", "owner", "contact")
    found: Quote = answers.get(Entity.of(Quote), request.user, pk, rows=rows)
    return found


# The table of lines ---------------------------------------------------------------------------------------------------


def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the lines in a table: arrows, Tab, blocks pasted from a spreadsheet; saved as one change."""
    quote = _get(request, pk)
    if not access.may(request.user, "change", quote):
        raise Denied("change", quote)
    if request.method != "POST":
        return _table(request, quote, editing.rows_of(quote), quote.whole_discount)
    rows = editing.read(quote, request.POST)
    discount = editing.whole(request.POST, quote)
    if any(row.errors for row in rows):
        return _table(request, quote, rows, discount, status=422)
    raw = request.POST.get("version", "")
    version = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None
    editing.write(quote, rows, discount, actor=request.user, version=version)
    toasts.tell(request, _("%(quote)s saved") % {"quote": quote})
    return redirect(Entity.of(quote).url("detail", quote))


def sums(request: HttpRequest, pk: int) -> HttpResponse:
    """What the table would add up to, while one types; nothing is written."""
    quote = _get(request, pk)
    rows = editing.read(quote, request.POST)
    return TemplateResponse(
        request, "quotes/sums.html", _sums(request, quote, rows, editing.whole(request.POST, quote))
    )


def _sums(request: HttpRequest, quote: Quote, rows: list[editing.Row], discount: int) -> dict[str, Any]:
    actor: Any = request.user
    found = editing.tried([row for row in rows if row.values or row.blank], discount)
    hidden = access.masked(actor, Quote)
    measures = {"amount": found.total, "discount": found.discount_rate, "below_floor": found.below_floor,
                "margin": found.margin_rate}  # fmt: skip
    return {
        "quote": quote, "sums": found, "rows": rows, "route": asking.choose(QUOTE, measures),
        "sees_margin": "margin_rate" not in hidden and "margin" not in hidden,
    }  # fmt: skip


def _table(
    request: HttpRequest, quote: Quote, rows: list[editing.Row], discount: int, status: int = 200
) -> HttpResponse:  # fmt: skip
    if status == 200:  # as stored: the sums read the same way as while typing
        data = {f"l-{row.index}-{name}": text for row in rows for name, text in row.raw.items()}
        data |= {f"l-{row.index}-id": str(row.line.pk) for row in rows if row.line is not None}
        rows = editing.read(quote, data)
    products = access.visible(Product, request.user).filter(active=True).order_by("name")
    context = {
        **_sums(request, quote, rows, discount),
        "page_title": quote, "page_fact": quote.customer or "", "discount": f"{discount / 1000:g}",
        "products": products.only("name", "code", "unit_name")[:PRODUCTS],
        "accepted": quote.status == Status.ACCEPTED, "frozen": quote.status in ("approved", "sent"),
    }  # fmt: skip
    return TemplateResponse(request, "quotes/lines.html", context, status=status)


# Versions -------------------------------------------------------------------------------------------------------------


def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions side by side: `?a=1&b=2`; without, the last two."""
    quote = _get(request, pk)
    kept = {each.edition: each for each in QuoteVersion.objects.filter(quote=quote).order_by("edition")}
    contents = {edition: each.content for edition, each in kept.items()}
    contents.setdefault(quote.edition, content.of(quote))
    numbers = sorted(contents)
    after = _number(request, "b", numbers, numbers[-1])
    before = _number(request, "a", numbers, max((n for n in numbers if n < after), default=after))
    hidden = access.masked(request.user, Quote)
    one, two = content.visible(contents[before], hidden), content.visible(contents[after], hidden)
    context = {
        "page_title": _("Versions of %(quote)s") % {"quote": quote}, "quote": quote, "numbers": numbers,
        "kept": kept, "before": before, "after": after, "one": one, "two": two,
        "lines": content.differences(one, two), "heads": _heads(one, two),
    }  # fmt: skip
    return TemplateResponse(request, "quotes/versions.html", context)


def _number(request: HttpRequest, name: str, known: list[int], otherwise: int) -> int:
    raw = request.GET.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 6 and int(raw) in known else otherwise


def _heads(one: dict[str, Any], two: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """The facts of the head that differ, by their labels."""
    entity = Entity.of(Quote)
    names = ("name", "valid_until", "payment_terms", "delivery", "note")
    return [
        (str(entity.column(name).label), one.get(name) or "—", two.get(name) or "—")
        for name in names
        if one.get(name) != two.get(name)
    ]


def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The quote on paper: as it stands, or `?version=` as it was kept."""
    quote = _get(request, pk)
    raw = request.GET.get("version", "")
    edition, told = quote.edition, None
    if raw:
        wanted = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 6 else 0
        kept = QuoteVersion.objects.filter(quote=quote, edition=wanted).first()
        if kept is None and wanted != quote.edition:
            raise Http404
        edition, told = wanted, kept.content if kept else None
    made = printing.pdf(quote, told or content.of(quote), edition, actor=request.user)
    reads.tell(reads.Reading(request.user, "open", Entity.of(quote), quote.pk, where=reads.origin(request)))
    response = HttpResponse(made, content_type="application/pdf")
    name = f"{quote.number}-V{edition}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment="save" in request.GET, filename=name)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# Settings -------------------------------------------------------------------------------------------------------------

PICTURES = ("logo", "seal")
FIELDS = ("address", "phone", "tax_number", "bank", "valid_days", "pattern", "payment_terms", "delivery", "terms")


def may_set(actor: Any) -> bool:
    """Whether somebody keeps head, terms and numbers of quotes."""
    return access.grants(actor).scope("quotes.house", "change") == "all"


def settings(request: HttpRequest) -> HttpResponse:
    """What quotes say about the company, and how they are numbered."""
    if not may_set(request.user):
        raise Http404
    row = house()
    errors: dict[str, list[Any]] = {}
    pictures = {name: _input(request, row, name) for name in PICTURES}
    if request.method == "POST":
        for name in FIELDS:
            text = request.POST.get(name, "").replace("\x00", "").strip()
            setattr(row, name, (int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0)
                    if name == "valid_days" else text)  # fmt: skip
        try:
            for name, picture in pictures.items():
                setattr(row, name, _picture(request, name, picture))
            return _keep(request, row)
        except Invalid as problem:
            errors = problem.errors
        for name, picture in pictures.items():
            picture.errors = [str(text) for text in errors.get(name, ())]
    fields = [(House._meta.get_field(name), getattr(row, name), errors.get(name, [])) for name in FIELDS]
    context = {"page_title": _("Quote settings"), "fields": fields, "pictures": pictures.values()}
    return TemplateResponse(request, "quotes/settings.html", context, status=422 if errors else 200)


def _input(request: HttpRequest, row: House, name: str) -> Input:
    """The input of a picture, with what is posted or kept."""
    field, kept = House._meta.get_field(name), getattr(row, name)
    raw = f"{kept.pk}/{kept.name}" if kept else ""
    raw = request.POST.get(name, "") if request.method == "POST" else raw
    return Input(name, capfirst(str(field.verbose_name)), kind="file", raw=raw, help=str(field.help_text))


def _picture(request: HttpRequest, name: str, item: Input) -> StoredFile | None:
    """The picture that was sent before; none takes it away."""
    if not item.raw:
        return None
    try:
        found = uses.visible_file(UUID(item.raw.partition("/")[0]), request.user)
    except (ValueError, Http404) as error:
        raise Invalid({name: [_("There is no such file.")]}) from error
    if not found.picture or found.type == "image/gif" or found.cleared_at is not None:
        raise Invalid({name: [_("Choose a PNG, JPEG or WebP picture.")]})
    return found


def _keep(request: HttpRequest, row: House) -> HttpResponse:
    values = {name: getattr(row, name) for name in (*FIELDS, *PICTURES)}
    with transaction.atomic():
        work = Work(request.user, "settings", House._meta.label_lower, undoable=False)
        held = House.objects.filter(pk=1).first()
        if held is None:
            work.create(House, {"id": 1, **values})
        else:
            for name, value in values.items():
                setattr(held, name, value)
            work.save(held)
        work.finish()
    toasts.tell(request, _("Quote settings saved"))
    return redirect("quote_pages:settings")
