"""The log of changes as a file: a line per changed field, in the words of who asked for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.audit import queries, searching, wording
from xiaoguan.apps.audit.models import AccessEntry, How
from xiaoguan.apps.audit.reading import LOG
from xiaoguan.kit import clock, history, job, reads
from xiaoguan.kit.export import harmless
from xiaoguan.kit.models import Job

AT_ONCE = 1000
"""Up to how many changes are sent with the answer."""
PORTION = 500
KIND = "audit.export"
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def answer(request: HttpRequest, filters: queries.Filters, data: Mapping[str, str], ending: str) -> HttpResponse:
    """The file itself, or the page of the job that makes it; either way the log says that it was exported."""
    actor: Any = request.user
    first = queries.search(filters, actor, limit=AT_ONCE)
    query = "&".join(f"{name}={value}" for name, value in data.items())[:1000]
    AccessEntry.objects.create(
        at=clock.machine_now(), actor=actor, how=How.EXPORT, entity=LOG, count=len(first.changes),
        query=query, where=reads.origin(request),
    )  # fmt: skip
    if first.next is not None:
        row = job.enqueue(KIND, {"filters": dict(data), "ending": ending}, actor=actor)
        return redirect("job", row.pk)
    out = TemporaryFile()  # noqa: SIM115  the response closes it
    _write(out, _lines([change.pk for change in first.changes], actor), ending)
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=_name(ending), content_type=TYPES[ending])


def download(request: HttpRequest, pk: int) -> HttpResponse:
    """What a finished job has written, for who started it."""
    row = Job.objects.filter(pk=pk, kind=KIND, actor=request.user, state=Job.State.DONE).first()
    path = (row.result or {}).get("path", "") if row is not None else ""
    if not path or not default_storage.exists(path):
        raise Http404
    ending = PurePosixPath(path).suffix.lstrip(".")
    return FileResponse(
        default_storage.open(path), as_attachment=True, filename=_name(ending), content_type=TYPES[ending]
    )


def _name(ending: str) -> str:
    return f"{_('Audit')} {clock.today().isoformat()}.{ending}"


def headers() -> list[str]:
    """The columns of the file."""
    return [
        _("Time"), _("Person"), _("Action"), _("Records"), _("Record"), _("Field"), _("Before"), _("After"),
        _("Source"), _("Note"),
    ]  # fmt: skip


def _lines(ids: list[int], actor: Any, beat: Callable[[], None] = lambda: None) -> Iterator[list[str]]:
    """A line per changed field, a single one for changes that touched none this reader may see."""
    for at in range(0, len(ids), PORTION):
        beat()
        changes = queries.loaded(ids[at : at + PORTION])
        for line in wording.lines(changes, actor, per_change=PORTION):
            when = clock.local(line.change.at).strftime("%Y-%m-%d %H:%M:%S")
            start, end = [when, str(line.who), line.action], [line.source, line.change.note]
            given = False
            for touched in line.touched:
                for each in touched.differences:
                    given = True
                    values = [each.label, history.plain(each.before), history.plain(each.after)]
                    yield [*start, touched.label, touched.title, *values, *end]
            if not given:
                yield [*start, line.label, line.title or line.count, "", "", "", *end]


def _write(out: IO[bytes], lines: Iterator[list[str]], ending: str) -> None:
    if ending == "csv":
        text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
        writer = csv.writer(text)
        writer.writerow(headers())
        writer.writerows([harmless(value) for value in line] for line in lines)
        text.flush()
        text.detach()
        return
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet()
    bold = book.add_format({"bold": True})
    page.set_column(0, 9, 20)
    for index, text in enumerate(headers()):
        page.write_string(0, index, text, bold)
    page.freeze_panes(1, 0)
    for number, line in enumerate(lines, start=1):
        for index, value in enumerate(line):
            page.write_string(number, index, value[:32767])
    book.close()


@job.job(KIND, label=gettext_lazy("Audit as a file"), lease=300, slow=True)
def run(run: job.Run) -> dict[str, Any]:
    """Write the whole filtered log into the files of the installation."""
    actor, ending = run.actor, run.payload["ending"]
    if not queries.may_read(actor):
        raise job.Fail(_("You may no longer read the audit."))
    filters = searching.filters_of(run.payload["filters"], actor)
    ids = [pk for pk, _at, matches in queries.ids(filters, actor) if matches]
    run.expect(len(ids))
    with TemporaryFile() as out:
        _write(out, _lines(ids, actor, run.beat), ending)
        out.seek(0)
        path = default_storage.save(f"audit/{run.row.pk}.{ending}", File(out))
    return {"path": path, "changes": len(ids), "url": reverse("audit:file", args=[run.row.pk])}
