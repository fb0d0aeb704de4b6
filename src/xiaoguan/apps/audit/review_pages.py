"""Pages of access reviews: the list, one review with its lines, and the finished document as a file."""

from __future__ import annotations

import csv
import io
from itertools import groupby
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.audit import reviewing
from xiaoguan.apps.audit.models import Decision, Review, ReviewLine
from xiaoguan.kit import clock, recent, toasts
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.export import harmless
from xiaoguan.kit.pages.answers import recent_login_required


def reviews(request: HttpRequest) -> HttpResponse:
    """All reviews, the newest first; a form to begin one."""
    if not reviewing.may_read(request.user):
        raise Http404
    if request.method == "POST":
        recent.require(request)
        name = request.POST.get("name", "").strip()[:80]
        if not name:
            raise Invalid({"name": [_("Type a name, such as the quarter.")]})
        return redirect("audit:review", reviewing.begin(name, actor=request.user).pk)
    rows = Review.objects.filter(deleted_at__isnull=True).select_related("finished_by", "created_by")
    counts = {
        "all_lines": Count("lines"),
        "open_lines": Count("lines", filter=Q(lines__decision=Decision.OPEN)),
        "removed": Count("lines", filter=Q(lines__decision=Decision.REMOVE)),
    }
    context = {
        "page_title": _("Access reviews"),
        "rows": rows.annotate(**counts).order_by("-pk"),
        "may_conduct": reviewing.may_conduct(request.user),
        "suggested": _("Review of %(day)s") % {"day": clock.today().isoformat()},
    }
    return TemplateResponse(request, "audit/reviews.html", context)


def _get(request: HttpRequest, pk: int) -> Review:
    review = Review.objects.select_related("finished_by").filter(pk=pk, deleted_at__isnull=True).first()
    if review is None or not reviewing.may_read(request.user):
        raise Http404
    return review


def _lines(review: Review) -> list[ReviewLine]:
    rows = review.lines.select_related("person", "person__unit", "decided_by")
    return list(rows.order_by("person__name", "person_id", "kind", "pk"))


def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One review: person by person what to keep and what to take away; locked once finished."""
    found = _get(request, pk)
    if request.method == "POST":
        return _decide(request, found)
    lines = _lines(found)
    for line in lines:
        line.told = told(line)  # type: ignore[attr-defined]
    people = [(person, list(group)) for person, group in groupby(lines, key=lambda line: line.person)]
    left = sum(line.decision == Decision.OPEN for line in lines)
    context = {
        "page_title": found.name,
        "page_fact": ngettext("%(n)s line undecided", "%(n)s lines undecided", left) % {"n": left} if left else "",
        "review": found,
        "people": people,
        "left": left,
        "may_conduct": reviewing.may_conduct(request.user) and found.finished_at is None,
        "intact": reviewing.is_intact(found) if found.finished_at else None,
    }
    return TemplateResponse(request, "audit/review.html", context)


@recent_login_required
def _decide(request: HttpRequest, found: Review) -> HttpResponse:
    """Store the decisions of the page; with `finish` the review is signed as well."""
    data = request.POST
    wanted = {}
    for name, value in data.items():
        head, _dash, key = name.partition("-")
        if head == "decision" and key.isascii() and key.isdigit() and len(key) < 19:
            wanted[int(key)] = (value, data.get(f"note-{key}", "").strip())
    if "keep_rest" in data:
        rest = found.lines.filter(decision=Decision.OPEN).values_list("pk", flat=True)
        wanted = dict.fromkeys(rest, (Decision.KEEP.value, "")) | {k: v for k, v in wanted.items() if v[0]}
    done = reviewing.decide(found, wanted, actor=request.user)
    if "finish" in data:
        reviewing.finish(found, actor=request.user)
        toasts.tell(request, _("%(name)s is signed and locked") % {"name": found})
    else:
        said = ngettext("%(n)s line decided", "%(n)s lines decided", len(done)) % {"n": len(done)}
        toasts.tell(request, said)
    return redirect("audit:review", found.pk)


def told(line: ReviewLine) -> list[str]:
    """The facts of a line in words."""
    facts = line.facts
    found = []
    if facts.get("since"):
        found.append(_("since %(day)s") % {"day": facts["since"]})
    if facts.get("until"):
        found.append(_("until %(day)s") % {"day": facts["until"]})
    reach = facts.get("reach")
    if reach:
        found.append(ngettext("reaches %(n)s person", "reaches %(n)s people", reach) % {"n": reach})
    if facts.get("exports"):
        said = ngettext("%(n)s export in 90 days", "%(n)s exports in 90 days", facts["exports"])
        found.append(said % {"n": facts["exports"]})
    if facts.get("tokens"):
        found.append(ngettext("%(n)s token", "%(n)s tokens", facts["tokens"]) % {"n": facts["tokens"]})
    last = parse_date(facts["last_login"]) if facts.get("last_login") else None
    found.append(_("last signed in %(day)s") % {"day": last.isoformat()} if last else _("never signed in"))
    return found


def document(request: HttpRequest, pk: int) -> HttpResponse:
    """The review as a CSV file, its digest in the last line."""
    found = _get(request, pk)
    if found.finished_at is None:
        raise Denied("export")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [_("Person"), _("Team"), _("Kind"), _("Right"), _("Facts"), _("Decision"), _("Note"), _("By"), _("Time")]
    )
    for line in _lines(found):
        row: list[Any] = [
            line.person, line.person.unit or "", line.get_kind_display(), line.subject, "; ".join(told(line)),
            line.get_decision_display(), line.note, line.decided_by or "",
            clock.local(line.decided_at).strftime("%Y-%m-%d %H:%M:%S") if line.decided_at else "",
        ]  # fmt: skip
        writer.writerow([harmless(str(value)) for value in row])
    when = clock.local(found.finished_at).strftime("%Y-%m-%d %H:%M:%S")
    writer.writerow([_("Signed"), str(found.finished_by), when, found.digest, found.previous])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{found.name}.csv")
    return response
