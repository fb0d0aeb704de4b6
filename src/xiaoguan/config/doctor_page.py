"""What ``xiaoguan doctor`` says, for administrators without a shell: what is wrong, and how to mend it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.operation.pages import may_look_after
from xiaoguan.config import diagnosis
from xiaoguan.kit import nav

ORDER = {"fail": 0, "warn": 1, "ok": 2}
TONES = {"fail": "red", "warn": "amber", "ok": "green"}
LABELS = {"fail": _("broken"), "warn": _("look at it"), "ok": _("in order")}


def doctor(request: HttpRequest) -> HttpResponse:
    """Every look, what is wrong first."""
    if not may_look_after(request.user):
        raise Http404
    found = sorted(diagnosis.examine(), key=lambda finding: ORDER[finding.state])
    wrong = sum(finding.state != "ok" for finding in found)
    context = {
        "page_title": gettext("State of the installation"),
        "fact": ngettext("%(n)s thing to look at", "%(n)s things to look at", wrong) % {"n": wrong} if wrong else "",
        "lines": [(finding, TONES[finding.state], LABELS[finding.state]) for finding in found],
    }
    return TemplateResponse(request, "operation/doctor.html", context)


nav.page("settings", _("State of the installation"), "doctor", icon="circle-check", position=88, shown=may_look_after)
nav.chapter("settings", _("Operation"), "doctor", position=59)
