"""The page of customers that may be one company: merge them, or say that they are two."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.apps.customers import pairing, pairs
from xiaoguan.apps.customers.models import Customer, PairCheck
from xiaoguan.apps.merging.declaring import pages_of_duplicates
from xiaoguan.kit import access, job, nav, toasts
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.models import Job
from xiaoguan.kit.pages import answers, jobs, options

PER_PAGE = 20


def _check(actor: Any) -> None:
    if not may_look(actor):
        raise Denied("change", Customer)


def may_look(actor: Any) -> bool:
    """Whether somebody could merge any customers at all."""
    return access.may(actor, "change", Customer) and access.may(actor, "delete", Customer)


def may_start(actor: Any) -> bool:
    """Whether somebody may have all customers compared: who looks after more than his own."""
    return may_look(actor) and access.grants(actor).scope("customers.customer", "change") in ("team", "all")


def page(request: HttpRequest) -> HttpResponse:
    """Groups of customers, the likeliest first; how the last look went, and how far a running one is."""
    actor: Any = request.user
    _check(actor)
    found = pairs.groups(actor)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    known = pairs.customers(list(shown), actor)
    running = Job.objects.filter(kind=pairing.KIND, state__in=Job.ACTIVE).select_related("actor").first()
    sees = running is not None and jobs.visible(actor).filter(pk=running.pk).exists()
    context = {
        "page_title": _("Duplicates"),
        "page_fact": ngettext("%(n)s group", "%(n)s groups", len(found)) % {"n": f"{len(found):,}"} if found else "",
        "groups": [
            {
                "group": group,
                "percent": round(group.likeness * 100),
                "rows": [
                    {"row": known[pk], "note": options.note(Customer.entity, known[pk], actor)}
                    for pk in group.ids[: pairs.LARGEST]
                    if pk in known
                ],
                "more": max(0, len(group.ids) - pairs.LARGEST),
            }
            for group in shown
        ],
        "page": shown,
        "check": PairCheck.objects.filter(pk=1).select_related("actor").first(),
        "running": running,
        "may_start": may_start(actor) and running is None,
        "entity": Customer.entity,
        "kinds": pages_of_duplicates(actor),
        "siblings": nav.siblings(Customer.entity, actor, request.path),
        "chapters": nav.others(Customer.entity, actor),
        **(jobs.facts(running, actor) if running is not None and sees else {"job": None}),
    }
    return TemplateResponse(request, "customers/pairs.html", context)


def look(request: HttpRequest) -> HttpResponse:
    """Have all customers compared now."""
    _check(request.user)
    if not may_start(request.user):
        raise Denied("change", Customer)
    total = access.everything(Customer, because=pairing.WHY).count()
    job.enqueue(pairing.KIND, actor=request.user, key=pairing.KIND, total=total)
    return answers.go(request, reverse("twins:pairs"))


def decide(request: HttpRequest) -> HttpResponse:
    """What somebody says of the ticked ones of a group: one company, or different ones."""
    actor: Any = request.user
    _check(actor)
    raws = request.POST.getlist("ids")[: pairs.LARGEST]
    ids = list(dict.fromkeys(int(raw) for raw in raws if raw.isascii() and raw.isdigit() and len(raw) < 19))
    if len(ids) < 2:
        raise Invalid({"": [_("Choose at least two customers that you may change.")]})
    if request.POST.get("act") == "merge":
        where = reverse(f"merging:compare_{Customer.entity.slug}")
        return answers.go(request, f"{where}?{urlencode({'ids': ','.join(map(str, ids))})}")
    done = pairs.part(ids, actor=actor)
    toasts.tell(request, _("Noted: these are different companies"), done.change)
    return answers.go(request, reverse("twins:pairs"))


nav.page("customers", gettext_lazy("duplicates"), "twins:pairs", icon="copy", position=70, shown=may_look)
