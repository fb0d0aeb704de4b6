"""Sending a list as a file."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from xiaoguan.kit import access, allowance, export, reads
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid, TooMany
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.pages.list import flat

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 8 * 2**20


def export_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """`?_format=csv|xlsx` and the list's own address: every matching row, not only the page; many become a job."""
    if not access.may(request.user, "export", entity.model):
        raise Denied("export", entity.model)
    count(request.user)
    params = {name: value for name, value in flat(request.GET).items() if name != "_format"}
    listing = Listing(entity, request.user, params)
    sheet = export.Sheet(listing)
    if listing.sort and listing.problems:
        # A dropped filter would send more than was asked for.
        raise Invalid({"": listing.problems})
    form = "csv" if request.GET.get("_format", "xlsx") == "csv" else "xlsx"
    if export.later and listing.totals.count > settings.EXPORT_AT_ONCE:
        return export.later[0](request, listing, form)
    reads.tell(
        reads.Reading(
            request.user, "export", entity, count=lambda: listing.totals.count,
            fields=[each.path for each in sheet.columns], query=request.GET.urlencode(), where=reads.origin(request),
        )
    )  # fmt: skip
    if form == "csv":
        response = StreamingHttpResponse(export.csv_lines(sheet), content_type="text/csv; charset=utf-8")
        name = export.file_name(listing, "csv")
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the response closes it
    export.write_xlsx(sheet, out)
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=export.file_name(listing, "xlsx"), content_type=XLSX)


def count(actor: Any) -> None:
    """One more file for somebody; beyond the allowed ones of this minute he is asked to wait for the next.

    Counted where all processes see it: whole customer lists are what a stolen session is used for.
    """
    most = settings.EXPORTS_A_MINUTE
    if wait := allowance.take(f"exports:{actor.pk}", most):
        words = {"most": most, "wait": wait}
        cause = _("At most %(most)s files in a minute: the next one comes in %(wait)s seconds.") % words
        raise TooMany(wait, _("Too many files in a row"), cause)
